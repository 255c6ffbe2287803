import type { Issue, Place } from "../issue.ts"
import type { Spec } from "./schema.ts"

/** A warning that the spec accepts, with the reason that stands there. */
export type Suppressed = { readonly issue: Issue; readonly reason: string }

type Entry = NonNullable<Spec["suppress"]>[number]

/** Takes accepted warnings out. An error cannot be accepted, and an entry that accepts nothing is a warning itself: it would hide the next one. */
export function withoutSuppressed(
  entries: readonly Entry[],
  issues: readonly Issue[],
  placeOf: (path: readonly (string | number)[]) => Place | undefined,
): { readonly issues: readonly Issue[]; readonly suppressed: readonly Suppressed[] } {
  const covers = (entry: Entry, issue: Issue) => issue.rule === entry.rule && isAtOrBelow(issue.path, entry.path)
  const reasonFor = (issue: Issue) => (issue.severity === "warning" ? entries.find((entry) => covers(entry, issue))?.reason : undefined)
  const suppressed = issues.flatMap((issue) => {
    const reason = reasonFor(issue)
    return reason === undefined ? [] : [{ issue, reason }]
  })
  const complaints = entries.flatMap((entry, index): Issue[] => {
    const covered = issues.filter((issue) => covers(entry, issue))
    if (covered.some((issue) => issue.severity === "warning")) return []
    const path = ["suppress", index]
    const place = placeOf(path)
    const base = { path: path.join("."), ...(place ? { place } : {}) }
    return covered.length > 0
      ? [{ ...base, ...CANNOT, message: `${entry.rule} is an error: it cannot be suppressed` }]
      : [{ ...base, ...USELESS, message: `suppresses nothing: ${entry.rule} is not broken${entry.path ? ` at ${entry.path}` : ""}` }]
  })
  return { issues: [...issues.filter((issue) => reasonFor(issue) === undefined), ...complaints], suppressed }
}

const CANNOT = {
  severity: "error",
  rule: "GHA-012",
  why: "An error means that the deployment would be unsafe or would not work.",
  fix: "mend what the rule says, and remove this entry",
} as const satisfies Partial<Issue>

const USELESS = {
  severity: "warning",
  rule: "GHA-013",
  why: "A forgotten entry would hide the next real warning.",
  fix: "remove this entry",
} as const satisfies Partial<Issue>

function isAtOrBelow(path: string, at: string | undefined): boolean {
  return at === undefined || path === at || path.startsWith(`${at}.`)
}
