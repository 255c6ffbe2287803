import { AppError, EXIT } from "../core/errors.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import { waitForLock } from "./await-lock.ts"
import type { Deployment } from "./deployment.ts"
import { holdLock, watchHeld } from "./held-lock.ts"
import { nextEpoch, type SignerControl, signerControl } from "./signer-control.ts"

/**
 * The right to change who signs for a validator, taken on the signer's own host, the one place that must be reachable for it.
 *
 * What was under way stays recorded in `operation.json`, so a free lock does not mean that nothing was begun. Every change names the epoch
 * that came with the lock, so whoever was overtaken changes nothing.
 */
export type SignerLock = {
  readonly control: SignerControl
  /** Throws when the lock has been lost since. */
  readonly stillOurs: () => void
  release(): Promise<void>
}

/** What a move needs on this host, and what would otherwise be missed when the standby waits already. */
const TOOLS = "docker flock setsid sync timeout"

/**
 * @param expected the epoch that was seen when the plan was made; a different one means that somebody changed something since
 * @throws AppError LOCK_HELD (exit 8) naming the owner, REFUSED when the plan is out of date
 */
export async function lockSigner(deployment: Deployment, validator: Validator, purpose: string, expected?: number): Promise<SignerLock> {
  const place = {
    host: validator.signerHost,
    what: `the signer of ${validator.name}`,
    dir: layout.signer.lock(validator.name),
    sectionIn: layout.signer.control(validator.name),
    tools: TOOLS,
  }
  const held = await waitForLock(deployment, place.what, () => holdLock(deployment, place, purpose))
  const stillOurs = watchHeld(held, place, "run `gonka-ha promote --resume`")
  try {
    const epoch = await nextEpoch(deployment, validator)
    if (expected !== undefined && epoch !== expected + 1) {
      throw new AppError(
        "REFUSED",
        EXIT.refused,
        `somebody worked on the signer of ${validator.name} since this plan was made; nothing was changed at it`,
        { hint: "run the command again: it looks anew", retry: true },
      )
    }
    return { control: signerControl(deployment, validator, epoch), stillOurs, release: () => held.release() }
  } catch (error) {
    await held.release()
    throw error
  }
}
