import { type SignerState, stateText } from "../observe/signer-state.ts"

/** Above anything that a signer which was cut off at the tip could still have signed, with slack for witnesses that lag (signing.md 6.2 and 6.6). */
const MARGIN_BLOCKS = 5
/** Blocks that may have been made since the newest one that the witnesses have, on top of those that the margin covers. */
const AGE_SLACK_BLOCKS = 2
/** A seal can never be lowered: one far above the tip would keep the signer from signing until the chain is there. */
const MOST_ABOVE_BLOCKS = 1000

export type SealFacts = {
  /** The newest block that the witnesses agree on, and its age. */
  readonly tip: { readonly height: number; readonly ageMs: number }
  readonly blockMs: number
  /** The height that an operator asks for; undefined for the lowest safe one. */
  readonly wanted: number | undefined
  readonly floor: number | undefined
  /** What stands there; undefined when it is missing or damaged. */
  readonly state: SignerState | undefined
  /** Up to where the key may have been used according to a restored backup. */
  readonly spent: number | undefined
}

export type SealHeight =
  | { readonly kind: "sealed"; readonly height: number; readonly because: string }
  | { readonly kind: "refused"; readonly reason: string; readonly fix: string }

/** The height at which a stopped signer's state is sealed: above everything that its key can have signed, never below what is recorded. */
export function sealHeight({ tip, blockMs, wanted, floor, state, spent }: SealFacts): SealHeight {
  const margin = Math.max(MARGIN_BLOCKS, Math.floor(tip.ageMs / blockMs) + MARGIN_BLOCKS - AGE_SLACK_BLOCKS)
  const lowest = tip.height + margin
  const highest = tip.height + MOST_ABOVE_BLOCKS
  if (state && state.height >= lowest && wanted === undefined) {
    return {
      kind: "refused",
      reason: `the state is at ${stateText(state)}, and a seal now would be at ${lowest}: it forbids all of that already`,
      fix: state.height > highest ? "find out of which chain it is" : "start the signer when the chain is there",
    }
  }
  const bounds = [
    { height: lowest, what: `${margin} blocks above the newest block ${tip.height}` },
    ...(floor === undefined ? [] : [{ height: floor, what: `the floor ${floor}` }]),
    ...(state === undefined ? [] : [{ height: state.height + 1, what: `the state at ${stateText(state)}` }]),
    ...(spent === undefined
      ? []
      : [{ height: spent + 1, what: `the height ${spent}, up to which a restored backup says that the key was used` }]),
  ]
  const bound = bounds.reduce((highestYet, each) => (each.height > highestYet.height ? each : highestYet))
  const height = wanted ?? bound.height
  if (height < bound.height) {
    return { kind: "refused", reason: `${height} is below ${bound.what}`, fix: `seal at ${bound.height} or above, or leave --height away` }
  }
  if (height > highest) {
    return {
      kind: "refused",
      reason: `${height} is more than ${MOST_ABOVE_BLOCKS} blocks above the newest block ${tip.height}${wanted === undefined ? `, and it follows from ${bound.what}` : ""}: nothing could be signed before the chain is there, and a seal is never lowered`,
      fix: wanted === undefined ? "find out of which chain that record is" : `leave --height away: it seals at ${bound.height}`,
    }
  }
  return { kind: "sealed", height, because: wanted === undefined ? bound.what : "as it was asked for" }
}
