import type { FenceRecord } from "../fence-methods.ts"
import type { SignerMove } from "./signer-move.ts"
import type { SignerState } from "./signer-state.ts"

/** What was learnt, or why it could not be. Unknown never turns into false or zero. */
export type Reading<T> = { readonly kind: "seen"; readonly value: T } | { readonly kind: "unknown"; readonly reason: string }

export function seen<T>(value: T): Reading<T> {
  return { kind: "seen", value }
}

export function unknown(reason: string): { kind: "unknown"; reason: string } {
  return { kind: "unknown", reason }
}

export function valueIn<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.kind === "seen" ? reading.value : undefined
}

export type ContainerSeen = {
  readonly id: string
  readonly name: string
  readonly deployment: string
  readonly service: string
  readonly role: string
  readonly digest: string
  /** As its definition named it; an id where that name leads to another image by now. */
  readonly image: string
  /** The engine's word: running, exited, created, restarting, paused, dead. */
  readonly status: string
  readonly exitCode: number | undefined
  /** The engine's own sentence, such as `Up 3 hours (healthy)` or `Exited (137) 2 minutes ago`; absent where it was not asked for it. */
  readonly told?: string
}

/** A tmkms process on a host, whoever started it. */
export type TmkmsProcess = {
  readonly pid: number
  /** Undefined when it runs outside any container. */
  readonly containerId: string | undefined
  /** Established connections, as `address:port` of the far end. */
  readonly connections: readonly string[]
  /** The configuration file that it was started with, as it sees it. */
  readonly config: string
}

export type StateFile =
  | { readonly kind: "missing" }
  | { readonly kind: "damaged"; readonly reason: string }
  /** `sealed` means that gonka-ha wrote it and no signature has been made with it since. */
  | { readonly kind: "ok"; readonly state: SignerState; readonly sealed: boolean }

/** What the signer's directories on its host say. */
export type SignerFiles = {
  readonly aim: string | undefined
  /** The higher one of the two that are recorded; undefined when there is none, or one that is no number. */
  readonly floor: number | undefined
  /** Why it must not start, from the deployment or from the marks of its key. */
  readonly fence: string | undefined
  /** Who holds the signer's lock, for what and since when; undefined when nobody does. */
  readonly lockedBy: string | undefined
  readonly epoch: number
  readonly operation: PendingOperation | undefined
  /** What the last critical section on this host came to; undefined when there was none. */
  readonly move: SignerMove | undefined
  readonly state: StateFile
  /** SHA-256 of the installed key file; undefined when there is none. */
  readonly keySha256: string | undefined
}

/** `abort` takes a promotion or failover back; `replace` is the move of a signer to another host. */
export type OperationKind = "promote" | "failover" | "replace" | "abort"

/** An operation that was begun and not finished, as recorded on the signer's host. */
export type PendingOperation = {
  readonly id: string
  readonly kind: OperationKind
  readonly from: string | undefined
  readonly to: string
  readonly by: string
  readonly since: string
  /** The newest block when it began. */
  readonly startHeight: number
  /** The signer's state at the moment it was last stopped; what was signed up to here was signed through the old node. */
  readonly stopped?: SignerState
  /** Of a replacement: how it is known that the lost host's signer cannot reach the chain; absent until that is so, and again when it was not. */
  readonly fence?: FenceRecord
}

/** A signer's place on a host, in any deployment there. */
export type SignerPlace = {
  readonly deployment: string
  readonly validator: string
  /** The public key that its guard accepts; undefined when there is no guard. */
  readonly pubkey: string | undefined
  /** Whether a consensus key lies there. */
  readonly holdsKey: boolean
}

/** A host's clock against ours. */
export type HostClock = {
  /** Positive when it is ahead of ours. */
  readonly offsetMs: number
  /** The true offset is at most this far from the one above: the time that the answer took. */
  readonly withinMs: number
}

/** The file system that holds the deployment's directory. */
export type HostDisk = { readonly totalBytes: number; readonly freeBytes: number }

/** Who may change files and containers of a host. */
export type HostLockSeen = {
  /** Grows with everyone who takes the lock. */
  readonly epoch: number
  /** Whose process holds it, since when and what for; undefined when none does. */
  readonly heldBy: string | undefined
  /** Who has asked that nobody changes anything, since when and why; undefined when nobody has. */
  readonly kept: string | undefined
}

export type HostSeen = {
  /** Whether we are root there; undefined when the host did not tell. */
  readonly isRoot: boolean | undefined
  readonly lock: HostLockSeen
  readonly clock: Reading<HostClock>
  readonly disk: Reading<HostDisk>
  /** Installed files and secrets: path relative to the deployment's directory, to SHA-256. */
  readonly files: ReadonlyMap<string, string>
  readonly containers: readonly ContainerSeen[]
  /** Node name to the word in its owner file. */
  readonly owners: ReadonlyMap<string, string>
  /** Node name to the word that it left at its last start, `plain` or `port`; none of a node that can only be started with a port. */
  readonly started: ReadonlyMap<string, string>
  /** Node name to the port at which its signer reaches it, as installed. */
  readonly privvalPorts: ReadonlyMap<string, number>
  readonly signers: ReadonlyMap<string, SignerFiles>
  readonly places: readonly SignerPlace[]
  readonly tmkms: readonly TmkmsProcess[]
}

export type NodeSeen = {
  readonly height: number
  /** Age of its newest block at the moment when it answered. */
  readonly ageMs: number
  readonly network: string
  readonly version: string
  readonly peerIds: readonly string[]
  /** True proves that it is behind; false proves nothing. */
  readonly catchingUp: boolean
}

/** The chain's own record of a validator. */
export type SlashingSeen = {
  /** Undefined when the validator is not in the current set. */
  readonly votingPower: number | undefined
  readonly windowBlocks: number
  readonly minSignedBlocks: number
  /** Undefined when the chain has never had this validator in its active set. */
  readonly record:
    | {
        /** Height at which the chain began to count; jail and a new bond begin the count again. */
        readonly startHeight: number
        readonly missedBlocks: number
        readonly countedBlocks: number
        readonly jailedUntilMs: number
        readonly tombstoned: boolean
      }
    | undefined
  /** Newest first: whether the validator signed each of the last canonical commits. */
  readonly recent: readonly { readonly height: number; readonly vote: Vote }[]
}

export type Vote = "signed" | "absent" | "nil"

/** One look at the whole deployment. */
export type Observed = {
  readonly atMs: number
  readonly hosts: ReadonlyMap<string, Reading<HostSeen>>
  readonly nodes: ReadonlyMap<string, Reading<NodeSeen>>
  readonly slashing: ReadonlyMap<string, Reading<SlashingSeen>>
}
