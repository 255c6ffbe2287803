import type { SlashingSeen } from "./state.ts"

export type JailBudget = {
  readonly windowBlocks: number
  readonly missedBlocks: number
  /** Blocks that may still be missed in the current window before the chain jails the validator. */
  readonly leftBlocks: number
  readonly leftMs: number
}

/** Undefined when the chain has no record of this validator. The chain jails above window - minimum missed blocks (x/slashing). */
export function jailBudget(slashing: SlashingSeen, blockMs: number): JailBudget | undefined {
  if (!slashing.record) return undefined
  const leftBlocks = Math.max(0, slashing.windowBlocks - slashing.minSignedBlocks - slashing.record.missedBlocks)
  return { windowBlocks: slashing.windowBlocks, missedBlocks: slashing.record.missedBlocks, leftBlocks, leftMs: leftBlocks * blockMs }
}

/** Blocks by which the chain's count may lag behind the tip at the moment of the look. */
const COUNT_SLACK_BLOCKS = 2

/**
 * True only where the chain itself shows that this key has never signed: it was never in the set, or every single block since its
 * first bond was missed. A jail and a new bond set the counters back (x/slashing), so a count that does not reach back to the
 * start proves nothing.
 */
export function hasNeverSigned(slashing: SlashingSeen, tip: number): boolean {
  const { record, recent } = slashing
  if (recent.some(({ vote }) => vote !== "absent")) return false
  if (!record) return true
  return (
    record.jailedUntilMs === 0 &&
    !record.tombstoned &&
    record.missedBlocks === record.countedBlocks &&
    // Counted without a gap from the genesis of this record, and the record is as old as the validator's place in the set.
    Math.abs(record.startHeight + record.countedBlocks - tip) <= COUNT_SLACK_BLOCKS
  )
}

/** Heights above a stopped signer's state that carry its key's signature: another signer is alive, or this state is an older copy. */
export function signedAbove(recent: SlashingSeen["recent"], stateHeight: number): readonly number[] {
  return recent.filter(({ height, vote }) => vote !== "absent" && height > stateHeight).map(({ height }) => height)
}

/** The newest of the last blocks that carries the key's signature, also one for nil; undefined when none does. */
export function newestSigned(recent: SlashingSeen["recent"]): number | undefined {
  const heights = recent.filter(({ vote }) => vote !== "absent").map(({ height }) => height)
  return heights.length === 0 ? undefined : Math.max(...heights)
}
