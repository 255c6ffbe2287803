import { namedHost, namedNode } from "../named.ts"
import { nodeOf, type Topology, validatorOf } from "../topology.ts"
import type { UpUnit } from "./up-units.ts"

/** What `--host` and `--node` ask for; a unit of either belongs to it. */
export type Scope = { readonly hosts: ReadonlySet<string>; readonly nodes: ReadonlySet<string> }

/** @throws AppError USAGE when there is no such host or node */
export function scopeOf(
  topology: Topology,
  asked: { readonly hosts: readonly string[]; readonly nodes: readonly string[] },
): Scope | undefined {
  if (asked.hosts.length === 0 && asked.nodes.length === 0) return undefined
  return {
    hosts: new Set(asked.hosts.map((name) => namedHost(topology, name).name)),
    nodes: new Set(asked.nodes.map((name) => namedNode(topology, name).name)),
  }
}

/** Everything of a host that is named, and of a node that is named: what is installed on that node's host as well, which it runs on. */
export function isInScope(topology: Topology, scope: Scope | undefined, unit: Pick<UpUnit, "kind" | "id" | "host">): boolean {
  if (scope === undefined || scope.hosts.has(unit.host)) return true
  if (unit.kind === "install") return [...scope.nodes].some((name) => nodeOf(topology, name).host === unit.host)
  return unit.kind === "node" && scope.nodes.has(unit.id)
}

/** Whether a host, node or validator is one that is asked for. */
export function isNamedIn(topology: Topology, scope: Scope | undefined, name: string): boolean {
  if (scope === undefined || scope.hosts.has(name) || scope.nodes.has(name)) return true
  const node = topology.nodes.find((candidate) => candidate.name === name)
  const validator = topology.validators.find((candidate) => candidate.name === name)
  return (node !== undefined && scope.hosts.has(node.host)) || (validator !== undefined && scope.hosts.has(validator.signerHost))
}

/** Hosts without which nothing of it can be decided: those that are changed, and those that tell whether a node on them signs. */
export function hostsNeeded(topology: Topology, scope: Scope | undefined): ReadonlySet<string> {
  if (scope === undefined) return new Set(topology.hosts.map(({ name }) => name))
  const nodes = topology.nodes.filter(({ name, host }) => scope.nodes.has(name) || scope.hosts.has(host))
  return new Set([
    ...scope.hosts,
    ...nodes.map(({ host }) => host),
    ...nodes.flatMap(({ candidateOf }) => candidateOf.map((name) => validatorOf(topology, name).signerHost)),
  ])
}
