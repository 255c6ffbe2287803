import { docker } from "../docker.ts"
import { execInContainer } from "../exec-in-container.ts"
import type { LabHost } from "../lab-host.ts"
import type { LabNetwork } from "../lab-network.ts"
import { waitUntil } from "../wait-until.ts"
import { waitForHost } from "./wait-for-host.ts"

/*
 * Each function returns only when its condition holds. They act on one host from outside; two of them on the same host
 * at the same time have no meaning.
 */

const LIMIT_MS = 60_000

export async function kill(host: LabHost): Promise<void> {
  await docker(["kill", host.container])
  await waitForState(host, "exited", "{{.State.Status}}")
}

export async function powerOn(host: LabHost): Promise<void> {
  await docker(["start", host.container])
  await waitForHost(host)
}

export async function cut(host: LabHost, network: LabNetwork): Promise<void> {
  await docker(["network", "disconnect", network.name, host.container])
  await waitForState(host, "0", "{{len .NetworkSettings.Networks}}")
}

/** A host that is off comes back to its network, too; its doors are waited for only where it runs. */
export async function heal(host: LabHost, network: LabNetwork): Promise<void> {
  await docker(["network", "connect", "--ip", host.address, network.name, host.container])
  const status = await inspect(host, "{{.State.Status}}")
  if (status === "running") await waitForHost(host)
}

export async function pause(host: LabHost): Promise<void> {
  await docker(["pause", host.container])
  await waitForState(host, "paused", "{{.State.Status}}")
}

export async function unpause(host: LabHost): Promise<void> {
  await docker(["unpause", host.container])
  await waitForHost(host)
}

/** As an upgrade of the engine does: its containers stop with it, and those that are to run always come back with the next one. */
export async function restartEngine(host: LabHost): Promise<void> {
  const pid = await enginePid(host)
  const end = await execInContainer(host.container, ["sh", "-c", 'touch /run/restart-engine && kill -TERM "$1"', "sh", pid])
  if (end.code !== 0) throw new Error(`${host.name}: its engine could not be ended: ${end.stderr}`)
  await waitUntil(`${host.name}: another engine`, async () => ((await enginePid(host).catch(() => pid)) === pid ? undefined : true), {
    stuckAfterMs: LIMIT_MS,
  })
  await waitForHost(host)
}

async function enginePid(host: LabHost): Promise<string> {
  const { code, stdout, stderr } = await execInContainer(host.container, ["pgrep", "-x", "dockerd"])
  if (code !== 0) throw new Error(`${host.name} runs no engine: ${stderr}`)
  return stdout.trim()
}

async function waitForState(host: LabHost, wanted: string, format: string): Promise<void> {
  const look = async () => ((await inspect(host, format)) === wanted ? true : undefined)
  await waitUntil(`${host.name}: ${format} is ${wanted}`, look, { stuckAfterMs: LIMIT_MS })
}

async function inspect(host: LabHost, format: string): Promise<string> {
  return (await docker(["inspect", "--format", format, host.container])).trim()
}
