/** A place in a file that the operator wrote; lines and columns count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

/** One thing that is wrong: where, what, and what to do about it. */
export type Issue = {
  readonly severity: "error" | "warning"
  /** The rule that it breaks, such as GHA-301; `gonka-ha explain` tells more. */
  readonly rule?: string
  /** Dotted path into the spec, or the name of a node or host. */
  readonly path: string
  readonly message: string
  /** Why it matters. */
  readonly why?: string
  readonly fix?: string
  readonly place?: Place
}

export function issueText(issue: Issue): string {
  const where = issue.place ? `${issue.place.file}:${issue.place.line}:${issue.place.column}: ` : ""
  const rule = issue.rule ? ` ${issue.rule}` : ""
  const why = issue.why ? `\n    why: ${issue.why}` : ""
  const fix = issue.fix ? `\n    fix: ${issue.fix}` : ""
  return `${where}${issue.severity}${rule}: ${issue.path ? `${issue.path}: ` : ""}${issue.message}${why}${fix}`
}

/** Without place and advice: for a command that has something else to say. */
export function issueLine({ severity, rule, path, message }: Issue): string {
  return `${severity}${rule ? ` ${rule}` : ""}: ${path}: ${message}`
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === "error")
}
