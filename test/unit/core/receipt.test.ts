import { describe, expect, it } from "vitest"
import type { Vote } from "../../../src/core/observe/state.ts"
import { receiptName, splitAtSwap } from "../../../src/core/receipt.ts"

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
  ])("$name", ({ letters, start, stopped, last, first, missed, nil }) => {
    expect(splitAtSwap(votes(letters), start, stopped)).toEqual({
      lastSignedThroughOld: last,
      firstSignedThroughNew: first,
      commitsRead: { from: start, to: 99 + letters.length, unread: [] },
      missed,
      nil,
    })
  })

  it("claims nothing of what was not read", () => {
    expect(splitAtSwap(votes(""), 101, 102)).toEqual({
      lastSignedThroughOld: undefined,
      firstSignedThroughNew: undefined,
      commitsRead: undefined,
      missed: undefined,
      nil: undefined,
    })
  })

  it("tells which heights could not be read", () => {
    const pruned = votes("ssssss")
    pruned.delete(101)
    pruned.delete(103)
    expect(splitAtSwap(pruned, 101, 102)).toMatchObject({ commitsRead: { from: 101, to: 105, unread: [101, 103] }, missed: [] })
  })

  it("does not depend on the order in which the votes were read", () => {
    const mixed = new Map([...votes("sssaas")].reverse())
    expect(splitAtSwap(mixed, 101, 102)).toEqual(splitAtSwap(votes("sssaas"), 101, 102))
  })
})

it("names files so that they sort by number", () => {
  expect(receiptName({ number: 12, operation: "20261123-120000-promote-main" })).toBe("0012-20261123-120000-promote-main.json")
})
