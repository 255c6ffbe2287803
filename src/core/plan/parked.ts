import type { HostSeen } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import { type ChainNode, serviceName, type Topology } from "../topology.ts"

/** True when the node's parking signer may hold the port, runs, and is connected. */
export function isParked(topology: Topology, host: HostSeen | undefined, node: ChainNode): boolean {
  if (host?.owners.get(node.name) !== "parking") return false
  const container = containerOf(topology, host, serviceName.parking(node.name))
  return (
    container?.status === "running" && host.tmkms.some((process) => process.containerId === container.id && process.connections.length > 0)
  )
}
