import type { Issue } from "../../issue.ts"
import type { Validator } from "../../topology.ts"
import type { PreflightFacts } from "./facts.ts"
import { refuse } from "./refusal.ts"

/** Somebody is at work on this signer. The lock itself decides in the end; this only tells it before anything else is tried. */
export function lockReasons(validator: Validator, { lock }: PreflightFacts): Issue[] {
  return lock === undefined
    ? []
    : [
        refuse(
          validator.name,
          `its signer is locked by ${lock}`,
          "wait until that has ended; the lock is free a few seconds after its process or its machine is gone",
        ),
      ]
}
