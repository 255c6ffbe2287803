import { describe, expect, it } from "vitest"
import { identityOfPublicKey, identityOfSeed, newSeed, parseSoftsign, softsignText } from "../../../src/edge/ed25519.ts"
import { COMET_VALIDATOR, RFC_8032_KEY } from "../../support/known-keys.ts"

describe("ed25519", () => {
  it.each([RFC_8032_KEY, COMET_VALIDATOR])("derives $address", ({ seed, pubkey, address }) => {
    expect(identityOfSeed(Buffer.from(seed, "base64"))).toEqual({ pubkeyBase64: pubkey, addressHex: address })
    expect(identityOfPublicKey(Buffer.from(pubkey, "base64")).addressHex).toBe(address)
  })

  it("writes and reads tmkms's softsign form", () => {
    const seed = newSeed()
    expect(softsignText(seed)).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(parseSoftsign("key", `${softsignText(seed)}\n`)).toEqual(seed)
  })

  it("makes another key every time", () => {
    expect(newSeed().equals(newSeed())).toBe(false)
  })

  it.each([
    ["", "it is empty"],
    ["!!!", "it is not base64"],
    ["nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2B=", "it is not base64"],
    [Buffer.alloc(31).toString("base64"), "it holds 31 bytes instead of the 32 of an Ed25519 seed"],
    [
      RFC_8032_KEY.seedAndPublic,
      "it holds 64 bytes, the seed and the public key together: some versions of tmkms take that for another key",
    ],
  ])("refuses %s", (text, reason) => {
    expect(() => parseSoftsign("the key file", text)).toThrow(`the key file cannot be used: ${reason}`)
  })
})
