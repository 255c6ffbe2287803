import type { KeyObject } from "node:crypto"
import { createHash, generateKeyPairSync } from "node:crypto"
import { bech32 } from "@scure/base"

/** A funded account of the test chain. */
export type Account = { readonly address: string; readonly publicKey: Uint8Array; readonly privateKey: KeyObject }

export function makeAccount(): Account {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" })
  const { x, y } = privateKey.export({ format: "jwk" })
  if (x === undefined || y === undefined) throw new Error("a secp256k1 key without its parts")
  const isOdd = ((Buffer.from(y, "base64url").at(-1) ?? 0) & 1) === 1
  const publicKey = Buffer.concat([Buffer.from([isOdd ? 3 : 2]), Buffer.from(x, "base64url")])
  const digest = createHash("ripemd160").update(createHash("sha256").update(publicKey).digest()).digest()
  return { address: bech32.encode("cosmos", bech32.toWords(digest)), publicKey, privateKey }
}
