import type { Rule } from "../rule.ts"
import { API_RULES } from "./api.ts"
import { CHAIN_RULES } from "./chain.ts"
import { DATA_RULES } from "./data.ts"
import { EXPOSURE_RULES } from "./exposure.ts"
import { HOSTS_RULES } from "./hosts.ts"
import { NODES_RULES } from "./nodes.ts"
import { PATCHES_RULES } from "./patches.ts"
import { POLICY_RULES } from "./policy.ts"
import { VALIDATORS_RULES } from "./validators.ts"

/** Every rule about the meaning of a spec, in the order in which they are checked and listed. */
export const RULES: readonly Rule[] = [
  ...HOSTS_RULES,
  ...NODES_RULES,
  ...VALIDATORS_RULES,
  ...CHAIN_RULES,
  ...EXPOSURE_RULES,
  ...PATCHES_RULES,
  ...DATA_RULES,
  ...API_RULES,
  ...POLICY_RULES,
]
