import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto"
import { AppError, EXIT } from "../core/errors.ts"
import type { PublicIdentity } from "../core/ports.ts"

const SEED_BYTES = 32
/** The DER header that turns a bare seed into the PKCS#8 that OpenSSL reads (RFC 8410). */
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex")

/** 32 random bytes: a private Ed25519 key. */
export function newSeed(): Buffer {
  return randomBytes(SEED_BYTES)
}

export function publicKeyOf(seed: Buffer): Buffer {
  const key = createPrivateKey({ format: "der", type: "pkcs8", key: Buffer.concat([PKCS8_HEADER, seed]) })
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32)
}

export function identityOfSeed(seed: Buffer): PublicIdentity {
  return identityOfPublicKey(publicKeyOf(seed))
}

export function identityOfPublicKey(publicKey: Buffer): PublicIdentity {
  const digest = createHash("sha256").update(publicKey).digest()
  return { pubkeyBase64: publicKey.toString("base64"), addressHex: digest.subarray(0, 20).toString("hex").toUpperCase() }
}

/** The form in which tmkms keeps a softsign key and its connection key: base64 of the bare seed, nothing after it. */
export function softsignText(seed: Buffer): string {
  return seed.toString("base64")
}

/**
 * Reads a softsign key. Exactly 32 bytes: tmkms 0.12 refuses anything else, and 0.15 would read 64 bytes as a different key (signing.md 2.4).
 * @throws AppError KEY_INVALID
 */
export function parseSoftsign(what: string, text: string): Buffer {
  const seed = decodeBase64(text.trim())
  if (seed === undefined) throw invalidKey(what, text.trim() === "" ? "it is empty" : "it is not base64")
  if (seed.length === 2 * SEED_BYTES) {
    throw invalidKey(
      what,
      "it holds 64 bytes, the seed and the public key together: some versions of tmkms take that for another key",
      "give the base64 of the first 32 bytes",
    )
  }
  if (seed.length !== SEED_BYTES) throw invalidKey(what, `it holds ${seed.length} bytes instead of the 32 of an Ed25519 seed`)
  return seed
}

/** Strict base64: what does not encode back to the same text is not what its writer meant. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64")
  return text !== "" && bytes.toString("base64") === text ? bytes : undefined
}

export function invalidKey(what: string, reason: string, hint?: string): AppError {
  return new AppError("KEY_INVALID", EXIT.refused, `${what} cannot be used: ${reason}`, hint === undefined ? {} : { hint })
}
