import * as z from "zod"
import type { StateFile } from "./state.ts"

/** Height, round and step of the last thing that the signer was asked to sign; tmkms counts steps 0 proposal, 1 prevote, 2 precommit. */
export type SignerState = { readonly height: number; readonly round: number; readonly step: number }

export const PRECOMMIT = 2

/** tmkms writes height and round as strings and refuses numbers (signing.md 2.2 and 9.5). */
const stateSchema = z.object({
  height: z.string().regex(/^\d{1,15}$/),
  round: z.string().regex(/^\d{1,9}$/),
  step: z.number().int().min(0).max(2),
  block_id: z.unknown(),
})

/** Reads a tmkms state file. Anything that tmkms would not read either is damaged. */
export function parseSignerState(text: string): StateFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { kind: "damaged", reason: "it is not JSON" }
  }
  const parsed = stateSchema.safeParse(json)
  if (!parsed.success || !(typeof json === "object" && json !== null && "block_id" in json)) {
    return { kind: "damaged", reason: "it does not hold height, round, step and block_id as tmkms writes them" }
  }
  const state = { height: Number(parsed.data.height), round: Number(parsed.data.round), step: parsed.data.step }
  return { kind: "ok", state, sealed: state.round === 0 && state.step === 0 && parsed.data.block_id === null }
}

/**
 * A state file that forbids everything below a height: at the height itself only a proposal of round 0 is refused as well.
 * The block id is null, which is safe only because no vote of ours can exist at that height (signing.md 2.2).
 */
export function sealedState(height: number): string {
  return JSON.stringify({ height: String(height), round: "0", step: 0, block_id: null })
}

/** Order of two states: negative when a comes before b. */
export function compareStates(a: SignerState, b: SignerState): number {
  return a.height - b.height || a.round - b.round || a.step - b.step
}

export function stateText(state: SignerState): string {
  return `${state.height}/${state.round}/${state.step}`
}
