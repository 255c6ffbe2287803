import { builtInOf, computedFrom } from "./computed.ts"
import { knownKeysAt } from "./known-keys.ts"
import { redacted } from "./redacted.ts"
import { type Spec, specSchema } from "./schema.ts"
import { shapeOf } from "./shape.ts"
import { type Layer, type Origin, type Traced, traced, withEntry } from "./traced.ts"

/** Who said it, and in which line where it stands in a file of the operator's. */
export type ValueOrigin = { readonly kind: Layer["kind"]; readonly name: string; readonly line?: number }

export type ExplainedValue = {
  readonly path: readonly string[]
  readonly value: unknown
  readonly origin: ValueOrigin
}

export type ExplainedSpec = {
  /** Everything that a topology file can say, each with its origin, in the order of the language. No secret is in it. */
  readonly settings: readonly ExplainedValue[]
  /** What follows from them and cannot be written: ids of nodes and the services that they run. */
  readonly facts: readonly ExplainedValue[]
}

/**
 * @param spec expanded, of the right form
 * @param origins the same, with the origin of every value
 * @param nodeIds of the nodes whose keys are on this machine
 */
export function explainedSpec(spec: Spec, origins: Traced, nodeIds: ReadonlyMap<string, string>): ExplainedSpec {
  const complete = [builtInOf(spec), computedFrom(spec)].map((layer) => traced(layer)).reduce(filled, withoutShortSnapshots(origins))
  return { settings: valuesIn(redacted(complete), []), facts: factsOf(spec, nodeIds) }
}

/** Takes from below what is missing above; what is there keeps its place. */
function filled(above: Traced, below: Traced): Traced {
  if (above.kind === "leaf" || below.kind === "leaf") return above
  const entries = new Map(above.entries)
  for (const [key, item] of below.entries) {
    const present = entries.get(key)
    // A map that nobody has written is worth nothing without an entry.
    if (present !== undefined) entries.set(key, filled(present, item))
    else if (item.kind === "leaf" || item.entries.size > 0) entries.set(key, item)
  }
  return { ...above, entries }
}

/** `snapshots: true` stands for numbers, which are shown instead. */
function withoutShortSnapshots(root: Traced): Traced {
  return (["sentries", "private"] as const).reduce((now, pool) => {
    const nodes = now.kind === "map" ? now.entries.get(pool) : undefined
    if (nodes?.kind !== "map") return now
    const entries = [...nodes.entries].map(
      ([name, node]) => [name, isShort(node) ? withEntry(node, "snapshots", undefined) : node] as const,
    )
    return withEntry(now, pool, { ...nodes, entries: new Map(entries) })
  }, root)
}

function isShort(node: Traced): boolean {
  const snapshots = node.kind === "map" ? node.entries.get("snapshots") : undefined
  return snapshots?.kind === "leaf" && snapshots.value === true
}

function valuesIn(part: Traced, path: readonly string[]): readonly ExplainedValue[] {
  if (part.kind === "leaf") return [{ path, value: part.value, origin: shown(part.origin) }]
  if (part.entries.size === 0) return [{ path, value: {}, origin: shown(part.origin) }]
  return inOrderOfLanguage([...part.entries], path).flatMap(([key, item]) => valuesIn(item, [...path, key]))
}

/** Names of the operator's own stay in the order of the file. */
function inOrderOfLanguage(entries: readonly [string, Traced][], path: readonly string[]): readonly [string, Traced][] {
  const known = knownKeysAt(specSchema, path)
  return entries.toSorted(([one], [other]) => known.indexOf(one) - known.indexOf(other))
}

function shown({ layer, path }: Origin): ValueOrigin {
  const place = layer.place?.(path)
  return { kind: layer.kind, name: layer.name, ...(place === undefined ? {} : { line: place.line }) }
}

function factsOf(spec: Spec, nodeIds: ReadonlyMap<string, string>): readonly ExplainedValue[] {
  const origin: ValueOrigin = { kind: "computed", name: "computed" }
  return shapeOf(spec).nodes.flatMap(({ pool, name, services }) => {
    const id = nodeIds.get(name)
    return [
      ...(id === undefined ? [] : [{ path: [pool, name, "id"], value: id, origin }]),
      { path: [pool, name, "services"], value: services, origin },
    ]
  })
}
