import type { Secret } from "../core/secret.ts"
import { parseValidatorKey } from "./comet-key-file.ts"
import { parseSoftsign } from "./ed25519.ts"

/** The seed in a key file of either kind: CometBFT's is JSON, tmkms's is base64. @throws AppError KEY_INVALID */
export function consensusSeed(key: Secret): Buffer {
  const text = key.expose()
  return text.trimStart().startsWith("{") ? parseValidatorKey("the key file", text) : parseSoftsign("the key file", text)
}
