import { healthOf } from "../observe/health.ts"
import type { Observed } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import { type ChainNode, type Topology, validatorOf } from "../topology.ts"

/** What a deployment lacks while one of its nodes that does not sign is away for longer than a restart; a node that is not well is no loss. */
export function lossesWithout(topology: Topology, observed: Observed, node: ChainNode): string[] {
  const isFresh = (name: string) => healthOf(observed, name, topology.policy).verdict === "fresh"
  if (!isFresh(node.name)) return []
  const active = topology.validators.flatMap((validator) => {
    const who = whoSigns(topology, observed, validator)
    return who.kind === "active" ? [who.node] : []
  })
  const standbys = node.candidateOf.filter(
    (name) => !validatorOf(topology, name).candidates.some((other) => other !== node.name && !active.includes(other) && isFresh(other)),
  )
  const isLastSentry =
    node.role === "sentry" &&
    topology.validators.length > 0 &&
    !topology.nodes.some((other) => other.role === "sentry" && other.name !== node.name && isFresh(other.name))
  return [
    ...standbys.map((name) => `${name} has no fresh standby while ${node.name} is away`),
    ...(isLastSentry ? [`no other sentry is fresh: the private nodes get no block while ${node.name} is away`] : []),
    ...topology.apis
      .filter(({ name, upstreams }) => node.readBy.includes(name) && !upstreams.some((other) => other !== node.name && isFresh(other)))
      .map(({ name }) => `api ${name} has no other fresh node while ${node.name} is away`),
  ]
}
