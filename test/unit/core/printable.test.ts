import fc from "fast-check"
import { expect, it, vi } from "vitest"
import { harmless, harmlessJson, printable, printableIn } from "../../../src/core/printable.ts"

vi.setConfig({ testTimeout: 30_000 })

it.each([
  ["plain text, ümläuts and 漢字 stay", "plain text, ümläuts and 漢字 stay"],
  ["\u001b[2Jgone", "\\x1b[2Jgone"],
  ["\u009b31mred", "\\x9b31mred"],
  ["a\rb\nc\u0007", "a\\x0db\\x0ac\\x07"],
  ["a\tb", "a  b"],
  ["right \u202eto left", "right \\u{202e}to left"],
])("%j becomes %j", (text, shown) => {
  expect(printable(text)).toBe(shown)
})

it("lets nothing through that a terminal acts upon", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(printable(text))))
})

const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/u

it("keeps the lines and tabs of a longer text, and nothing else that a terminal acts upon", () => {
  expect(harmless("a\tb\n\u001b[2Jc\r\n")).toBe("a\tb\n\\x1b[2Jc\\x0d\n")
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(harmless(text).replaceAll(/[\n\t]/g, "")).not.toMatch(UNPRINTABLE)
      expect(harmless(harmless(text))).toBe(harmless(text))
    }),
  )
})

it("writes out in JSON what a terminal would act upon, and JSON says the same", () => {
  const json = fc
    .jsonValue({ stringUnit: "binary" })
    .chain((value) => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2)))
  fc.assert(
    fc.property(json, (text) => {
      expect(harmlessJson(text).replaceAll("\n", "")).not.toMatch(UNPRINTABLE)
      expect(JSON.parse(harmlessJson(text))).toEqual(JSON.parse(text))
    }),
    { examples: [['"\u009b2J \u202e \u{e0001}"']] },
  )
})

it("makes every text inside of a value printable, and leaves the rest as it is", () => {
  expect(printableIn({ "a\u001b": ["b\u0007", 1, null, { c: "d\u202e" }], e: true })).toEqual({
    "a\\x1b": ["b\\x07", 1, null, { c: "d\\u{202e}" }],
    e: true,
  })
})
