import { createHash, generateKeyPairSync } from "node:crypto"

/** An ed25519 key in the two files that CometBFT keeps such keys in. */
export type CometKey = {
  readonly address: string
  readonly publicKeyBase64: string
  readonly seedBase64: string
  readonly nodeKeyJson: string
  readonly validatorKeyJson: string
}

export function makeCometKey(): CometKey {
  const { privateKey } = generateKeyPairSync("ed25519")
  const { d, x } = privateKey.export({ format: "jwk" })
  if (d === undefined || x === undefined) throw new Error("an ed25519 key without its parts")
  const seed = Buffer.from(d, "base64url")
  const publicKey = Buffer.from(x, "base64url")
  const address = createHash("sha256").update(publicKey).digest("hex").slice(0, 40)
  const privateJson = { type: "tendermint/PrivKeyEd25519", value: Buffer.concat([seed, publicKey]).toString("base64") }
  const publicJson = { type: "tendermint/PubKeyEd25519", value: publicKey.toString("base64") }
  return {
    address,
    publicKeyBase64: publicKey.toString("base64"),
    seedBase64: seed.toString("base64"),
    nodeKeyJson: JSON.stringify({ priv_key: privateJson }),
    validatorKeyJson: JSON.stringify({ address: address.toUpperCase(), pub_key: publicJson, priv_key: privateJson }),
  }
}
