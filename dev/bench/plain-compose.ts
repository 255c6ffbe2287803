import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { DEPLOYMENT_DIR } from "../../test/drill/host-facts.ts"
import { HA2_HOSTS, type Site } from "../../test/drill/site.ts"

/** Which node of the preset lies on which host. */
const NODES = { "sen-1": "sentry-1", "sen-2": "sentry-2", "val-1": "node-1", "val-2": "node-2" } as const
const CANDIDATES = { "val-1": "node-1", "val-2": "node-2" } as const

/** A signer may begin at height 0 because this site's key is new and its chain has never seen it sign. */
const FIRST_STATE = JSON.stringify({ height: "0", round: "0", step: 0, block_id: null })

/** Puts everything on the hosts that plain compose needs, as one would by hand; nothing runs yet. */
export async function layOut({ lab, operator }: Site): Promise<void> {
  const stage = (host: string, path = "") => join(lab.dir, "plain", host, path)
  const secret = (path: string) => operator.path(join(".gonka-ha", "secrets", path))
  for (const host of HA2_HOSTS) cpSync(operator.path(join("rendered", host)), stage(host), { recursive: true })
  for (const [host, node] of Object.entries(NODES))
    cpSync(secret(`nodes/${node}`), stage(host, `secrets/nodes/${node}`), { recursive: true })
  for (const [host, node] of Object.entries(CANDIDATES)) {
    cpSync(secret(`parking/${node}`), stage(host, `secrets/parking/${node}`), { recursive: true })
    write(stage(host, `nodes/${node}/parking/control/owner`), node === "node-1" ? "validator\n" : "parking\n")
  }
  cpSync(secret("validators/main"), stage("sig-1", "secrets/signers/main"), { recursive: true })
  write(stage("sig-1", "signers/main/state/priv_validator_state.json"), FIRST_STATE)
  for (const [name, word] of Object.entries({ aim: "node-1", floor: "0", epoch: "0" })) {
    write(stage("sig-1", `signers/main/control/${name}`), `${word}\n`)
  }
  await Promise.all(HA2_HOSTS.map((host) => push(lab.sshConfig, host, stage(host))))
}

/** Everything at once on every host. */
export async function composeUp({ lab }: Site): Promise<void> {
  await Promise.all(
    HA2_HOSTS.map((host) => execa("ssh", ["-F", lab.sshConfig, host, `cd ${DEPLOYMENT_DIR} && docker compose up -d`], { stdin: "ignore" })),
  )
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content, { mode: 0o600 })
}

async function push(sshConfig: string, host: string, dir: string): Promise<void> {
  const unpack = `mkdir -p ${DEPLOYMENT_DIR} && tar --extract --directory=${DEPLOYMENT_DIR}`
  await execa("tar", ["--create", "--numeric-owner", `--directory=${dir}`, "."], { encoding: "buffer" }).pipe("ssh", [
    "-F",
    sshConfig,
    host,
    unpack,
  ])
}
