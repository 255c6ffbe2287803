import type { LoadedSpec } from "../app/load.ts"
import { issueText } from "../core/issue.ts"

export function validationText({ file, issues }: Pick<LoadedSpec, "file" | "issues">): string {
  return [...issues.map(issueText), `${file} is valid${issues.length > 0 ? `, ${issues.length} warnings` : ""}`, ""].join("\n")
}
