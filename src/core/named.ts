import { AppError, EXIT } from "./errors.ts"
import { nearestName } from "./nearest-name.ts"
import { type Balancer, balancersOf, type ChainNode, type Host, serviceName, type Topology, type Validator } from "./topology.ts"

/** The node that an operator named. @throws AppError USAGE with the names that there are */
export function namedNode({ nodes }: Pick<Topology, "nodes">, name: string): ChainNode {
  return named(nodes, "node", name)
}

export type NamedService = { readonly kind: "node"; readonly node: ChainNode } | { readonly kind: "balancer"; readonly balancer: Balancer }

/** The node, or the load balancer by the name of its container, such as `manager-balancer`. @throws AppError USAGE with the names that there are */
export function namedService(topology: Pick<Topology, "nodes" | "apis" | "edges">, name: string): NamedService {
  const services = [
    ...topology.nodes.map((node) => ({ name: serviceName.node(node.name), found: { kind: "node" as const, node } })),
    ...balancersOf(topology).map((balancer) => ({
      name: serviceName.balancer(balancer.name),
      found: { kind: "balancer" as const, balancer },
    })),
  ]
  return named(services, services.length === topology.nodes.length ? "node" : "node or load balancer", name).found
}

/** The host that an operator named. @throws AppError USAGE with the names that there are */
export function namedHost({ hosts }: Pick<Topology, "hosts">, name: string): Host {
  return named(hosts, "host", name)
}

/** Names of the hosts that an operator named, of every host when none was, each once and in one order. @throws AppError USAGE as namedHost does */
export function namedHosts(topology: Pick<Topology, "hosts">, names: readonly string[]): readonly string[] {
  const hosts = names.length === 0 ? topology.hosts : names.map((name) => namedHost(topology, name))
  return [...new Set(hosts.map(({ name }) => name))].sort()
}

/** The validator that an operator named. @throws AppError USAGE with the names that there are */
export function namedValidator({ validators }: Pick<Topology, "validators">, name: string): Validator {
  return named(validators, "validator", name)
}

function named<T extends { readonly name: string }>(list: readonly T[], what: string, name: string): T {
  const found = list.find((each) => each.name === name)
  if (found) return found
  const names = list.map((each) => each.name)
  const meant = nearestName(name, names)
  throw new AppError("USAGE", EXIT.usage, `there is no ${what} ${name}`, {
    hint: `${meant === undefined ? "" : `did you mean ${meant}? `}${what}s: ${names.join(", ")}`,
  })
}
