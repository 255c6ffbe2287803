import { QUERY_SERVICES } from "../topology.ts"
import { publicSentries, type Survivors } from "./survivors.ts"

/** Something of which fewer are left than before, but at least one. */
export type Reduced = { readonly what: string; readonly left: number; readonly of: number }

/** How much redundancy a loss takes away. What is gone altogether is a stop and not told here. */
export function reducedBy(before: Survivors, after: Survivors): readonly Reduced[] {
  const left = new Map(countsOf(after))
  return countsOf(before).flatMap(([what, of]) => {
    const now = left.get(what) ?? 0
    return now > 0 && now < of ? [{ what, left: now, of }] : []
  })
}

function countsOf(survivors: Survivors): readonly (readonly [string, number])[] {
  const { sentries, validators, apis, edges } = survivors
  return [
    ["sentries", sentries.length],
    ...validators.map(({ name, candidates }) => [`candidates of ${name}`, candidates.length] as const),
    ...apis.filter(({ runs }) => runs).map(({ name, upstreams }) => [`nodes that ${name} reads`, upstreams.length] as const),
    ["public api instances", apis.filter(({ role, runs }) => role === "public" && runs).length],
    ["entry points that serve users", edges.filter((edge) => edge.runs && serves(edge)).length],
    ...QUERY_SERVICES.map((service) => [`sentries that offer ${service}`, publicSentries(survivors, service).length] as const),
  ]
}

function serves({ sentries }: Survivors["edges"][number]): boolean {
  return QUERY_SERVICES.some((service) => sentries[service].length > 0)
}
