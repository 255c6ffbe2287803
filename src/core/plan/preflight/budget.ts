import type { Issue } from "../../issue.ts"
import { jailBudget } from "../../observe/jail-budget.ts"
import type { Observed } from "../../observe/state.ts"
import type { Topology, Validator } from "../../topology.ts"
import type { Verb } from "./facts.ts"
import { refuse } from "./refusal.ts"

/** Missed blocks that a verb is expected to cost: a planned swap none, one on a bad day; a failover what is already lost and one more. */
export const EXPECTED_COST_BLOCKS: Readonly<Record<Verb, number>> = { promote: 1, failover: 2 }

/** What may still be missed until the chain jails the validator, against what the move may cost. */
export function budgetReasons(topology: Topology, observed: Observed, validator: Validator, verb: Verb): Issue[] {
  const slashing = observed.slashing.get(validator.name)
  if (!slashing || slashing.kind === "unknown")
    return [refuse(validator.name, `the jail budget is not known: ${slashing?.reason ?? "not asked"}`, "bring a node back that can tell")]
  if (slashing.value.record?.tombstoned)
    return [refuse(validator.name, "is tombstoned: this key can never sign again", "a new validator needs a new key")]
  const budget = jailBudget(slashing.value, topology.chain.blockMs)
  // A failover is for the moment when the budget runs out; holding it back for want of budget would only lose the rest.
  if (!budget || verb === "failover") return []
  const needed = EXPECTED_COST_BLOCKS[verb] + topology.policy.jailReserveBlocks
  return budget.leftBlocks >= needed
    ? []
    : [
        refuse(
          validator.name,
          `${budget.leftBlocks} blocks are left until jail, and ${needed} are needed: ${EXPECTED_COST_BLOCKS[verb]} for the move, ${topology.policy.jailReserveBlocks} in reserve`,
          "wait until missed blocks leave the window, or lower policy.jailReserveBlocks",
        ),
      ]
}
