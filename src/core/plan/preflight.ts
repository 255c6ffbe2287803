import type { Issue } from "../issue.ts"
import type { Observed } from "../observe/state.ts"
import type { Topology, Validator } from "../topology.ts"
import { budgetReasons } from "./preflight/budget.ts"
import { clockReasons } from "./preflight/clocks.ts"
import { diskReasons } from "./preflight/disk.ts"
import type { PreflightFacts, Verb } from "./preflight/facts.ts"
import { lockReasons } from "./preflight/lock.ts"
import { sameChainReasons } from "./preflight/same-chain.ts"
import { guardReasons, signerReasons } from "./preflight/signer.ts"
import { targetReasons } from "./preflight/target.ts"
import { upgradeReasons } from "./preflight/upgrade.ts"
import { witnessReasons } from "./preflight/witnesses.ts"

/** Every reason why this validator must not be moved now, and what should be known before it is; without an error in it, go. */
export function preflight(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  facts: PreflightFacts,
): Issue[] {
  return [
    ...lockReasons(validator, facts),
    ...signerReasons(topology, observed, validator, to, verb, facts),
    ...guardReasons(validator, facts.guard),
    ...targetReasons(topology, observed, validator, to, verb, facts),
    ...sameChainReasons(observed, to, verb, facts),
    ...witnessReasons(topology, observed, verb, facts),
    ...upgradeReasons(topology, observed, verb, facts),
    ...diskReasons(topology, observed, validator, to, verb),
    ...clockReasons(topology, observed, validator, to, verb, facts),
    ...budgetReasons(topology, observed, validator, verb),
  ]
}
