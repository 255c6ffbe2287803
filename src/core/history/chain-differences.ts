import { receiptName } from "../receipt.ts"
import type { MergedReceipt, ReceiptCopy } from "./merge-receipts.ts"

/** What a journal says of the receipt that its operation wrote. */
export type NotedDigest = { readonly operation: string; readonly number: number; readonly sha256: string }

/**
 * Everything in which the receipts contradict themselves, one another, or the digests that the journals hold. Every receipt names the
 * digest of the one before it; the newest, which nothing follows, is held by its second copy and by its journal.
 *
 * @param complete the place in which every receipt has to be: the signer's host
 */
export function chainDifferences(
  merged: readonly MergedReceipt[],
  places: readonly ReceiptCopy[],
  noted: readonly NotedDigest[],
  complete: string | undefined,
): string[] {
  return [
    ...merged.flatMap(ownDifferences),
    ...merged.flatMap((each) => copyDifferences(each, complete)),
    ...numberDifferences(merged),
    ...merged.flatMap((each) => linkDifferences(each, merged, places)),
    ...noted.flatMap((each) => digestDifferences(each, merged)),
  ]
}

function ownDifferences({ name, receipt, number }: MergedReceipt): string[] {
  if (number === undefined) return [`${name} does not have the name of a receipt`]
  if (!receipt) return [`${name} is not a receipt that can be read`]
  return receiptName(receipt) === name ? [] : [`${name} says of itself that it is ${receiptName(receipt)}`]
}

function copyDifferences({ name, copies }: MergedReceipt, complete: string | undefined): string[] {
  const [first, ...others] = copies
  return [
    ...others
      .filter(({ sha256 }) => sha256 !== first?.sha256)
      .map(({ place }) => `${name} on ${place} differs from the one on ${first?.place}`),
    ...(complete === undefined || copies.some(({ place }) => place === complete) ? [] : [`${name} is missing on ${complete}`]),
  ]
}

function numberDifferences(merged: readonly MergedReceipt[]): string[] {
  const found: string[] = []
  let before = 0
  for (const number of merged.flatMap((each) => each.number ?? [])) {
    if (number === before) found.push(`more than one receipt has the number ${number}`)
    if (number === before + 2) found.push(`receipt ${number - 1} is missing everywhere`)
    if (number > before + 2) found.push(`receipts ${before + 1} to ${number - 1} are missing everywhere`)
    before = number
  }
  return found
}

/** Every copy names the digest of a receipt with the number before its own. */
function linkDifferences(
  { name, number, receipt }: MergedReceipt,
  merged: readonly MergedReceipt[],
  places: readonly ReceiptCopy[],
): string[] {
  if (!receipt || number === undefined) return []
  if (number === 1) return receipt.previous === null ? [] : [`${name} is the first, but names a receipt before it`]
  const before = merged.filter((each) => each.number === number - 1)
  // A missing one is told of by its number.
  if (before.length === 0) return []
  if (receipt.previous === null) return [`${name} names no receipt before it`]
  return before.flatMap((each) =>
    places
      .flatMap(({ place }) => each.copies.filter((copy) => copy.place === place))
      .filter(({ sha256 }) => sha256 !== receipt.previous)
      .map(({ place }) => `${each.name} on ${place} is not the one that ${name} names as the receipt before it`),
  )
}

function digestDifferences({ operation, number, sha256 }: NotedDigest, merged: readonly MergedReceipt[]): string[] {
  const found = merged.find((each) => each.name === receiptName({ number, operation }))
  if (!found) return [`the journal of ${operation} tells of receipt ${number}, which is not there`]
  return found.copies
    .filter((copy) => copy.sha256 !== sha256)
    .map(({ place }) => `${found.name} on ${place} is not the one that the journal of ${operation} tells of`)
}
