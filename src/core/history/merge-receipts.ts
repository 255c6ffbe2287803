import { type Receipt, receiptSchema } from "../receipt.ts"
import type { Sha256 } from "../render/fileset.ts"

/** A receipt's file as it lies in one place. */
export type ReceiptFile = { readonly name: string; readonly text: string }

/** All receipts of one validator that lie in one place. */
export type ReceiptCopy = {
  /** In words: `this machine`, or the signer's host. */
  readonly place: string
  readonly files: readonly ReceiptFile[]
}

/** One file, by name, with what lies under it in each place. */
export type MergedReceipt = {
  readonly name: string
  /** From the name; undefined when the name is not a receipt's. */
  readonly number: number | undefined
  /** Undefined when no place has it in a form that can be read. */
  readonly receipt: Receipt | undefined
  readonly copies: readonly { readonly place: string; readonly text: string; readonly sha256: string }[]
}

/** Both places as one list, by number. Where they differ, the place that comes first is believed; nothing is lost of the other. */
export function mergeReceipts(places: readonly ReceiptCopy[], sha256: Sha256): MergedReceipt[] {
  const names = [...new Set(places.flatMap(({ files }) => files.map(({ name }) => name)))].sort()
  return names
    .map((name) => {
      const copies = places.flatMap(({ place, files }) =>
        files.filter((file) => file.name === name).map(({ text }) => ({ place, text, sha256: sha256(text) })),
      )
      const receipt = copies.map(({ text }) => parseReceipt(text)).find((each) => each !== undefined)
      return { name, number: numberIn(name), receipt, copies }
    })
    .sort((a, b) => (a.number ?? 0) - (b.number ?? 0))
}

/** What the next receipt follows: the highest number, and of two receipts with one number the one in the place that comes first. */
export function newestReceipt(
  merged: readonly MergedReceipt[],
  places: readonly ReceiptCopy[],
): { readonly number: number; readonly sha256: string } | undefined {
  const number = Math.max(0, ...merged.map((each) => each.number ?? 0))
  for (const { place } of places) {
    for (const { copies } of merged.filter((each) => each.number === number)) {
      const copy = copies.find((each) => each.place === place)
      if (copy) return { number, sha256: copy.sha256 }
    }
  }
  return undefined
}

export function parseReceipt(text: string): Receipt | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = receiptSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

function numberIn(name: string): number | undefined {
  const [, digits] = /^(\d{4,9})-.+\.json$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}
