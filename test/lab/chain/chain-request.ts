export type ChainRequest = {
  /** The validator under test, public part only. */
  readonly consensusPubkeyBase64: string
  /** More validators under test. For each of them there is one more outside validator, so that the chain moves without ours. */
  readonly moreConsensusPubkeysBase64?: readonly string[]
  /** Becomes timeout_commit. */
  readonly blockMs: number
  /** How long a validator stays in jail that missed half of the window; Gonka's ten minutes when absent. */
  readonly jailSeconds?: number
  /** Half of it may be missed before jail; Gonka's 100 when absent. A wider one is for drills that take long before ours signs at all. */
  readonly windowBlocks?: number
}
