import * as z from "zod"
import { parseSignerState, sealedState } from "./observe/signer-state.ts"

/** CometBFT's priv_validator_state.json: the height is a string, the round is a number, and steps count from 1. */
const filePvSchema = z.object({
  height: z.string().regex(/^\d{1,15}$/),
  round: z.number().int().min(0),
  step: z.number().int().min(0).max(3),
})

export type ImportedState =
  | { readonly kind: "ok"; readonly lastSigned: number; readonly sealedAt: number; readonly text: string }
  | { readonly kind: "damaged"; readonly reason: string }

/**
 * Turns the state of another signer, a node's own or a tmkms, into a sealed state one height above it. The two formats count rounds and
 * steps differently, so nothing but the height is taken over, and at that height nothing may be signed again (signing.md 2.2).
 */
export function importState(text: string): ImportedState {
  const lastSigned = heightOf(text)
  if (lastSigned === undefined) {
    return { kind: "damaged", reason: "it is neither a node's priv_validator_state.json nor the state file of a tmkms" }
  }
  return { kind: "ok", lastSigned, sealedAt: lastSigned + 1, text: sealedState(lastSigned + 1) }
}

function heightOf(text: string): number | undefined {
  const tmkms = parseSignerState(text)
  if (tmkms.kind === "ok") return tmkms.state.height
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = filePvSchema.safeParse(json)
  return parsed.success ? Number(parsed.data.height) : undefined
}
