import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type CutLine, LineCutter } from "../../../../src/core/logs/line-cutter.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

function cut(pieces: readonly Uint8Array[], maxChars = 10): readonly CutLine[] {
  const cutter = new LineCutter(maxChars)
  return [...pieces.flatMap((piece) => cutter.push(piece)), ...cutter.end()]
}

describe("lines out of pieces", () => {
  it.each([
    { text: "", lines: [] },
    { text: "one\n", lines: ["one"] },
    { text: "one\n\ntwo", lines: ["one", "", "two"] },
    { text: "\n", lines: [""] },
    { text: "one\r\ntwo\r\n", lines: ["one", "two"] },
  ])("$text", ({ text, lines }) => {
    expect(cut([bytes(text)])).toEqual(lines.map((line) => ({ text: line, lostChars: 0 })))
  })

  it("are the same wherever the pieces end, also inside of a character", () => {
    const anyText = fc.string({ unit: fc.constantFrom("a", "\n", "ü", "漢", "😀", "\r"), maxLength: 60 })
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
        const whole = bytes(text)
        const ends = [...cuts.map((at) => at % (whole.length + 1)), whole.length].sort((a, b) => a - b)
        const pieces = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
        expect(cut(pieces)).toEqual(cut([whole]))
      }),
    )
  })

  it("come as soon as they end", () => {
    const cutter = new LineCutter(10)
    expect(cutter.push(bytes("on"))).toEqual([])
    expect(cutter.push(bytes("e\ntwo"))).toEqual([{ text: "one", lostChars: 0 }])
    expect(cutter.end()).toEqual([{ text: "two", lostChars: 0 }])
  })
})

it("cuts a long line, counts what it lost, and is whole again with the next one", () => {
  const cutter = new LineCutter(10)
  for (let piece = 0; piece < 1000; piece++) expect(cutter.push(bytes("x".repeat(1000)))).toEqual([])
  expect(cutter.push(bytes("\nshort\n"))).toEqual([
    { text: "x".repeat(10), lostChars: 999_990 },
    { text: "short", lostChars: 0 },
  ])
})
