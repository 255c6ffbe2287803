import { createHash } from "node:crypto"

/** A validator's consensus address: the first 20 bytes of the SHA-256 of its public key, in upper-case hex. */
export function addressOf(publicKeyBase64: string): string {
  const key = Buffer.from(publicKeyBase64, "base64")
  if (key.length !== 32) throw new Error(`an ed25519 public key has 32 bytes, this one ${key.length}`)
  return createHash("sha256").update(key).digest("hex").slice(0, 40).toUpperCase()
}
