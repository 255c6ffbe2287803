import { reasonOf } from "../core/errors.ts"
import { type MergedReceipt, mergeReceipts, newestReceipt, type ReceiptFile } from "../core/history/merge-receipts.ts"
import type { PendingOperation } from "../core/observe/state.ts"
import { type Receipt, receiptFile } from "../core/receipt.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import type { Journal } from "./journal.ts"
import { type History, historyHere, historyOnSignerHost, receiptsDir } from "./read-receipts.ts"
import { receiptFindings } from "./receipt-findings.ts"

type WrittenReceipt = { readonly receipt: Receipt; readonly path: string }

/**
 * Keeps what a move came to, here and on the signer's host, as the next one in this validator's chain of receipts. An operation has one
 * receipt, however often it is taken up again.
 */
export async function writeReceipt(
  deployment: Deployment,
  validator: Validator,
  operation: PendingOperation,
  journal: Journal,
): Promise<WrittenReceipt> {
  const { report, sha256 } = deployment
  const [here, there] = await Promise.all([historyHere(deployment, validator), historyOnSignerHost(deployment, validator)])
  const notes: string[] = []
  if (there.kind === "unknown") notes.push(`the receipts on ${validator.signerHost} could not be read: ${there.reason}`)
  const places: readonly History[] = there.kind === "seen" ? [there.value, here] : [here]
  const merged = mergeReceipts(places, sha256)
  const { receipt, name, text } =
    written(merged, operation) ?? (await next(deployment, validator, operation, journal, notes, { merged, places }))
  for (const note of notes) report({ kind: "note", text: note })
  await completeCopies(deployment, validator, [...places, { place: "new", files: [{ name, text }], noted: [] }])
  if (!places.some(({ noted }) => noted.some((each) => each.operation === operation.id && each.number === receipt.number)))
    await journal.write({ at: "receipt", validator: validator.name, number: receipt.number, sha256: sha256(text) })
  return { receipt, path: `${receiptsDir(deployment, validator)}/${name}` }
}

type Kept = ReceiptFile & { readonly receipt: Receipt }

/** What is taken back after it was done is one more move of the same operation. */
function written(merged: readonly MergedReceipt[], { id, kind }: PendingOperation): Kept | undefined {
  const found = merged.find(({ receipt }) => receipt?.operation === id && receipt.kind === kind)
  const text = found?.copies[0]?.text
  return found?.receipt && text !== undefined ? { receipt: found.receipt, name: found.name, text } : undefined
}

async function next(
  deployment: Deployment,
  validator: Validator,
  operation: PendingOperation,
  journal: Journal,
  notes: string[],
  { merged, places }: { readonly merged: readonly MergedReceipt[]; readonly places: readonly History[] },
): Promise<Kept> {
  const newest = newestReceipt(merged, places)
  const receipt: Receipt = {
    schema: "gonka-ha/receipt/v2",
    number: (newest?.number ?? 0) + 1,
    previous: newest?.sha256 ?? null,
    ...(await receiptFindings(deployment, validator, operation, journal, notes)),
  }
  return { receipt, ...receiptFile(receipt) }
}

/** Gives each place the receipts that only the other one has. What stands there is never written over, right or wrong. */
async function completeCopies(deployment: Deployment, validator: Validator, places: readonly History[]): Promise<void> {
  const { local, fleet, topology, report } = deployment
  const files = new Map(places.flatMap((place) => place.files.map((file) => [file.name, file.text] as const)).reverse())
  const isAt = (place: string, name: string) => places.some((each) => each.place === place && each.files.some((file) => file.name === name))
  for (const [name, text] of [...files].sort()) {
    try {
      const path = `${receiptsDir(deployment, validator)}/${name}`
      if (!(await local.exists(path))) await local.create(path, text, 0o644)
    } catch (error) {
      report({ kind: "note", text: `receipt ${name} could not be kept on this machine: ${reasonOf(error)}` })
    }
    // Where nobody knows what stands there, nothing is put.
    if (!places.some((each) => each.place === validator.signerHost) || isAt(validator.signerHost, name)) continue
    try {
      await fleet.host(validator.signerHost).push(`${topology.dir}/${layout.signer.receipts(validator.name)}/${name}`, text, 0o644)
    } catch (error) {
      report({ kind: "note", text: `receipt ${name} could not be kept on ${validator.signerHost}: ${reasonOf(error)}` })
    }
  }
}
