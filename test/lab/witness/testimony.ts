import type { DoubleSign } from "./double-signs.ts"

/** What the chain says about one validator over the heights `from` to `to`, both included. */
export type Testimony = {
  readonly address: string
  readonly from: number
  readonly to: number
  readonly signed: readonly number[]
  readonly missed: readonly number[]
  readonly nil: readonly number[]
  /** Heights at which it was not in the validator set. */
  readonly outside: readonly number[]
  /** Heights whose block it proposed. */
  readonly proposed: readonly number[]
  /** Heights that were committed in a later round than the first one. */
  readonly laterRound: readonly number[]
  /** Double signs of this validator that blocks in the range report. */
  readonly doubleSigns: readonly DoubleSign[]
  readonly tombstoned: boolean
}
