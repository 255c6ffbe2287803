import { shapeOf } from "../core/spec/shape.ts"
import { balancersOf, serviceName } from "../core/topology.ts"
import { checkFile, type LoadPorts } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

/** What an operator may name, as the topology file has it. */
export type Names = {
  readonly nodes: readonly string[]
  /** Nodes, and load balancers by the names of their containers. */
  readonly services: readonly string[]
  /** Nodes that a validator may be moved to. */
  readonly candidates: readonly string[]
  readonly hosts: readonly string[]
  readonly validators: readonly string[]
}

/** No host is asked and no key is read; a file that breaks rules is good enough. @throws AppError FILE_UNREADABLE, USAGE */
export async function namesIn(ports: LoadPorts, source: SpecSource): Promise<Names> {
  const { spec } = await checkFile(ports, source)
  if (spec === undefined) return { nodes: [], services: [], candidates: [], hosts: [], validators: [] }
  const { nodes, validators, apis, edges } = shapeOf(spec)
  return {
    nodes: nodes.map(({ name }) => name),
    services: [...nodes.map(({ name }) => name), ...balancersOf({ apis, edges }).map(({ name }) => serviceName.balancer(name))],
    candidates: nodes.filter(({ candidateOf }) => candidateOf.length > 0).map(({ name }) => name),
    hosts: Object.keys(spec.hosts ?? {}).sort(),
    validators: validators.map(({ name }) => name),
  }
}
