import { expect, it } from "vitest"
import { receiptText, wholeReceiptText } from "../../../../src/core/history/receipt-text.ts"
import { aReceipt } from "../../../support/a-receipt.ts"

it("tells what a clean move cost, and how that is known", () => {
  expect(receiptText(aReceipt())).toBe(`receipt 1: promote of main: node-1 -> node-2
  last height signed through node-1: 1002 (commits and the signer's log agree)
  first height signed through node-2: 1003 (commits and the signer's log agree)
  blocks missed: 0 of 1000 to 1004
  jail budget left: 50 blocks
  signer stopped at h/r/s 1002/0/2 on sig-1
  began 2026-11-23T12:00:00.000Z, ended 2026-11-23T12:00:09.000Z, by anna@desk`)
})

it("says what it does not know, and never a zero for it", () => {
  const text = receiptText(
    aReceipt({
      from: undefined,
      stopped: undefined,
      lastSignedThroughOld: { agree: "unknown" },
      firstSignedThroughNew: { log: 1004, agree: "unknown" },
      commitsRead: undefined,
      missed: undefined,
      nil: undefined,
      jailBudgetLeftBlocks: undefined,
    }),
  )
  expect(text).toContain("main: nowhere -> node-2")
  expect(text).toContain("signed through the old node: none seen")
  expect(text).toContain("signed through node-2: none seen in commits, 1004 in the signer's log")
  expect(text).toContain("blocks missed: unknown, no commit could be read")
  expect(text).toContain("jail budget left: unknown")
  expect(text).not.toContain("h/r/s")
})

it.each([
  { what: "missed and nil", changes: { missed: [1003, 1004], nil: [1005] }, text: "2 (1003, 1004) of 1000 to 1004, signed nil: 1005" },
  { what: "unread", changes: { commitsRead: { from: 1000, to: 1004, unread: [1001] } }, text: "0 of 1000 to 1004, 1 could not be read" },
  {
    what: "a late vote",
    changes: { lastSignedThroughOld: { log: 1003, commits: 1002, agree: true as const } },
    text: "1002 (commits and the signer's log agree; its vote for 1003 came too late)",
  },
  {
    what: "a log that is gone",
    changes: { lastSignedThroughOld: { commits: 1002, agree: "unknown" as const } },
    text: "1002 (commits; the signer's log does not tell)",
  },
  {
    what: "a contradiction",
    changes: { firstSignedThroughNew: { log: 1005, commits: 1003, agree: false as const } },
    text: "1003 by the commits, BUT THE SIGNER'S LOG SAYS 1005: look for another signer",
  },
])("tells of $what", ({ changes, text }) => {
  expect(receiptText(aReceipt(changes))).toContain(text)
})

it("shows the whole of it: steps with their time, files, what came before", () => {
  const steps = [
    {
      title: "node-2: stop the parking signer",
      began: "2026-11-23T12:00:01.250Z",
      tookMs: 420,
      result: "done" as const,
      said: "after block 1001",
    },
    {
      title: "main: stop the signer and start it at node-2",
      began: "2026-11-23T12:00:06.000Z",
      tookMs: 610,
      result: "failed" as const,
      said: "no",
    },
    { title: "main: signer connected to node-2", began: "2026-11-23T12:00:07.000Z", result: "cut off" as const },
  ]
  const text = wholeReceiptText(
    aReceipt({ number: 2, previous: "2".repeat(64), steps, notes: ["the pause was missed; looking again (1 of 3)"] }),
  )
  expect(text.split("\n").slice(7)).toEqual([
    "  operation 20261123-120000-promote-main",
    `  made from gonka-ha.yaml, SHA-256 ${"1".repeat(64)}`,
    `  receipt before it: SHA-256 ${"2".repeat(64)}`,
    "",
    "  how it went (UTC):",
    "  12:00:01.250 ✓ node-2: stop the parking signer: after block 1001 (420ms)",
    "  12:00:06.000 ✗ main: stop the signer and start it at node-2: no (610ms)",
    "  12:00:07.000 ? main: signer connected to node-2: cut off here",
    "",
    "  notes:",
    "  - the pause was missed; looking again (1 of 3)",
  ])
  expect(wholeReceiptText(aReceipt())).toContain("receipt before it: none, this is the first")
})
