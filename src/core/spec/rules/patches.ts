import type { Rule } from "../rule.ts"

export const PATCHES_RULES: readonly Rule[] = []
