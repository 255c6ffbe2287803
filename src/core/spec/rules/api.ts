import type { Rule } from "../rule.ts"

export const API_RULES: readonly Rule[] = []
