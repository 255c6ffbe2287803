import { type Document, isMap, isNode, isScalar, parseDocument } from "yaml"
import { reasonOf } from "../errors.ts"
import type { Issue, Place } from "../issue.ts"
import { linePlaces } from "./line-places.ts"
import { FORM, type FormRule } from "./rules/form.ts"

/** Largest spec that is read; anything bigger is not a topology. */
const MAX_SPEC_BYTES = 1_000_000

/** A parsed YAML file that can tell where each path stands. */
export type SourceFile = {
  readonly file: string
  readonly value: unknown
  place(path: readonly PropertyKey[]): Place
}

/**
 * Parses one YAML text. Duplicate keys, tabs, more than one document and alias bombs are issues, never exceptions.
 */
export function parseSource(file: string, text: string): { source?: SourceFile; issues: readonly Issue[] } {
  const start: Place = { file, line: 1, column: 1 }
  if (text.length > MAX_SPEC_BYTES) return { issues: [issue(FORM.tooLarge, `is larger than ${MAX_SPEC_BYTES} bytes`, start)] }
  const placeAt = linePlaces(text)
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: false, merge: false, logLevel: "error" })
  // A warning, such as an unknown tag, means that the value is not what its writer thinks.
  const found = [...document.errors, ...document.warnings]
  // After the first place that is no YAML, the parser has lost its way: what it says of the rest would send people to lines that are right.
  const first = found.filter((error) => error.code !== "DUPLICATE_KEY").sort((a, b) => a.pos[0] - b.pos[0])[0]
  const issues = found
    .filter((error) => error === first || (first === undefined && error.code === "DUPLICATE_KEY"))
    .map((error) => {
      const rule = error.code === "DUPLICATE_KEY" ? FORM.duplicateKey : FORM.notYaml
      return issue(rule, `not valid YAML: ${error.message}`, { file, ...placeAt(error.pos[0]) })
    })
  if (issues.length > 0) return { issues }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 50 })
  } catch (error) {
    return { issues: [issue(FORM.badAlias, `not usable YAML: ${reasonOf(error)}`, start)] }
  }
  // An anchor may be used inside of what it names; nothing that walks such a value would ever end.
  if (containsItself(value)) return { issues: [issue(FORM.badAlias, "not usable YAML: a value contains itself through an alias", start)] }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { issues: [issue(FORM.notAMap, "must be a map of settings", start)] }
  return { source: { file, value, place: (path) => ({ file, ...placeAt(offsetOf(document, path)) }) }, issues: [] }
}

function issue(rule: FormRule, message: string, place: Place): Issue {
  return { severity: rule.severity, rule: rule.id, path: "", message, why: rule.why, fix: rule.fix, place }
}

/** Where the key of the deepest part of the path begins that is written in the file. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let offset = 0
  let current: unknown = document.contents
  for (const part of path) {
    if (isMap(current)) {
      const pair = current.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (!pair) break
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0]
      current = pair.value
    } else {
      const next: unknown =
        isNode(current) && "get" in current && typeof current.get === "function" ? current.get(Number(part), true) : undefined
      if (!isNode(next) || !next.range) break
      offset = next.range[0]
      current = next
    }
  }
  return offset
}

function containsItself(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== "object" || value === null) return false
  if (above.has(value)) return true
  const here = new Set([...above, value])
  return Object.values(value).some((item) => containsItself(item, here))
}
