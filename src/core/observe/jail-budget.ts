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

/** True only where the chain itself shows that this key has never signed: it was never in the set, or every block since then was missed. */
export function hasNeverSigned(slashing: SlashingSeen): boolean {
  const { record, windowBlocks } = slashing
  if (!record) return true
  return (
    record.countedBlocks < windowBlocks &&
    record.missedBlocks === record.countedBlocks &&
    slashing.recent.every(({ vote }) => vote === "absent")
  )
}
