/** A map as it is written in a topology file, right or wrong. */
export type SpecMap = { readonly [key: string]: unknown }

export function isSpecMap(value: unknown): value is SpecMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The paths of everything in a value, the value itself first. Keys stand as they are, also those with dots in them. */
export function pathsIn(value: unknown): readonly (readonly string[])[] {
  const below =
    isSpecMap(value) || Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) => pathsIn(item).map((path) => [key, ...path]))
      : []
  return [[], ...below]
}

/** The same with something else at a path; undefined takes it away. Words such as `__proto__` are keys like any other here. */
export function withAt(value: unknown, path: readonly string[], change: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change(value)
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items.flatMap((item, index) => (String(index) === key ? kept(withAt(item, rest, change)) : [item]))
  }
  if (!isSpecMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      name === key ? kept(withAt(item, rest, change)).map((one) => [name, one]) : [[name, item]],
    ),
  )
}

function kept(item: unknown): readonly unknown[] {
  return item === undefined ? [] : [item]
}

/** The same maps with their keys in another order, which must mean the same. */
export function reordered(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, seed))
  if (!isSpecMap(value)) return value
  const entries = Object.entries(value)
  const turn = entries.length === 0 ? 0 : seed % entries.length
  const turned = [...entries.slice(turn), ...entries.slice(0, turn)].map(([key, item]) => [key, reordered(item, seed)] as const)
  return Object.fromEntries(seed % 2 === 0 ? turned.reverse() : turned)
}
