import { expect, it } from "vitest"
import { sameValue } from "../../../src/core/same-value.ts"

it.each([
  [
    { a: 1, b: [true, "x"] },
    { b: [true, "x"], a: 1 },
  ],
  [{ a: 1, b: undefined }, { a: 1 }],
  [[], []],
  [null, null],
])("%j is the same as %j", (left, right) => {
  expect(sameValue(left, right)).toBe(true)
  expect(sameValue(right, left)).toBe(true)
})

it.each([
  [{ a: 1 }, { a: "1" }],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: undefined }, { b: 1 }],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, 1]],
  [[], {}],
  [{}, null],
  [{ 0: "x" }, ["x"]],
  [{ toString: 1 }, {}],
])("%j is not the same as %j", (left, right) => {
  expect(sameValue(left, right)).toBe(false)
  expect(sameValue(right, left)).toBe(false)
})
