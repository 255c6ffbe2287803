import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { DEPLOYMENT_DIR } from "../../test/drill/host-facts.ts"
import type { Site } from "../../test/drill/site.ts"
import { timedSeconds } from "./timed-seconds.ts"

/** What `up` itself waits for before it says that it is done. */
const SIGNED_BLOCKS = 2

/** A signer may begin at height 0 because this site's key is new and its chain has never seen it sign. */
const FIRST_STATE = JSON.stringify({ height: "0", round: "0", step: 0, block_id: null })

/** From files in place to two blocks signed in a row, as it is measured for `up`. */
export async function plainSeconds(site: Site): Promise<number> {
  await layOut(site)
  const tip = await site.witness.judgedTip()
  return timedSeconds(async () => {
    await composeUp(site)
    await site.witness.waitForSigned(tip, SIGNED_BLOCKS)
  })
}

/** Puts everything on the hosts that plain compose needs, as one would by hand; nothing runs yet. */
async function layOut({ lab, layout, operator }: Site): Promise<void> {
  const { hosts, hostOf, candidates, signerHost } = layout
  const stage = (host: string, path = "") => join(lab.dir, "plain", host, path)
  const secret = (path: string) => operator.path(join(".gonka-ha", "secrets", path))
  for (const host of hosts) cpSync(operator.path(join("rendered", host)), stage(host), { recursive: true })
  for (const [node, host] of Object.entries(hostOf)) {
    cpSync(secret(`nodes/${node}`), stage(host, `secrets/nodes/${node}`), { recursive: true })
    if (!candidates.includes(node)) continue
    cpSync(secret(`parking/${node}`), stage(host, `secrets/parking/${node}`), { recursive: true })
    write(stage(host, `nodes/${node}/parking/control/owner`), node === "node-1" ? "validator\n" : "parking\n")
  }
  cpSync(secret("validators/main"), stage(signerHost, "secrets/signers/main"), { recursive: true })
  write(stage(signerHost, "signers/main/state/priv_validator_state.json"), FIRST_STATE)
  for (const [name, word] of Object.entries({ aim: "node-1", floor: "0", epoch: "0" })) {
    write(stage(signerHost, `signers/main/control/${name}`), `${word}\n`)
  }
  await Promise.all(hosts.map((host) => push(lab.sshConfig, host, stage(host))))
}

/** Everything at once on every host. */
async function composeUp({ lab, layout }: Site): Promise<void> {
  await Promise.all(
    layout.hosts.map((host) =>
      execa("ssh", ["-F", lab.sshConfig, host, `cd ${DEPLOYMENT_DIR} && docker compose up -d`], { stdin: "ignore" }),
    ),
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
