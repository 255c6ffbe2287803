/** What the presets hold where only the operator knows the value: a word, or an address of TEST-NET-1, which no machine has (RFC 5737). */
const PLACEHOLDER = /\bCHANGE-ME\b|(?<![\d.])192\.0\.2\.\d{1,3}(?![\d.])/

export const PLACEHOLDER_MESSAGE = "still holds the placeholder that `gonka-ha init` wrote"

export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value)
}

/** Paths of every value that is still a placeholder, in the order of the file. */
export function placeholderPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === "string") return isPlaceholder(value) ? [[...path]] : []
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => placeholderPaths(item, [...path, key]))
}
