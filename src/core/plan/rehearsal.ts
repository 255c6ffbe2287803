import type { SwapTiming } from "./step.ts"

/** One thing that a move needs, done for real where it changes nothing, and how long it took. */
export type Rehearsed = { readonly what: string; readonly where: string; readonly tookMs: number }

export type Rehearsal = {
  readonly measured: readonly Rehearsed[]
  /** From the signer's stop to its start, as these hosts answered; ms. */
  readonly expectedPauseMs: number
  /** How late a signer may come and still have its vote collected; ms. */
  readonly allowedPauseMs: number
  readonly costBlocks: number
}

/** Stop and start of a container against one look at it, on hosts that were measured: 210 + 344 ms against 42 (signing.md 9.7). */
const STOP_AND_START_IN_LOOKS = 13
/** Looks that the script itself takes between stop and start. */
const LOOKS = 3
/** A vote that comes this part of a block late is still collected: 8 s at blocks of 5.3 s (signing.md 9.1). */
const LATE_IN_BLOCKS = 1.5

/**
 * What a move will cost, from what a rehearsal measured.
 * @param lookMs one look of the engine at the signer's container, on its own host
 */
export function rehearsalOf(measured: readonly Rehearsed[], lookMs: number, blockMs: number, timing: SwapTiming): Rehearsal {
  const expectedPauseMs = Math.round(lookMs * (STOP_AND_START_IN_LOOKS + LOOKS))
  const allowedPauseMs = Math.round(blockMs * LATE_IN_BLOCKS)
  const late = Math.max(0, Math.ceil((expectedPauseMs - allowedPauseMs) / blockMs))
  // Without a pause the new node learns the key one height later (signing.md 9.1).
  return { measured, expectedPauseMs, allowedPauseMs, costBlocks: late + (timing === "at-once" ? 1 : 0) }
}
