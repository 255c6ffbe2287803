/** The same data with the keys of every map in the order of their names, however they were written. Lists keep their order, which means something. */
export function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue)
  return typeof value === "object" && value !== null ? sortedMap(value) : value
}

export function sortedMap(map: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortedValue(item)]),
  )
}
