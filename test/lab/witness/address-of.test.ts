import { expect, test } from "vitest"
import { addressOf } from "./address-of.ts"

test("the address of a key is what the chain prints for it", () => {
  // Read from a running chain's /validators.
  expect(addressOf("uF8/9mFQnkjs16NCxvFkpnrPRua/iI/iFnUn4Bd2wew=")).toBe("163C2DC1B9EAB1EB639AF620B5093C8AF35A239D")
})

test("a key of another length is refused", () => {
  expect(() => addressOf("AAAA")).toThrow("32 bytes")
})
