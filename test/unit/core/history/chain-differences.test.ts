import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chainDifferences, type NotedDigest } from "../../../../src/core/history/chain-differences.ts"
import {
  mergeReceipts,
  newestReceipt,
  parseReceipt,
  type ReceiptCopy,
  type ReceiptFile,
} from "../../../../src/core/history/merge-receipts.ts"
import { sha256 } from "../../../../src/edge/sha256.ts"
import { chainedReceipts } from "../../../support/a-receipt.ts"

const HERE = "this machine"
const THERE = "sig-1"

function notedOf(files: readonly ReceiptFile[]): NotedDigest[] {
  return files.flatMap(({ text }) => {
    const receipt = parseReceipt(text)
    return receipt ? [{ operation: receipt.operation, number: receipt.number, sha256: sha256(text) }] : []
  })
}

function differences(there: readonly ReceiptFile[], here: readonly ReceiptFile[], noted: readonly NotedDigest[] = []): string[] {
  const places: readonly ReceiptCopy[] = [
    { place: THERE, files: there },
    { place: HERE, files: here },
  ]
  return chainDifferences(mergeReceipts(places, sha256), places, noted, THERE)
}

const files = chainedReceipts(4)
const names = files.map(({ name }) => name)
const without = (number: number) => files.filter((_, index) => index !== number - 1)
const changed = (number: number, edit: (text: string) => string) =>
  files.map((file, index) => (index === number - 1 ? { ...file, text: edit(file.text) } : file))
const fewerMissed = (text: string) => text.replace('"jailBudgetLeftBlocks": 50', '"jailBudgetLeftBlocks": 99')

describe("chainDifferences", () => {
  it("finds nothing in a chain that holds, nor in none", () => {
    expect(differences(files, files, notedOf(files))).toEqual([])
    expect(differences([], [])).toEqual([])
  })

  it("takes it for granted that a machine lacks the receipts of moves that others made", () => {
    expect(differences(files, [], notedOf(files))).toEqual([])
  })

  it.each([
    {
      what: "one copy edited",
      there: changed(2, fewerMissed),
      here: files,
      found: [
        `${names[1]} on this machine differs from the one on sig-1`,
        `${names[1]} on sig-1 is not the one that ${names[2]} names as the receipt before it`,
      ],
    },
    {
      what: "both copies edited",
      there: changed(2, fewerMissed),
      here: changed(2, fewerMissed),
      found: [
        `${names[1]} on sig-1 is not the one that ${names[2]} names as the receipt before it`,
        `${names[1]} on this machine is not the one that ${names[2]} names as the receipt before it`,
      ],
    },
    { what: "lost on the signer's host", there: without(2), here: files, found: [`${names[1]} is missing on sig-1`] },
    { what: "lost in both places", there: without(2), here: without(2), found: ["receipt 2 is missing everywhere"] },
    { what: "the first ones lost", there: files.slice(3), here: files.slice(3), found: ["receipts 1 to 3 are missing everywhere"] },
    {
      what: "no receipt at all",
      there: changed(4, () => "{}"),
      here: changed(4, () => "{}"),
      found: [`${names[3]} is not a receipt that can be read`],
    },
    {
      what: "under another's name",
      there: [...without(4), { name: "0004-other.json", text: files[3]?.text ?? "" }],
      here: without(4),
      found: [`0004-other.json says of itself that it is ${names[3]}`],
    },
    {
      what: "a stranger among them",
      there: [...files, { name: "notes.json", text: "{}" }],
      here: files,
      found: ["notes.json does not have the name of a receipt"],
    },
  ])("names it: $what", ({ there, here, found }) => {
    expect(differences(there, here)).toEqual(found)
  })

  it("names two receipts with one number", () => {
    const twin = chainedReceipts(4, (number) =>
      number === 4 ? { operation: "20261123-130000-failover-main", kind: "failover" } : {},
    ).slice(3)
    expect(differences([...files, ...twin], files)).toEqual(["more than one receipt has the number 4"])
  })

  it("misses the newest receipt that both places have lost, because its journal tells of it", () => {
    expect(differences(without(4), without(4), notedOf(files))).toEqual([
      "the journal of 20261123-120400-promote-main tells of receipt 4, which is not there",
    ])
  })

  it("finds any changed byte of any receipt, in one copy or in both", () => {
    const noted = notedOf(files)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (number, position, flip, both) => {
          const edited = changed(number, (text) => withByte(text, position, flip))
          expect(differences(edited, both ? edited : files, noted)).not.toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })

  it("finds any changed byte of a receipt that has no second copy and no journal, if another one follows it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (number, position, flip) => {
        expect(
          differences(
            changed(number, (text) => withByte(text, position, flip)),
            [],
          ),
        ).not.toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

/** The text with one byte changed, as a reader that takes every byte for text has it. */
function withByte(text: string, position: number, flip: number): string {
  const bytes = new TextEncoder().encode(text)
  const at = position % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ flip
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
}

describe("newestReceipt", () => {
  const newest = (there: readonly ReceiptFile[], here: readonly ReceiptFile[]) => {
    const places = [
      { place: THERE, files: there },
      { place: HERE, files: here },
    ]
    return newestReceipt(mergeReceipts(places, sha256), places)
  }

  it("is none before the first move", () => {
    expect(newest([], [])).toBeUndefined()
  })

  it.each([
    { what: "the signer's host is ahead", there: files, here: files.slice(0, 2), number: 4, text: files[3]?.text },
    { what: "this machine is ahead", there: files.slice(0, 2), here: files, number: 4, text: files[3]?.text },
    { what: "the two disagree", there: files, here: changed(4, fewerMissed), number: 4, text: files[3]?.text },
    { what: "the newest is damaged", there: changed(4, () => "torn"), here: [], number: 4, text: "torn" },
  ])("follows $what", ({ there, here, number, text }) => {
    expect(newest(there, here)).toEqual({ number, sha256: sha256(text ?? "") })
  })
})
