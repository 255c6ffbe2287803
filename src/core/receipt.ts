import type { Vote } from "./observe/state.ts"
import type { Verb } from "./plan/preflight.ts"

/** What a finished move cost and proved, from canonical commits alone. */
export type Receipt = {
  readonly schema: "gonka-ha/receipt/v1"
  readonly operation: string
  readonly kind: Verb
  readonly deployment: string
  readonly validator: string
  readonly from: string | undefined
  readonly to: string
  readonly by: string
  readonly began: string
  readonly ended: string
  readonly startHeight: number
  /** Undefined when none of the commits looked at carries our signature through the old node. */
  readonly lastSignedThroughOld: number | undefined
  readonly firstSignedThroughNew: number | undefined
  readonly missed: readonly number[]
  readonly nil: readonly number[]
  readonly jailBudgetLeftBlocks: number | undefined
}

/** Votes of one validator, by height. */
export type Votes = ReadonlyMap<number, Vote>

/**
 * Splits the votes at the height of the stopped signer's state. Its state only grows, so what was signed up to that height was signed
 * through the old node, and everything above through the new one.
 */
export function splitAtSwap(votes: Votes, startHeight: number, stoppedHeight: number) {
  const heights = [...votes.keys()].sort((a, b) => a - b)
  const signed = heights.filter((height) => votes.get(height) === "signed")
  const first = signed.find((height) => height > stoppedHeight)
  const since = heights.filter((height) => height >= startHeight)
  return {
    lastSignedThroughOld: signed.findLast((height) => height <= stoppedHeight),
    firstSignedThroughNew: first,
    missed: since.filter((height) => votes.get(height) === "absent"),
    nil: since.filter((height) => votes.get(height) === "nil"),
  }
}

export function receiptText(receipt: Receipt): string {
  const missed = receipt.missed.length === 0 ? "0 blocks" : `${receipt.missed.length} (${receipt.missed.join(", ")})`
  return [
    `${receipt.kind} of ${receipt.validator}: ${receipt.from ?? "nowhere"} -> ${receipt.to}`,
    `  last height signed through ${receipt.from ?? "the old node"}: ${receipt.lastSignedThroughOld ?? "none seen"}`,
    `  first height signed through ${receipt.to}: ${receipt.firstSignedThroughNew ?? "none seen"}`,
    `  blocks missed: ${missed}${receipt.nil.length > 0 ? `, signed nil: ${receipt.nil.join(", ")}` : ""}`,
    `  jail budget left: ${receipt.jailBudgetLeftBlocks === undefined ? "unknown" : `${receipt.jailBudgetLeftBlocks} blocks`}`,
    `  began ${receipt.began}, ended ${receipt.ended}, by ${receipt.by}`,
  ].join("\n")
}
