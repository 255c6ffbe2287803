import type { Rule } from "../rule.ts"

export const HOSTS_RULES: readonly Rule[] = []
