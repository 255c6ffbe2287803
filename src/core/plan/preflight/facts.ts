import type { HostClock, Reading } from "../../observe/state.ts"
import type { UpgradePlan } from "../../observe/upgrade-query.ts"

export type Verb = "promote" | "failover"

/** What the target did while the chain gained at least one block. */
export type TargetWatched = {
  readonly looks: number
  readonly gained: number
  /** The most that it was behind a witness in any of the looks. */
  readonly worstLagBlocks: number
  /** The greatest age that its newest block had in any of the looks. */
  readonly worstAgeMs: number
}

/** Hashes of one block, as several nodes have it. */
export type BlockCompared = {
  readonly height: number
  /** By node; unknown where a node does not tell. A block's hash stands for everything before it, down to the genesis. */
  readonly hashes: ReadonlyMap<string, Reading<string>>
}

/** Facts that one look cannot give. */
export type PreflightFacts = {
  /** What the guard itself says about key, state, floor and fence; undefined when no signer runs, since the guard then speaks at its start. */
  readonly guard: Reading<"ok" | { readonly refusal: string }> | undefined
  /** Whether blocks of right now carry our signature; undefined when the active node answers for itself. */
  readonly stillSigning: Reading<boolean> | undefined
  /** Undefined when the target may wait for the stopped signer. */
  readonly target: Reading<TargetWatched> | undefined
  /** A block that the witnesses have both. */
  readonly witnessed: Reading<BlockCompared>
  /** A block that the target and one witness have both. */
  readonly targetBlock: Reading<BlockCompared>
  /** The upgrade that the chain has scheduled; undefined when there is none. */
  readonly upgrade: Reading<UpgradePlan | undefined>
  /** Who held the right to change this signer before we took it; undefined when it was free. */
  readonly lock: string | undefined
  /** Clocks of hosts that were read once more, since their first answer took too long to tell much. */
  readonly clocks: ReadonlyMap<string, Reading<HostClock>>
}
