import * as z from "zod"
import { decodeBase64, identityOfSeed, invalidKey, publicKeyOf } from "./ed25519.ts"

const PRIVATE_TYPE = "tendermint/PrivKeyEd25519"
const PUBLIC_TYPE = "tendermint/PubKeyEd25519"

const privateKey = z.object({ type: z.literal(PRIVATE_TYPE), value: z.string() })
const nodeKeyFile = z.object({ priv_key: privateKey })
const validatorKeyFile = z.object({
  address: z.string(),
  pub_key: z.object({ type: z.literal(PUBLIC_TYPE), value: z.string() }),
  priv_key: privateKey,
})

/** CometBFT's config/node_key.json; its private keys are the seed followed by the public key. */
export function nodeKeyText(seed: Buffer): string {
  return JSON.stringify({ priv_key: { type: PRIVATE_TYPE, value: Buffer.concat([seed, publicKeyOf(seed)]).toString("base64") } })
}

/** The seed in a node_key.json. @throws AppError KEY_INVALID */
export function parseNodeKey(what: string, text: string): Buffer {
  const parsed = nodeKeyFile.safeParse(json(what, text))
  if (!parsed.success) throw invalidKey(what, `it is not a node_key.json with a ${PRIVATE_TYPE}`)
  return seedOf(what, parsed.data.priv_key.value)
}

/** The seed in a priv_validator_key.json, after every part of the file was checked against it. @throws AppError KEY_INVALID */
export function parseValidatorKey(what: string, text: string): Buffer {
  const parsed = validatorKeyFile.safeParse(json(what, text))
  if (!parsed.success) throw invalidKey(what, `it is not a priv_validator_key.json with an address, a ${PUBLIC_TYPE} and a ${PRIVATE_TYPE}`)
  const seed = seedOf(what, parsed.data.priv_key.value)
  const identity = identityOfSeed(seed)
  if (parsed.data.pub_key.value !== identity.pubkeyBase64) throw invalidKey(what, "its public key does not belong to its private key")
  if (parsed.data.address.toUpperCase() !== identity.addressHex) throw invalidKey(what, "its address does not belong to its key")
  return seed
}

function seedOf(what: string, value: string): Buffer {
  const bytes = decodeBase64(value)
  if (bytes?.length !== 64) throw invalidKey(what, "its private key is not the base64 of 64 bytes")
  const seed = bytes.subarray(0, 32)
  if (!publicKeyOf(seed).equals(bytes.subarray(32))) throw invalidKey(what, "the two halves of its private key do not belong together")
  return seed
}

function json(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message would quote the file, which holds a secret.
    throw invalidKey(what, "it is not JSON")
  }
}
