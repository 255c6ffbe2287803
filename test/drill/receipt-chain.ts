import { createHash } from "node:crypto"
import { z } from "zod"

/** Receipts of one validator in one place: file name to its bytes. */
export type ReceiptBytes = ReadonlyMap<string, Buffer>

const LINK = z.object({ number: z.number(), previous: z.string().nullable(), operation: z.string() })

/** What is wrong with receipts that should hang together and be the same in both places; written without a look at the product. */
export function receiptChainFaults(here: ReceiptBytes, there: ReceiptBytes): string[] {
  const names = [...new Set([...here.keys(), ...there.keys()])].sort()
  return names.length === 0 ? ["there is no receipt"] : names.flatMap((name, index) => faultsOf(name, index, names, here, there))
}

function faultsOf(name: string, index: number, names: readonly string[], here: ReceiptBytes, there: ReceiptBytes): string[] {
  const [ours, theirs] = [here.get(name), there.get(name)]
  if (!ours || !theirs) return [`${name} is only ${ours ? "on the operator's machine" : "on the signer's host"}`]
  if (!ours.equals(theirs)) return [`${name} is not the same in both places`]
  const { number, previous, operation } = LINK.parse(JSON.parse(ours.toString("utf8")))
  const before = there.get(names[index - 1] ?? "")
  const digest = before ? createHash("sha256").update(before).digest("hex") : null
  return [
    ...(number === index + 1 ? [] : [`${name} has the number ${number} and is the ${index + 1}. of them`]),
    ...(name === `${String(number).padStart(4, "0")}-${operation}.json` ? [] : [`${name} is of operation ${operation}, number ${number}`]),
    ...(previous === digest ? [] : [`${name} names ${previous} as the receipt before it, which is ${digest}`]),
  ]
}
