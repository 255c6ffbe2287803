/** A place in a file that the operator wrote; lines and columns count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

/** One thing that is wrong: where, what, and what to do about it. */
export type Issue = {
  readonly severity: "error" | "warning"
  /** Dotted path into the spec, or the name of a node or host. */
  readonly path: string
  readonly message: string
  readonly fix?: string
  readonly place?: Place
}

export function issueText(issue: Issue): string {
  const where = issue.place ? `${issue.place.file}:${issue.place.line}:${issue.place.column}: ` : ""
  const fix = issue.fix ? `\n    fix: ${issue.fix}` : ""
  return `${where}${issue.severity}: ${issue.path ? `${issue.path}: ` : ""}${issue.message}${fix}`
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === "error")
}
