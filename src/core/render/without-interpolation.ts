/**
 * The same data for a Compose file, where every `$` stands for itself. Compose would otherwise put there what the host's shell or a `.env`
 * file says, and what runs would be no longer what was rendered.
 */
export function withoutInterpolation(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", () => "$$")
  if (Array.isArray(value)) return value.map(withoutInterpolation)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutInterpolation(item)]))
}
