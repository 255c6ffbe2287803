import { hasNeverSigned } from "../observe/jail-budget.ts"
import type { SignerState } from "../observe/signer-state.ts"
import type { SlashingSeen } from "../observe/state.ts"

/** The height below which a new signer refuses everything, with the reason; or why there must be no new signer now. */
export type FirstState =
  | { readonly kind: "sealed"; readonly height: number; readonly because: string }
  | { readonly kind: "refused"; readonly reason: string }

/** Above anything that a signer which was cut off at the tip could still have signed, with slack for witnesses that lag (signing.md 6.2 and 6.6). */
const FLOOR_MARGIN_BLOCKS = 5

export type FirstStateFacts = {
  readonly slashing: SlashingSeen
  readonly tip: number
  /** How far the real tip may be above ours while our nodes still count as fresh. */
  readonly blindBlocks: number
  readonly imported: SignerState | undefined
  /** Height up to which a restored backup says that the key is spent; undefined when it was not restored, or the backup knew none. */
  readonly spent: number | undefined
}

/** What a signer that has never run on its host starts from. Height 0 only where the chain itself shows that the key has never signed. */
export function firstState({ slashing, tip, blindBlocks, imported, spent }: FirstStateFacts): FirstState {
  const signing = slashing.recent.filter(({ vote }) => vote !== "absent").map(({ height }) => height)
  if (signing.length > 0) {
    return {
      kind: "refused",
      reason: `this key signed block ${Math.max(...signing)} through another signer: stop that one first, for good`,
    }
  }
  if (slashing.record?.tombstoned) return { kind: "refused", reason: "this key is tombstoned: it can never sign again" }
  // What this machine knows to be spent counts, even where the chain has nothing of it: not every signature comes to stand in a block.
  if (hasNeverSigned(slashing, tip) && imported === undefined && (spent ?? 0) === 0) {
    return { kind: "sealed", height: 0, because: "the chain shows that this key has never signed" }
  }
  if (imported === undefined) {
    // Ten silent blocks are what a signer looks like whose node is down: silence is necessary and never sufficient (signing.md 6.6).
    const proof = "stop the old signer for good and import its last state with `gonka-ha keys import --state FILE`"
    return { kind: "refused", reason: `the key may have signed before, and its silence proves nothing about its old signer: ${proof}` }
  }
  const aboveTip = tip + blindBlocks + FLOOR_MARGIN_BLOCKS
  // At a spent height something may be signed already; an imported state was sealed above its last signature when it was imported.
  const aboveUsed = Math.max(imported.height, spent === undefined ? 0 : spent + 1)
  if (aboveUsed > aboveTip)
    return {
      kind: "sealed",
      height: aboveUsed,
      because: `${aboveUsed === imported.height ? "the imported state" : "what a restored backup says to be spent"} is above the tip`,
    }
  return { kind: "sealed", height: aboveTip, because: `the key may have signed before: sealed ${aboveTip - tip} blocks above the tip` }
}
