import { describe, expect, it } from "vitest"
import type { Vote } from "../../../src/core/observe/state.ts"
import { type Receipt, receiptText, splitAtSwap } from "../../../src/core/receipt.ts"

/** One letter per block from 100 on: signed, absent, nil. */
const votes = (letters: string) => {
  const word: Readonly<Record<string, Vote>> = { s: "signed", a: "absent", n: "nil" }
  return new Map([...letters].map((letter, index) => [100 + index, word[letter] ?? "absent"] as const))
}

describe("splitAtSwap", () => {
  it.each([
    { name: "no block lost", letters: "ssssss", start: 101, stopped: 102, last: 102, first: 103, missed: [], nil: [] },
    { name: "blocks lost in the move", letters: "sssaas", start: 101, stopped: 102, last: 102, first: 105, missed: [103, 104], nil: [] },
    {
      name: "what was lost before does not count",
      letters: "asssss",
      start: 101,
      stopped: 102,
      last: 102,
      first: 103,
      missed: [],
      nil: [],
    },
    { name: "a lost old node", letters: "saaass", start: 101, stopped: 100, last: 100, first: 104, missed: [101, 102, 103], nil: [] },
    { name: "a nil vote", letters: "sssnss", start: 101, stopped: 102, last: 102, first: 104, missed: [], nil: [103] },
    {
      name: "nothing signed since",
      letters: "sssaaa",
      start: 101,
      stopped: 102,
      last: 102,
      first: undefined,
      missed: [103, 104, 105],
      nil: [],
    },
    {
      name: "nothing signed before",
      letters: "aaasss",
      start: 101,
      stopped: 102,
      last: undefined,
      first: 103,
      missed: [101, 102],
      nil: [],
    },
    { name: "the last vote not in the chain", letters: "sssass", start: 101, stopped: 103, last: 102, first: 104, missed: [103], nil: [] },
    { name: "nothing read", letters: "", start: 101, stopped: 102, last: undefined, first: undefined, missed: [], nil: [] },
  ])("$name", ({ letters, start, stopped, last, first, missed, nil }) => {
    expect(splitAtSwap(votes(letters), start, stopped)).toEqual({ lastSignedThroughOld: last, firstSignedThroughNew: first, missed, nil })
  })

  it("does not depend on the order in which the votes were read", () => {
    const mixed = new Map([...votes("sssaas")].reverse())
    expect(splitAtSwap(mixed, 101, 102)).toEqual(splitAtSwap(votes("sssaas"), 101, 102))
  })
})

const receipt: Receipt = {
  schema: "gonka-ha/receipt/v1",
  operation: "20261123-120000-promote-main",
  kind: "promote",
  deployment: "lab",
  validator: "main",
  from: "node-1",
  to: "node-2",
  by: "anna@desk",
  began: "2026-11-23T12:00:00.000Z",
  ended: "2026-11-23T12:00:09.000Z",
  startHeight: 1000,
  lastSignedThroughOld: 1002,
  firstSignedThroughNew: 1003,
  missed: [],
  nil: [],
  jailBudgetLeftBlocks: 50,
}

describe("receiptText", () => {
  it("tells what a clean move cost", () => {
    expect(receiptText(receipt)).toBe(`promote of main: node-1 -> node-2
  last height signed through node-1: 1002
  first height signed through node-2: 1003
  blocks missed: 0 blocks
  jail budget left: 50 blocks
  began 2026-11-23T12:00:00.000Z, ended 2026-11-23T12:00:09.000Z, by anna@desk`)
  })

  it("says what it does not know, and never a zero for it", () => {
    const text = receiptText({
      ...receipt,
      from: undefined,
      lastSignedThroughOld: undefined,
      firstSignedThroughNew: undefined,
      missed: [1003, 1004],
      nil: [1005],
      jailBudgetLeftBlocks: undefined,
    })
    expect(text).toContain("main: nowhere -> node-2")
    expect(text).toContain("signed through the old node: none seen")
    expect(text).toContain("signed through node-2: none seen")
    expect(text).toContain("blocks missed: 2 (1003, 1004), signed nil: 1005")
    expect(text).toContain("jail budget left: unknown")
  })
})
