import type { Witness } from "../lab/witness/witness.ts"
import type { ReceiptRead } from "./receipt.ts"

/** Heights after the swap that are looked at as well: a signer that stopped again would show there. */
const AFTERMATH_BLOCKS = 2

/** What an independent look at the chain contradicts in a receipt; empty when the witness agrees. */
export async function disagreements(witness: Witness, receipt: ReceiptRead): Promise<readonly string[]> {
  const { startHeight, lastSignedThroughOld: last, firstSignedThroughNew: first } = receipt
  const to = Math.max(first + AFTERMATH_BLOCKS, ...receipt.missed, ...receipt.nil)
  const seen = await witness.testify(Math.min(startHeight, last), to)
  const since = (heights: readonly number[]) => heights.filter((height) => height >= startHeight)
  const between = seen.signed.filter((height) => height > last && height < first)
  return [
    ...(seen.signed.includes(last) ? [] : [`height ${last} was not signed`]),
    ...(seen.signed.includes(first) ? [] : [`height ${first} was not signed`]),
    ...(between.length === 0 ? [] : [`signed between the two heights: ${between.join(", ")}`]),
    ...differs("missed", since(seen.missed), receipt.missed),
    ...differs("signed nil", since(seen.nil), receipt.nil),
    ...seen.doubleSigns.map(({ votedAt }) => `a double sign at height ${votedAt}`),
    ...(seen.tombstoned ? ["the validator is tombstoned"] : []),
  ]
}

function differs(what: string, seen: readonly number[], claimed: readonly number[]): string[] {
  const list = (heights: readonly number[]) => (heights.length === 0 ? "none" : heights.join(", "))
  return list(seen) === list(claimed) ? [] : [`${what}: the witness saw ${list(seen)}, the receipt says ${list(claimed)}`]
}
