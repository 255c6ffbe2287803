import { type Observed, valueIn } from "../observe/state.ts"
import type { FileSet } from "../render/fileset.ts"
import { type ChainNode, serviceName, type Topology } from "../topology.ts"
import { isOutdated, whyToBringUp } from "./bring-up-reason.ts"
import { isParked } from "./parked.ts"
import { givePlain, parkingStop, runsPlain, stopParking } from "./plain.ts"
import type { Step } from "./step.ts"

/** What `up` does to have a standby run without a privval port, its parking signer's container made and not running. */
export function plainStandby(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  node: ChainNode,
): { readonly isNew: boolean; readonly start: readonly Step[]; readonly settle: readonly Step[]; readonly heldBack: readonly [] } {
  const host = valueIn(observed.hosts.get(node.host))
  const parking = serviceName.parking(node.name)
  const whyNode = whyToBringUp(topology, host, files.get(node.host), node.name)
  const whyParking = whyToBringUp(topology, host, files.get(node.host), parking)
  const owner = host?.owners.get(node.name)
  const starts = whyNode !== undefined || !runsPlain(topology, host, node)
  // A node that waits for a signer does not stop in order (signing.md 1.3); one that does not answer is not waited for.
  const hangs =
    starts &&
    !runsPlain(topology, host, node) &&
    whyNode?.kind !== "missing" &&
    whyNode?.kind !== "stopped" &&
    observed.nodes.get(node.name)?.kind === "seen" &&
    !isParked(topology, host, node)
  const parkFirst: Step[] = hangs
    ? [
        ...(owner === "parking"
          ? []
          : [{ kind: "port.give" as const, args: { node: node.name, owner: "parking" as const }, cause: WAITS }]),
        ...(whyParking ? [{ kind: "service.up" as const, args: { host: node.host, service: parking }, cause: whyParking.text }] : []),
        { kind: "standby.park", args: { node: node.name }, cause: WAITS },
      ]
    : []
  const restart: Step[] = whyNode
    ? [{ kind: "service.up", args: { host: node.host, service: node.name }, cause: whyNode.text }]
    : starts
      ? [{ kind: "node.restart", args: { node: node.name }, cause: `${node.name} has a privval port, and is to wait without one` }]
      : []
  return {
    isNew: whyNode?.kind === "missing",
    start: [
      ...parkFirst,
      ...givePlain(node.name, hangs ? "parking" : owner),
      ...restart,
      ...(hangs ? [parkingStop(node.name)] : stopParking(topology, host, node)),
      // Taken together with its node, so that nothing has to be made when it is needed.
      ...(isOutdated(whyParking) && !hangs
        ? [
            {
              kind: "service.create" as const,
              args: { host: node.host, service: parking },
              cause: `${whyParking?.text}; it is only started before ${node.name} takes over`,
            },
          ]
        : []),
    ],
    settle: starts ? [{ kind: "node.fresh", args: { node: node.name }, cause: "the next step relies on it" }] : [],
    heldBack: [],
  }
}

const WAITS = "a node that waits for a signer does not stop in order"
