/** Whether two values of plain data are the same; the order of keys means nothing, and a key without a value is no key. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index]))
    )
  }
  const [ours, theirs] = [entriesOf(left), new Map(entriesOf(right))]
  return ours.length === theirs.size && ours.every(([key, item]) => theirs.has(key) && sameValue(item, theirs.get(key)))
}

function entriesOf(map: object): [string, unknown][] {
  return Object.entries(map).filter(([, item]) => item !== undefined)
}
