import type { HostSeen } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import { type ChainNode, serviceName, type Topology } from "../topology.ts"
import type { Step } from "./step.ts"

/*
 * A plain standby runs without a privval port, like any full node, and its parking signer does not run. It takes over after a restart with
 * the port, for which its parking signer waits: a node that finds no signer at its start exits (signing.md 1.2, 9.2 step 0).
 */

/** True when the node was last started without a privval port, as a plain standby is. */
export function runsPlain({ policy }: Topology, host: HostSeen | undefined, { name }: ChainNode): boolean {
  return policy.standby === "plain" && host?.started.get(name) === "plain"
}

/** True when only a restart gives the node a privval port: it runs without one, or its restart was cut short. */
export function lacksPort(topology: Topology, host: HostSeen | undefined, node: ChainNode): boolean {
  if (topology.policy.standby !== "plain") return false
  return runsPlain(topology, host, node) || isDown(topology, host, node)
}

/** From plain to parked; nothing of it touches the node that signs. */
export function raiseSteps(node: Pick<ChainNode, "name" | "host">, owner: string | undefined): Step[] {
  const { name, host } = node
  return [
    ...(owner === "parking"
      ? []
      : [
          {
            kind: "port.give" as const,
            args: { node: name, owner: "parking" as const },
            cause: `${name} gets a privval port at its next start`,
          },
        ]),
    {
      kind: "service.up",
      args: { host, service: serviceName.parking(name) },
      cause: `${name} exits at its start when no signer comes to its port`,
    },
    {
      kind: "node.restart",
      args: { node: name },
      cause: "a plain standby has no privval port; its start takes time, and nothing is missed for it",
    },
    { kind: "standby.park", args: { node: name }, cause: `${name} follows the chain only with a signer on its port` },
  ]
}

/**
 * How a node that has been left becomes a plain standby: first it is parked, which is quick, and later, when the chain has shown that all is
 * well, it is restarted without its port while its parking signer still answers; without a signer it would not stop in order (signing.md 1.3).
 */
export type ToPlain = { readonly parkFirst: boolean; readonly steps: readonly Step[] }

export function toPlain(topology: Topology, host: HostSeen | undefined, node: ChainNode): ToPlain {
  const { name } = node
  const owner = host?.owners.get(name)
  const restart: Step = { kind: "node.restart", args: { node: name }, cause: `${name} waits without a privval port from now on` }
  if (runsPlain(topology, host, node)) return { parkFirst: false, steps: [...givePlain(name, owner), ...stopParking(topology, host, node)] }
  // Its restart was cut short, and there is nothing left that would have to stop in order.
  if (owner === "plain" && isDown(topology, host, node)) return { parkFirst: false, steps: [restart, ...stopParking(topology, host, node)] }
  return { parkFirst: true, steps: [...givePlain(name, "parking"), restart, parkingStop(name)] }
}

export function givePlain(node: string, owner: string | undefined): Step[] {
  return owner === "plain"
    ? []
    : [{ kind: "port.give", args: { node, owner: "plain" }, cause: `${node} is a plain standby, also after a reboot` }]
}

/** A parking signer that came back with its host waits and does no harm; it is stopped all the same. */
export function stopParking(topology: Topology, host: HostSeen | undefined, { name }: ChainNode): Step[] {
  const container = host && containerOf(topology, host, serviceName.parking(name))
  return container?.status === "running" || container?.status === "restarting" ? [parkingStop(name)] : []
}

export function parkingStop(node: string): Step {
  return { kind: "parking.stop", args: { node }, cause: `${node} has no privval port that it could hold` }
}

function isDown(topology: Topology, host: HostSeen | undefined, { name }: ChainNode): boolean {
  const container = host && containerOf(topology, host, serviceName.node(name))
  return container !== undefined && container.status !== "running" && container.status !== "restarting"
}
