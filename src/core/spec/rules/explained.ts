import type { Example, Rule } from "../rule.ts"
import { RULES_BESIDE } from "./beside.ts"
import { RULES } from "./catalogue.ts"
import { FORM, type FormRule } from "./form.ts"

/** What there is to say about a rule, however it is checked. */
export type ExplainedRule = Pick<Rule, "id" | "severity" | "title" | "why" | "fix"> & {
  /** Undefined where an example would be too long to read. */
  readonly bad: Example | undefined
  readonly good: Example
}

/** Every rule that an issue can name, in the order of the ids. */
export const EXPLAINED_RULES: readonly ExplainedRule[] = [...Object.values(FORM).map(ofForm), ...RULES_BESIDE, ...RULES]
  .map(({ id, severity, title, why, fix, bad, good }) => ({ id, severity, title, why, fix, bad, good }))
  .sort((a, b) => (a.id < b.id ? -1 : 1))

function ofForm({ bad, good, ...rule }: FormRule): ExplainedRule {
  return { ...rule, bad: bad === undefined ? undefined : { yaml: bad }, good: { yaml: good } }
}

/** Finds a rule by its id as people type it: in any case, and by its number alone. */
export function explainedRule(typed: string): ExplainedRule | undefined {
  const id = typed.trim().toUpperCase()
  return EXPLAINED_RULES.find((rule) => rule.id === id || rule.id === `GHA-${id}`)
}
