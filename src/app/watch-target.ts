import type { TargetWatched } from "../core/plan/preflight/facts.ts"
import { nodeOf } from "../core/topology.ts"
import { rpcOf } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { oneWitness } from "./one-witness.ts"
import { gapPollMs, gapStallMs } from "./steps/gap.ts"

/** Fewer looks than this could all be luck. */
const LOOKS = 3
/** The witness may be a moment ahead; the target has until the chain has moved so often once more. */
const PATIENCE_BLOCKS = 3

/**
 * Watches a target beside a witness until both have gained a block: how far it was behind at worst, and how old its newest block.
 * It ends without a gain when the target stands still while the witness moves on.
 * @throws Error when no sentry answers, or the chain stands still; AppError when the target does not answer
 */
export async function watchTarget(deployment: Deployment, to: string): Promise<TargetWatched> {
  const { topology, fleet, clock } = deployment
  const target = rpcOf(fleet, nodeOf(topology, to))
  const witness = await oneWitness(deployment)
  const look = async () => {
    // The witness first: what comes in between the two answers may only count for the target.
    const height = await witness.height()
    return { witness: height, target: await target.position(clock) }
  }
  const first = await look()
  const began = clock.monoMs()
  let witnessMovedAt: number | undefined
  let failure: unknown
  let watched: TargetWatched = { looks: 1, gained: 0, worstLagBlocks: lag(first), worstAgeMs: first.target.ageMs }
  for (;;) {
    const now = clock.monoMs()
    if (watched.gained > 0 && witnessMovedAt !== undefined && watched.looks >= LOOKS) return watched
    const chainStands = witnessMovedAt === undefined && now - began > gapStallMs(topology)
    const targetStands =
      watched.gained === 0 && witnessMovedAt !== undefined && now - witnessMovedAt > PATIENCE_BLOCKS * topology.chain.blockMs
    if ((chainStands || targetStands) && failure !== undefined) throw failure
    if (chainStands) throw new Error(`the chain gained no block either: ${witness.name} stands at ${first.witness}`)
    if (targetStands) return watched
    await clock.sleep(gapPollMs(topology))
    // One answer that is lost is no reason; when the answers stay away, the last failure is.
    const each = await look().catch((error: unknown) => {
      failure = error
    })
    if (!each) continue
    failure = undefined
    if (each.witness > first.witness) witnessMovedAt ??= clock.monoMs()
    watched = {
      looks: watched.looks + 1,
      gained: each.target.height - first.target.height,
      worstLagBlocks: Math.max(watched.worstLagBlocks, lag(each)),
      worstAgeMs: Math.max(watched.worstAgeMs, each.target.ageMs),
    }
  }
}

function lag(look: { readonly witness: number; readonly target: { readonly height: number } }): number {
  return Math.max(0, look.witness - look.target.height)
}
