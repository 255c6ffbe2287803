import type { Validator } from "../topology.ts"
import { chainTip } from "./health.ts"
import { signedAbove } from "./jail-budget.ts"
import { type Observed, type SignerFiles, valueIn } from "./state.ts"

type Problem = { readonly message: string; readonly fix: string }

/** Why a signer must not start on the state that stands on its host, and what to do; undefined when nothing speaks against it. */
export function stateProblem(files: SignerFiles | undefined): Problem | undefined {
  const restore =
    "`gonka-ha signer state seal` is the way on, or `gonka-ha signer state import FILE` where a newer state of this key is known"
  if (!files || files.state.kind === "missing") {
    return { message: "the signer's state file is missing on its host", fix: `never start without it: ${restore}` }
  }
  if (files.state.kind === "damaged")
    return { message: `the signer's state file is damaged: ${files.state.reason}`, fix: `never edit it to a lower height: ${restore}` }
  const { height } = files.state.state
  if (files.floor === undefined) return { message: `the signer's state is at height ${height}, and no floor is recorded`, fix: restore }
  return height < files.floor
    ? { message: `the signer's state is at height ${height}, below its recorded floor ${files.floor}: it was rolled back`, fix: restore }
    : undefined
}

/** A seal lies five blocks above the tip, and a few more may be missing where the tip was read late. */
const SEALED_AHEAD_BLOCKS = 10

/**
 * A stopped signer's state that the chain is nowhere near: it would wait for that height in silence. Only a fresh block tells where the
 * chain is; nodes that still catch up say nothing.
 */
export function aheadOfChain(observed: Observed, validator: Validator, freshnessMs: number): Problem | undefined {
  const state = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.state
  const tip = chainTip(observed)
  if (state?.kind !== "ok" || !tip || tip.ageMs > freshnessMs || state.state.height <= tip.height + SEALED_AHEAD_BLOCKS) return undefined
  return {
    message: `the signer's state is at height ${state.state.height}, and the chain at ${tip.height}: it is the state of another chain or of another signer`,
    fix: "put this signer's own state back; one that was sealed so high on purpose starts once the chain is there",
  }
}

/** The chain's word against a stopped signer's state: blocks above it that carry the key's signature. */
export function foreignSignatures(observed: Observed, validator: Validator): Problem | undefined {
  const state = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.state
  const slashing = valueIn(observed.slashing.get(validator.name))
  if (state?.kind !== "ok" || !slashing) return undefined
  const above = signedAbove(slashing.recent, state.state.height)
  if (above.length === 0) return undefined
  return {
    message: `block ${Math.max(...above)} carries this key's signature, above the stopped signer's state at ${state.state.height}: another signer is alive, or this state is an older copy`,
    fix: "find and stop the other signer for good before anything else",
  }
}
