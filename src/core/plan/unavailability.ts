import { healthOf } from "../observe/health.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import { type ChainNode, serviceName, type Topology } from "../topology.ts"

/**
 * Why a node that is well must not be restarted now: another one of its kind is away already, and one at a time is all that may be. A node that
 * is not well may always be mended. One that has never been started does not count, nor one on a host that cannot be asked, without which the
 * work was agreed to; but the last sentry that is well always counts.
 * @returns undefined when it may be restarted
 */
export function whyToWait(topology: Topology, observed: Observed, node: ChainNode): string | undefined {
  const verdictOf = ({ name }: ChainNode) => healthOf(observed, name, topology.policy).verdict
  if (verdictOf(node) !== "fresh") return undefined
  const others = topology.nodes.filter(({ name, role }) => name !== node.name && role === node.role)
  const ill = others.filter((other) => isStarted(topology, observed, other) && verdictOf(other) !== "fresh")
  if (ill.length > 0)
    return `${ill.map((other) => `${other.name} is ${verdictOf(other)}`).join(", ")}: one ${node.role} node at a time is away, not two`
  if (node.role === "sentry" && others.length > 0 && others.every((other) => verdictOf(other) !== "fresh"))
    return `no other sentry is fresh: the private nodes would have none`
  return undefined
}

function isStarted(topology: Topology, observed: Observed, { name, host }: ChainNode): boolean {
  const seen = valueIn(observed.hosts.get(host))
  return seen !== undefined && containerOf(topology, seen, serviceName.node(name)) !== undefined
}
