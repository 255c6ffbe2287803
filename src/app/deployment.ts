import type { Report } from "../core/events.ts"
import type { KeyStore } from "../core/key-store.ts"
import type { Clock, Fleet, LocalFiles, SecretFile } from "../core/ports.ts"
import type { FileSet, Sha256 } from "../core/render/fileset.ts"
import type { Topology } from "../core/topology.ts"

/** The topology file, or an overlay above it: its name without directories, and the SHA-256 of its text. */
export type SpecDigest = { readonly file: string; readonly sha256: string }

/** Everything that a use case needs to work on a deployment's hosts. */
export type Deployment = {
  readonly topology: Topology
  readonly files: FileSet
  readonly secrets: readonly SecretFile[]
  /** What it was read from, for receipts. */
  readonly specDigests: readonly SpecDigest[]
  readonly keys: Pick<KeyStore, "readSecret" | "importedState">
  readonly fleet: Fleet
  readonly clock: Clock
  readonly local: LocalFiles
  /** `.gonka-ha` beside the spec: journal, receipts. */
  readonly stateDir: string
  /** Records of the signers that this machine has set up, of every deployment of the file. */
  readonly recordsDir: string
  readonly sha256: Sha256
  /** Text of `templates/probe.sh`. */
  readonly probeScript: string
  /** Text of `templates/move-signer.sh`. */
  readonly moveScript: string
  readonly report: Report
  /** Aborted by the first Ctrl-C: no new step begins. */
  readonly signal: AbortSignal
  /** Who runs this, for locks, journals and audit lines: `user@machine`. */
  readonly operator: string
  /** How long to wait for a lock that somebody else has, as `--lock-wait` said; not at all by default. */
  readonly lockWaitMs?: number
  /** The longest time that a step may wait, in milliseconds; left out: as long as something moves. */
  readonly waitLimitMs?: number
  /** Ends this process outright after the named step, as a crash would; for drills only. */
  readonly crashAfter: (step: string) => void
}
