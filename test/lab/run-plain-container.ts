import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { docker } from "./docker.ts"
import type { LabIdentity } from "./lab-identity.ts"
import { labelArgs } from "./lab-identity.ts"
import type { LabNetwork } from "./lab-network.ts"

/** A container next to the lab's hosts: no engine, no SSH, only a program on the lab network. */
export type PlainContainer = {
  readonly name: string
  /** The last number of its address; hosts start at 11, outside validators at 101. */
  readonly addressNumber: number
  readonly env: Readonly<Record<string, string>>
  readonly restart: "always" | "no"
  readonly command: readonly string[]
  /** Content by path; a file in place before the program starts, so that no secret stands on a command line. */
  readonly files?: Readonly<Record<string, string>>
}

export type RunningContainer = { readonly container: string; readonly address: string }

export async function runPlainContainer(
  place: { readonly identity: LabIdentity; readonly network: LabNetwork; readonly image: string },
  request: PlainContainer,
): Promise<RunningContainer> {
  const { identity, network, image } = place
  const container = `${identity.id}-${request.name}`
  const address = `${network.prefix}.${request.addressNumber}`
  const env = Object.entries(request.env).flatMap(([name, value]) => ["--env", `${name}=${value}`])
  await docker([
    "create",
    "--name",
    container,
    "--hostname",
    request.name,
    ...labelArgs(identity),
    "--network",
    network.name,
    "--ip",
    address,
    "--restart",
    request.restart,
    ...env,
    image,
    ...request.command,
  ])
  for (const [path, content] of Object.entries(request.files ?? {})) await copyInto(container, path, content)
  await docker(["start", container])
  return { container, address }
}

async function copyInto(container: string, path: string, content: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "gonka-ha-lab-"))
  try {
    writeFileSync(join(dir, "file"), content, { mode: 0o600 })
    await docker(["cp", join(dir, "file"), `${container}:${path}`])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
