import type { Issue } from "../core/issue.ts"
import { hasErrors } from "../core/issue.ts"
import type { Spec } from "../core/spec/schema.ts"
import type { Suppressed } from "../core/spec/suppress.ts"
import { checkFile, type LoadPorts } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

export type Validation = {
  readonly file: string
  readonly isValid: boolean
  /** In the order of files and lines; what stands in no file comes last. */
  readonly issues: readonly Issue[]
  /** Warnings that the file accepts, in the same order. */
  readonly suppressed: readonly Suppressed[]
  /** Expanded; undefined when its form is wrong. */
  readonly spec: Spec | undefined
}

export type ValidateRequest = {
  readonly source: SpecSource
  /** Whether a warning counts as an error; one that the file accepts does not. */
  readonly warnings: "warnings" | "errors"
}

/** `gonka-ha validate`: everything that is to be said about a topology file, in one run. @throws AppError FILE_UNREADABLE, USAGE */
export async function validateFile(ports: LoadPorts, { source, warnings }: ValidateRequest): Promise<Validation> {
  const checked = await checkFile(ports, source)
  const issues = warnings === "errors" ? checked.issues.map((issue): Issue => ({ ...issue, severity: "error" })) : checked.issues
  return {
    file: checked.file,
    isValid: !hasErrors(issues),
    issues: issues.toSorted(byPlace),
    suppressed: checked.suppressed.toSorted((one, other) => byPlace(one.issue, other.issue)),
    spec: checked.spec,
  }
}

function byPlace({ place: one }: Issue, { place: other }: Issue): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  if (one.file !== other.file) return one.file < other.file ? -1 : 1
  return one.line - other.line || one.column - other.column
}
