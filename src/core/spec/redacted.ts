import { literalSecrets } from "./literal-secrets.ts"
import type { Traced } from "./traced.ts"

const REDACTED = "[redacted]"

const PASSWORD_IN_URL = /(\/\/[^\s/:@]*):[^\s/@]+@/g

/** A spec that may be shown to anybody: without commands that fetch secrets, passwords in URLs, and whatever looks like a secret. */
export function redacted(root: Traced): Traced {
  return redactedAt(root, [], new Set(literalSecrets(root).map((issue) => issue.path)))
}

function redactedAt(part: Traced, path: readonly string[], secrets: ReadonlySet<string>): Traced {
  if (part.kind === "map") {
    return { ...part, entries: new Map([...part.entries].map(([key, item]) => [key, redactedAt(item, [...path, key], secrets)])) }
  }
  // The arguments of a command may name what nobody else should know, such as an entry of a password manager.
  return path.at(-1) === "command" ? { ...part, value: REDACTED } : { ...part, value: redactedValue(part.value, path, secrets) }
}

function redactedValue(value: unknown, path: readonly string[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(path.join("."))) return REDACTED
  if (typeof value === "string") return value.replace(PASSWORD_IN_URL, `$1:${REDACTED}@`)
  if (Array.isArray(value)) return value.map((item, index) => redactedValue(item, [...path, String(index)], secrets))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactedValue(item, [...path, key], secrets)]))
}
