import { expect, it } from "vitest"
import { historyText, verifiedText } from "../../../src/cli/show-history.ts"
import { aReceipt } from "../../support/a-receipt.ts"

const one = { validator: "main", signerHost: "sig-1", damaged: [] }

it("lists moves, the newest last, in at most 80 columns", () => {
  const receipts = [
    aReceipt(),
    aReceipt({ number: 2, kind: "failover", from: "node-2", to: "node-1", missed: [1007], by: "bob-with-a-long-name@laptop" }),
    aReceipt({ number: 3, from: undefined, to: "node-2", missed: undefined }),
  ]
  const text = historyText([{ ...one, receipts }])
  expect(text).toBe(`moves of main, signer on sig-1
NO    BEGAN (UTC)          KIND      FROM -> TO            MISSED   BY
1     2026-11-23 12:00:00  promote   node-1 -> node-2      0        anna@desk
2     2026-11-23 12:00:00  failover  node-2 -> node-1      1        bob-with-a-l
                                                                    ong-name@lap
                                                                    top
3     2026-11-23 12:00:00  promote   nowhere -> node-2     unknown  anna@desk
`)
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
})

it("says that there is none, what is damaged, and what was not read", () => {
  expect(historyText([{ ...one, receipts: [] }])).toBe("moves of main, signer on sig-1\n  none yet\n")
  expect(historyText([{ ...one, receipts: [], damaged: ["0001-x.json"], unread: "no route" }])).toBe(
    "moves of main, signer on sig-1\n  none yet\n✗ 0001-x.json is not a receipt that can be read\n" +
      "? only what this machine has: the copy on sig-1 could not be read: no route\n",
  )
})

const sound = { validator: "main", receipts: 3, differences: [], unasked: [], notes: [], heights: { asked: 15, gone: 0, by: "sentry-1" } }

it.each([
  { what: "holds", verified: sound, text: "✓ main: 3 receipts hold: numbers, digests, both copies, 15 heights as sentry-1 has them\n" },
  { what: "is empty", verified: { ...sound, receipts: 0 }, text: "✓ main: no move yet\n" },
  {
    what: "was asked only in part",
    verified: { ...sound, unasked: ["the chain: no sentry answers"], heights: { asked: 0, gone: 0, by: undefined } },
    text: "? main: 3 receipts, nothing differs in what could be asked\n  ? could not be asked: the chain: no sentry answers\n",
  },
  {
    what: "differs",
    verified: {
      ...sound,
      differences: ["receipt 2 is missing everywhere"],
      heights: { asked: 15, gone: 2, by: "sentry-1" },
      notes: ["a note"],
    },
    text:
      "✗ main: 3 receipts, one difference\n  ✗ receipt 2 is missing everywhere\n" +
      "  2 heights are no longer there on sentry-1, so nobody was asked about them\n  a note\n",
  },
])("tells of a history that $what", ({ verified, text }) => {
  expect(verifiedText([verified])).toBe(text)
})
