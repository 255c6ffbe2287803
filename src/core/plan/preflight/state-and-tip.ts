import type { Issue } from "../../issue.ts"
import { chainTip, everythingIsStale } from "../../observe/health.ts"
import { signedAbove } from "../../observe/jail-budget.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import type { WhoSigns } from "../../observe/who-signs.ts"
import type { Topology, Validator } from "../../topology.ts"
import type { Verb } from "./facts.ts"
import { refuse } from "./refusal.ts"

/** A signer works on the block after the newest one, and that may have come in since we asked for the newest. */
const AHEAD_BLOCKS = 2
/** One look takes no longer than its slowest host may, and the state is read at another moment of it than the chain. */
const LOOK_MS = 10_000
const BEHIND_BLOCKS = 5

/**
 * The signer's state against the chain: not further ahead than a signer can be, and while it signs not left behind either. A state
 * ahead of the chain is that of another chain, or a sealed one; one that stays behind while blocks carry the key's signature means
 * that they were signed elsewhere, or that the state is not written.
 */
export function stateAndTipReasons(topology: Topology, observed: Observed, validator: Validator, who: WhoSigns, verb: Verb): Issue[] {
  const file = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.state
  const tip = chainTip(observed)
  if (file?.kind !== "ok" || !tip || everythingIsStale(observed, topology.policy)) return []
  const { height } = file.state
  const slashing = valueIn(observed.slashing.get(validator.name))
  // The votes are asked for after everything else, so they may know of newer blocks.
  const newest = Math.max(tip.height, (slashing?.recent[0]?.height ?? 0) + 1)
  if (height > newest + AHEAD_BLOCKS)
    return [
      refuse(
        validator.name,
        `the signer's state is at height ${height}, ${height - newest} blocks above the chain's newest block ${newest}, and at most ${AHEAD_BLOCKS} are possible`,
        file.sealed
          ? "it was sealed there: wait until the chain has passed that height"
          : "it belongs to another chain, or the nodes are behind: find out which before anything moves",
      ),
    ]
  if (who.kind !== "active" || !slashing) return []
  const slack = Math.max(BEHIND_BLOCKS, Math.ceil(LOOK_MS / topology.chain.blockMs))
  const elsewhere = signedAbove(slashing.recent, height + slack)
  if (elsewhere.length > 0)
    return [
      refuse(
        validator.name,
        `block ${Math.max(...elsewhere)} carries this key's signature, and the running signer's state is at ${height}, more than ${slack} blocks below`,
        "another signer is alive, or this one does not write its state: find out before anything moves",
      ),
    ]
  const behind = tip.height - height
  return verb === "promote" && who.attached && slashing.votingPower !== undefined && behind > slack
    ? [
        refuse(
          validator.name,
          `the signer is connected and does not sign: its state is at height ${height}, ${behind} blocks below the chain's newest block ${tip.height}, limit ${slack}`,
          "look at the signer's log on its host; a planned move waits for a signature to know its moment",
        ),
      ]
    : []
}
