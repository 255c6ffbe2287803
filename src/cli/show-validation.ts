import type { Validation } from "../app/validate.ts"
import { issueText } from "../core/issue.ts"
import type { Suppressed } from "../core/spec/suppress.ts"

/** Every finding with its place, reason and fix, then the accepted warnings, then the verdict. */
export function validationText({ file, issues, suppressed }: Validation): string {
  return [...issues.map(issueText), ...suppressed.map(acceptedLine), `${file} ${verdict(issues)}`, ""].join("\n")
}

function acceptedLine({ issue: { place, rule, path, message }, reason }: Suppressed): string {
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : ""
  return `${where}accepted ${rule}: ${path}: ${message} (${reason.replace(/\s+/g, " ").trim()})`
}

function verdict(issues: Validation["issues"]): string {
  const errors = issues.filter(({ severity }) => severity === "error").length
  const warnings = issues.length - errors
  if (errors === 0) return warnings === 0 ? "is valid" : `is valid, with ${counted(warnings, "warning")}`
  return warnings === 0 ? `has ${counted(errors, "error")}` : `has ${counted(errors, "error")} and ${counted(warnings, "warning")}`
}

function counted(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`
}
