import type { Rule } from "../rule.ts"

export const CHAIN_RULES: readonly Rule[] = []
