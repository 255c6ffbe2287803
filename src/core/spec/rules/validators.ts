import type { Rule } from "../rule.ts"

export const VALIDATORS_RULES: readonly Rule[] = []
