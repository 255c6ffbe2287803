import { describe, expect, it } from "vitest"
import { nodeKeyText, parseNodeKey, parseValidatorKey } from "../../../src/edge/comet-key-file.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"

const seed = Buffer.from(RFC_8032_KEY.seed, "base64")

describe("node_key.json", () => {
  it("is written as CometBFT writes it", () => {
    expect(nodeKeyText(seed)).toBe(`{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"${RFC_8032_KEY.seedAndPublic}"}}`)
    expect(parseNodeKey("key", nodeKeyText(seed))).toEqual(seed)
  })

  it.each(["", "{}", '{"priv_key":{"type":"tendermint/PrivKeySecp256k1","value":""}}'])("is refused: %s", (text) => {
    expect(() => parseNodeKey("the file", text)).toThrow(/^the file cannot be used: /)
  })
})

describe("priv_validator_key.json", () => {
  it("of CometBFT's own tests is read", () => {
    expect(parseValidatorKey("key", COMET_VALIDATOR_KEY)).toEqual(Buffer.from(COMET_VALIDATOR.seed, "base64"))
  })

  it.each([
    ["an address of another key", COMET_VALIDATOR.address, RFC_8032_KEY.address, "its address does not belong to its key"],
    ["a public key of another", COMET_VALIDATOR.pubkey, RFC_8032_KEY.pubkey, "its public key does not belong to its private key"],
    ["halves that do not match", "YVoQ==", "YVpQ==", "the two halves of its private key do not belong together"],
    ["a seed alone", /"EV.*=="/, `"${COMET_VALIDATOR.seed}"`, "its private key is not the base64 of 64 bytes"],
    ["another type", "tendermint/PrivKeyEd25519", "tendermint/PrivKeySr25519", "it is not a priv_validator_key.json"],
    ["a broken file", "}\n}", "}", "it is not JSON"],
  ])("is refused with %s", (_, before, after, reason) => {
    const text = COMET_VALIDATOR_KEY.replace(before, after)
    expect(text).not.toBe(COMET_VALIDATOR_KEY)
    expect(() => parseValidatorKey("the key file", text)).toThrow(`the key file cannot be used: ${reason}`)
  })

  it("never shows its content in an error", () => {
    try {
      parseValidatorKey("the key file", COMET_VALIDATOR_KEY.slice(0, -3))
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("EVkqJO")
    }
  })
})
