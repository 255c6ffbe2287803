import type { Rule } from "../rule.ts"

export const EXPOSURE_RULES: readonly Rule[] = []
