import type { ReceiptFile } from "../../src/core/history/merge-receipts.ts"
import { type Receipt, receiptFile } from "../../src/core/receipt.ts"
import { sha256 } from "../../src/edge/sha256.ts"

/** A receipt of a clean promotion; a test changes what it is about. */
export function aReceipt(changes: Partial<Receipt> = {}): Receipt {
  return {
    schema: "gonka-ha/receipt/v2",
    number: 1,
    previous: null,
    operation: "20261123-120000-promote-main",
    kind: "promote",
    deployment: "lab",
    chain: "lab-1",
    validator: "main",
    address: "AB".repeat(20),
    signerHost: "sig-1",
    from: "node-1",
    to: "node-2",
    by: "anna@desk",
    began: "2026-11-23T12:00:00.000Z",
    ended: "2026-11-23T12:00:09.000Z",
    spec: [{ file: "gonka-ha.yaml", sha256: "1".repeat(64) }],
    startHeight: 1000,
    stopped: { height: 1002, round: 0, step: 2 },
    lastSignedThroughOld: { log: 1002, commits: 1002, agree: true },
    firstSignedThroughNew: { log: 1003, commits: 1003, agree: true },
    commitsRead: { from: 1000, to: 1004, unread: [] },
    missed: [],
    nil: [],
    jailBudgetLeftBlocks: 50,
    steps: [],
    notes: [],
    ...changes,
  }
}

/** Receipts of one validator, each naming the one before it, as their files. */
export function chainedReceipts(count: number, changes: (number: number) => Partial<Receipt> = () => ({})): readonly ReceiptFile[] {
  const files: ReceiptFile[] = []
  for (let number = 1; number <= count; number++) {
    const before = files.at(-1)
    const operation = `20261123-12${String(number).padStart(2, "0")}00-promote-main`
    files.push(receiptFile(aReceipt({ number, operation, previous: before ? sha256(before.text) : null, ...changes(number) })))
  }
  return files
}
