import fc from "fast-check"
import { expect, it } from "vitest"
import { printable } from "../../../src/core/printable.ts"

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
