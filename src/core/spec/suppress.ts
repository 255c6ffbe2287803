import type { Issue, Place } from "../issue.ts"
import type { Rule } from "./rule.ts"
import { CANNOT_SUPPRESS, SUPPRESSES_NOTHING } from "./rules/beside.ts"
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
      ? [{ ...base, ...complaint(CANNOT_SUPPRESS), message: `${entry.rule} is an error: it cannot be suppressed` }]
      : [
          {
            ...base,
            ...complaint(SUPPRESSES_NOTHING),
            message: `suppresses nothing: ${entry.rule} is not broken${entry.path ? ` at ${entry.path}` : ""}`,
          },
        ]
  })
  return { issues: [...issues.filter((issue) => reasonFor(issue) === undefined), ...complaints], suppressed }
}

function complaint({ id, severity, why, fix }: Omit<Rule, "check">): Omit<Issue, "path" | "message"> {
  return { severity, rule: id, why, fix }
}

function isAtOrBelow(path: string, at: string | undefined): boolean {
  return at === undefined || path === at || path.startsWith(`${at}.`)
}
