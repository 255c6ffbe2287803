import { Decrypter, Encrypter } from "age-encryption"
import type { Secret } from "../core/secret.ts"

/** age's own default: about a second and 256 MB for every guess, here and in its own program. */
export const WORK_FACTOR = 18

/** Why an age file gave nothing. A header that was changed shows as a wrong passphrase where only its salt or its key was hit. */
export type NotDecrypted =
  | { readonly kind: "not age" }
  | { readonly kind: "wrong passphrase" }
  | { readonly kind: "damaged"; readonly cause: unknown }

export type Decrypted = { readonly kind: "decrypted"; readonly bytes: Uint8Array } | NotDecrypted

/** Encrypts to a passphrase in the format of https://age-encryption.org/v1. @param workFactor logarithm of the work for each guess */
export async function encryptWithPassphrase(bytes: Uint8Array, passphrase: Secret, workFactor: number): Promise<Uint8Array> {
  const age = new Encrypter()
  age.setPassphrase(passphrase.expose())
  age.setScryptWorkFactor(workFactor)
  return age.encrypt(bytes)
}

export async function decryptWithPassphrase(bytes: Uint8Array, passphrase: Secret): Promise<Decrypted> {
  if (!beginsLikeAge(bytes)) return { kind: "not age" }
  const age = new Decrypter()
  age.addPassphrase(passphrase.expose())
  try {
    return { kind: "decrypted", bytes: await age.decrypt(bytes) }
  } catch (cause) {
    return cause instanceof Error && cause.message.startsWith("no identity matched")
      ? { kind: "wrong passphrase" }
      : { kind: "damaged", cause }
  }
}

function beginsLikeAge(bytes: Uint8Array): boolean {
  const magic = new TextEncoder().encode("age-encryption.org/v1\n")
  return magic.every((byte, index) => bytes[index] === byte)
}
