import type { Rule } from "../rule.ts"

export const POLICY_RULES: readonly Rule[] = []
