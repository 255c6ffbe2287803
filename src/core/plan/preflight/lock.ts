import type { Issue } from "../../issue.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import type { Validator } from "../../topology.ts"
import type { PreflightFacts } from "./facts.ts"
import { refuse } from "./refusal.ts"

/** Somebody is at work on this signer. The lock itself decides in the end; this only tells it before anything else is tried. */
export function lockReasons(observed: Observed, validator: Validator, { lock }: PreflightFacts): Issue[] {
  // That the signer's host does not answer is told by itself.
  if (valueIn(observed.hosts.get(validator.signerHost)) === undefined) return []
  if (lock.kind === "unknown")
    return [refuse(validator.name, `whether somebody works on its signer is not known: ${lock.reason}`, "look at the signer's host")]
  return lock.value === undefined
    ? []
    : [
        refuse(
          validator.name,
          `its signer is locked by ${lock.value}`,
          "wait until that has ended; the lock is free a few seconds after its process or its machine is gone",
        ),
      ]
}
