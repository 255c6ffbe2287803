import fc from "fast-check"
import { expect, it } from "vitest"
import { linePlaces } from "../../../../src/core/spec/line-places.ts"

it.each([
  [0, 1, 1],
  [2, 1, 3],
  [3, 2, 1],
  [4, 3, 1],
  [6, 3, 3],
  [99, 3, 3],
  [-1, 1, 1],
])("the character %i stands in line %i, column %i", (offset, line, column) => {
  expect(linePlaces("ab\n\ncd")(offset)).toEqual({ line, column })
})

it("agrees with counting", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", "é") }), fc.nat({ max: 12 }), (text, offset) => {
      const before = text.slice(0, offset).split("\n")
      expect(linePlaces(text)(offset)).toEqual({ line: before.length, column: (before.at(-1) ?? "").length + 1 })
    }),
  )
})
