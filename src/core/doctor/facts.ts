import type { BackupRecord } from "../backup/record.ts"
import type { GuardWord } from "../observe/signer-view.ts"
import type { Observed, Reading } from "../observe/state.ts"
import type { UpgradePlan } from "../observe/upgrade-query.ts"
import type { SecretFile } from "../ports.ts"
import type { FileSet } from "../render/fileset.ts"
import type { Topology } from "../topology.ts"
import type { DiskReadings } from "./disk-readings.ts"
import type { HostProbe } from "./host-probe.ts"

/** What both copies of a validator's receipts say. */
export type ReceiptsSeen = {
  readonly count: number
  /** Everything that does not hold, one sentence each. */
  readonly differences: readonly string[]
  /** When the newest move ended; undefined when nothing was moved yet. */
  readonly lastMoveMs: number | undefined
}

/** Everything that the checks look at: one look at all hosts, all nodes and the chain. */
export type DoctorFacts = {
  readonly topology: Topology
  readonly files: FileSet
  readonly secrets: readonly SecretFile[]
  readonly observed: Observed
  /** By host. */
  readonly probes: ReadonlyMap<string, Reading<HostProbe>>
  /** The upgrade that the chain has scheduled; undefined when there is none. */
  readonly upgrade: Reading<UpgradePlan | undefined>
  /** By validator; undefined where no signer runs, since the guard then speaks at its start. */
  readonly guards: ReadonlyMap<string, Reading<GuardWord> | undefined>
  /** By validator. */
  readonly receipts: ReadonlyMap<string, Reading<ReceiptsSeen>>
  /** What earlier looks from this machine have found. */
  readonly disksBefore: DiskReadings
  /** By validator, the newest backup with a key of it that this machine has recorded; undefined where there is none. */
  readonly backups: ReadonlyMap<string, Reading<BackupRecord | undefined>>
  /** By validator, of signers whose lock somebody holds: since when, by the holder's clock. */
  readonly lockedSinceMs: ReadonlyMap<string, number>
}
