import type { Spec } from "./schema.ts"
import type { Shape } from "./shape.ts"

export type Severity = "error" | "warning"

/** What a rule found; the path leads to the place in the file. */
export type Found = {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** What to do in this case, when it is more exact than the rule's own advice. */
  readonly fix?: string
}

/** What rules look at. */
export type RuleContext = {
  /** The spec with its profile, overlays and built-in values, shorthands taken out. */
  readonly spec: Spec
  /** The same before shorthands were taken out. */
  readonly written: Spec
  readonly shape: Shape
  /** False when the profile could not be read: what only it could give is then not missed. */
  readonly hasProfile: boolean
}

/** A fragment of a topology file. It is merged over the good example of the tests, so the same text teaches and tests. */
export type Example = {
  readonly yaml: string
  /** Dotted paths that are taken out of the good example first. */
  readonly without?: readonly string[]
}

export type Rule = {
  /** Stable for ever: people write it in `suppress`, scripts read it. */
  readonly id: string
  /** What must hold, in one sentence. */
  readonly title: string
  readonly severity: Severity
  /** Why it matters to whoever is paged. */
  readonly why: string
  readonly fix: string
  readonly bad: Example
  readonly good: Example
  /** Everything that breaks the rule. It must cope with any spec of the right form, also one that breaks other rules. */
  readonly check: (context: RuleContext) => readonly Found[]
}
