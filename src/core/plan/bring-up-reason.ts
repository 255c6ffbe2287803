import type { HostSeen } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import type { HostFiles } from "../render/fileset.ts"
import type { Topology } from "../topology.ts"

export type Why = { readonly kind: "missing" | "stopped" | "changed"; readonly text: string }

/** Why a container is not as it should be; undefined when it is. */
export function whyToBringUp(
  topology: Topology,
  host: HostSeen | undefined,
  files: HostFiles | undefined,
  service: string,
): Why | undefined {
  const container = host ? containerOf(topology, host, service) : undefined
  if (!container) return { kind: "missing", text: `${service} does not exist` }
  if (container.digest !== files?.serviceDigests.get(service)) return { kind: "changed", text: `${service} runs on an older configuration` }
  if (container.status !== "running" && container.status !== "restarting")
    return { kind: "stopped", text: `${service} is ${container.status}` }
  return undefined
}

export function isOutdated(why: Why | undefined): boolean {
  return why?.kind === "missing" || why?.kind === "changed"
}
