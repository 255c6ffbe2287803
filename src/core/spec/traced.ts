import type { Place } from "../issue.ts"

/** One source of settings. */
export type Layer = {
  readonly kind: "built in" | "profile" | "spec" | "overlay" | "computed"
  /** As people know it: the name of the profile, or the file. */
  readonly name: string
  readonly value: unknown
  /** Where a path stands in the layer's file; undefined for what has no file that an operator could edit. */
  readonly place?: (path: readonly PropertyKey[]) => Place
}

/** Who said it last, and where. */
export type Origin = { readonly layer: Layer; readonly path: readonly string[] }

/** A value of which every part knows where it comes from. Lists are leaves, since they are replaced as a whole. */
export type Traced =
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Traced>; readonly origin: Origin }
  | { readonly kind: "leaf"; readonly value: unknown; readonly origin: Origin }

export function traced(layer: Layer, value: unknown = layer.value, path: readonly string[] = []): Traced {
  const origin: Origin = { layer, path }
  if (!isMap(value)) return { kind: "leaf", value, origin }
  return {
    kind: "map",
    entries: new Map(Object.entries(value).map(([key, item]) => [key, traced(layer, item, [...path, key])])),
    origin,
  }
}

/** The one rule of merging: maps merge, everything else is replaced. */
export function merged(below: Traced | undefined, above: Traced | undefined): Traced {
  if (!below || !above) {
    const only = below ?? above
    if (!only) throw new Error("nothing to merge")
    return only
  }
  if (below.kind === "leaf" || above.kind === "leaf") return above
  const entries = new Map(below.entries)
  for (const [key, item] of above.entries) entries.set(key, merged(below.entries.get(key), item))
  return { kind: "map", entries, origin: above.origin }
}

export function at(root: Traced | undefined, path: readonly PropertyKey[]): Traced | undefined {
  return path.reduce<Traced | undefined>((now, key) => (now?.kind === "map" ? now.entries.get(String(key)) : undefined), root)
}

export function withEntry(map: Traced, key: string, item: Traced | undefined): Traced {
  if (map.kind === "leaf") return map
  const entries = new Map(map.entries)
  if (item) entries.set(key, item)
  else entries.delete(key)
  return { ...map, entries }
}

export function withoutPath(root: Traced, path: readonly string[]): Traced {
  const [key, ...rest] = path
  if (key === undefined || root.kind === "leaf") return root
  const below = root.entries.get(key)
  if (rest.length === 0 || !below) return withEntry(root, key, undefined)
  return withEntry(root, key, withoutPath(below, rest))
}

export function plain(root: Traced): unknown {
  return root.kind === "leaf" ? root.value : Object.fromEntries([...root.entries].map(([key, item]) => [key, plain(item)]))
}

/** The place of the deepest part of the path that stands in some file. */
export function placeIn(root: Traced, path: readonly PropertyKey[]): Place | undefined {
  let now: Traced | undefined = root
  let place = placeOf(root.origin)
  for (const [index, key] of path.entries()) {
    if (now?.kind === "leaf") return placeOf(now.origin, path.slice(index)) ?? place
    now = now?.entries.get(String(key))
    if (!now) break
    place = placeOf(now.origin) ?? place
  }
  return place
}

function placeOf({ layer, path }: Origin, below: readonly PropertyKey[] = []): Place | undefined {
  return layer.place?.([...path, ...below])
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
