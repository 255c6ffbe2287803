import { expect, it } from "vitest"
import { sortedValue } from "../../../src/core/sorted-value.ts"

it("puts keys in order at every depth, and leaves lists as they are", () => {
  const text = JSON.stringify(sortedValue({ b: [{ d: 1, c: null }, "z", "a"], a: { y: {}, x: [] } }))
  expect(text).toBe('{"a":{"x":[],"y":{}},"b":[{"c":null,"d":1},"z","a"]}')
})

it("keeps a key that every object has", () => {
  const value: unknown = JSON.parse('{"b":1,"__proto__":{"toString":2}}')
  expect(JSON.stringify(sortedValue(value))).toBe('{"__proto__":{"toString":2},"b":1}')
})
