import type { Witness } from "../lab/witness/witness.ts"

/** The first height after `after` that the chain committed without the validator's signature. Waits as long as the chain moves. */
export async function firstMissed(witness: Witness, after: number): Promise<number> {
  for (let height = after + 1; ; height++) {
    await witness.waitForJudged(height)
    if ((await witness.verdict(height)) === "missed") return height
  }
}
