import { z } from "zod"
import type { Lab } from "../lab/lab.ts"
import { HA2_HOSTS } from "./site.ts"

/** Where the deployment `demo` lies on every host. */
export const DEPLOYMENT_DIR = "/opt/gonka-ha/demo"
export const SIGNER_HOST = "sig-1"
export const SIGNER_CONTAINER = "demo-main-signer"

const CONTAINER = z.object({
  Id: z.string(),
  Name: z.string(),
  State: z.object({ Status: z.string(), StartedAt: z.string() }),
})

export type ContainerFacts = { readonly id: string; readonly status: string; readonly startedAt: string; readonly inspected: string }

const INSPECT_ALL = `ids=$(docker ps -aq --no-trunc); [ -z "$ids" ] || docker inspect --format '{{json .}}' $ids`

/** The containers on a host by name, read inside the host and past the product. */
export async function containersOn(lab: Lab, host: string): Promise<ReadonlyMap<string, ContainerFacts>> {
  const text = await shell(lab, host, INSPECT_ALL)
  const lines = text.split("\n").filter((line) => line !== "")
  return new Map(
    lines.map((inspected) => {
      const { Id, Name, State } = CONTAINER.parse(JSON.parse(inspected))
      return [Name.replace(/^\//, ""), { id: Id, status: State.Status, startedAt: State.StartedAt, inspected }]
    }),
  )
}

/** What must be the same before and after a command that says that it changed nothing; the floor follows a signer that signs by itself. */
export async function standing(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const hosts = await Promise.all(
    HA2_HOSTS.map(async (host) => {
      const containers = await containersOn(lab, host)
      const owners = await shell(
        lab,
        host,
        `cd ${DEPLOYMENT_DIR} 2>/dev/null && tail -n +1 nodes/*/parking/control/owner 2>/dev/null || true`,
      )
      return [
        ...[...containers].map(([name, { id, status, startedAt }]) => [`${host}/${name}`, `${id} ${status} ${startedAt}`] as const),
        [`${host} owners`, owners] as const,
      ]
    }),
  )
  return Object.fromEntries([...hosts.flat(), ["aim", await signerFile(lab, "aim")]])
}

/** A word in the signer's control directory; empty when it is not there. */
export async function signerFile(lab: Lab, name: string): Promise<string> {
  return (await shell(lab, SIGNER_HOST, `cat ${DEPLOYMENT_DIR}/signers/main/control/${name} 2>/dev/null || true`)).trim()
}

export const STATE_FILE = `${DEPLOYMENT_DIR}/signers/main/state/priv_validator_state.json`
export const KEY_FILE = `${DEPLOYMENT_DIR}/secrets/signers/main/consensus.key`

const STATE = z.object({ height: z.string(), round: z.string(), step: z.number() })

/** The height in the signer's own state file. */
export async function stateHeight(lab: Lab): Promise<number> {
  return Number(STATE.parse(JSON.parse(await shell(lab, SIGNER_HOST, `cat ${STATE_FILE}`))).height)
}

/** Runs a line of shell inside a host; anything but 0 throws. */
export async function shell(lab: Lab, host: string, line: string): Promise<string> {
  const result = await lab.exec(host, ["sh", "-c", line])
  if (result.code !== 0) throw new Error(`${host}: ${line}: exit ${result.code}: ${result.stderr}`)
  return result.stdout
}
