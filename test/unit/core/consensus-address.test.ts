import { expect, it } from "vitest"
import { consensusAddress } from "../../../src/core/consensus-address.ts"
import { COMET_VALIDATOR } from "../../support/known-keys.ts"

it("writes an address as the SDK does", () => {
  // What `simd debug addr` of SDK 0.50.14 prints as "Bech32 Con".
  expect(consensusAddress("cosmosvalcons", COMET_VALIDATOR.address)).toBe("cosmosvalcons15vjcmjl5th9qmuzjnqv8puk3gsdrd5290t4qdq")
  expect(consensusAddress("gonkavalcons", COMET_VALIDATOR.address)).toMatch(/^gonkavalcons15vjcmjl5th9qmuzjnqv8puk3gsdrd529[a-z0-9]{6}$/)
})
