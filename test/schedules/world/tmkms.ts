import type { Disk } from "./disk.ts"
import type { Surroundings } from "./surroundings.ts"

/** What a vote is for: a block's id, or `nil`. */
export const NIL = ""

/** Height, round, step (0 proposal, 1 prevote, 2 precommit) and what was signed there; `undefined` is the null of a sealed state. */
export type SignedState = { readonly height: number; readonly round: number; readonly step: number; readonly content: string | undefined }

export type Answer = "signed" | "double-sign" | "regression" | "failed"

/** Whose key a process holds: a validator's, or a throw-away one. */
export type KeyHeld = { readonly validator: string } | { readonly validator: undefined; readonly parking: string }

/** The far end that a tmkms dials: a node's privval listener. */
export type Listener = {
  readonly name: string
  /** `refused` when nothing listens, `silent` when packets get lost, `held` when somebody else is connected. */
  knock(from: Tmkms): "connected" | "held" | "refused" | "silent"
  hangUp(from: Tmkms): void
  /** The far end has gone without a word. */
  lose(from: Tmkms): void
}

const RESPAWN_MS = 1000
/** tmkms gives up a handshake that nobody answers after this long. */
const HANDSHAKE_MS = 10_000
/** The kernel's pauses between SYN packets while nobody answers them. */
const SYN_MS = [1000, 2000, 4000, 8000, 16_000, 32_000]

/**
 * One tmkms process. Its rules are those of tmkms 0.12 (`signing.md` 2.2 and 9.5): the state is read once at the start, a missing one
 * becomes height 0, and it is written before each signature; a regression closes the connection, a conflicting vote is answered.
 */
export class Tmkms {
  readonly pid: number
  readonly key: KeyHeld
  readonly host: string
  readonly containerId: string
  readonly config: string
  alive = true
  connectedTo: Listener | undefined
  connectedAtMs = 0
  readonly #around: Surroundings
  readonly #disk: Disk
  readonly #stateFile: string
  readonly #listener: Listener
  readonly #log: (line: string) => void
  readonly #onSigned: (signer: Tmkms, state: SignedState) => void
  #state: SignedState
  #silentTries = 0

  /** @throws Error with the line that tmkms prints when its state cannot be read; it exits then. */
  constructor(
    around: Surroundings,
    place: {
      readonly pid: number
      readonly key: KeyHeld
      readonly host: string
      readonly containerId: string
      readonly config: string
      readonly disk: Disk
      readonly stateFile: string
      readonly listener: Listener
      readonly log: (line: string) => void
      readonly onSigned: (signer: Tmkms, state: SignedState) => void
    },
  ) {
    this.#around = around
    this.pid = place.pid
    this.key = place.key
    this.host = place.host
    this.containerId = place.containerId
    this.config = place.config
    this.#disk = place.disk
    this.#stateFile = place.stateFile
    this.#listener = place.listener
    this.#log = place.log
    this.#onSigned = place.onSigned
    const text = place.disk.read(place.stateFile)
    this.#state = text === undefined ? { height: 0, round: 0, step: 0, content: undefined } : parsedState(text)
    if (text === undefined) this.#persist(this.#state)
  }

  get state(): SignedState {
    return this.#state
  }

  /** The node that it was started for. */
  get target(): string {
    return this.#listener.name
  }

  start(): void {
    this.#dial()
  }

  /** SIGKILL: the kernel closes its connection. */
  die(): void {
    if (!this.alive) return
    this.alive = false
    const peer = this.connectedTo
    this.connectedTo = undefined
    peer?.hangUp(this)
  }

  /** Its host lost power: nobody tells the far end. */
  vanish(): void {
    if (!this.alive) return
    this.alive = false
    const peer = this.connectedTo
    this.connectedTo = undefined
    peer?.lose(this)
  }

  /** The node hung up, or the way to it was cut. */
  disconnected(reason: string): void {
    if (!this.alive || !this.connectedTo) return
    this.connectedTo = undefined
    this.#log(reason)
    this.#around.timeline.after(RESPAWN_MS, () => this.#dial())
  }

  /** The listener took it out of its backlog. */
  accepted(): void {
    this.connectedTo = this.#listener
    this.connectedAtMs = this.#around.timeline.now
    this.#silentTries = 0
    this.#log(`[${this.#around.topology.chain.id}@tcp://${this.#listener.name}] connected to validator successfully`)
  }

  sign(height: number, round: number, step: number, content: string): Answer {
    const last = this.#state
    const at = `${height}/${round}/${step}`
    if (height < last.height) return this.#regress(`height regression: last height:${last.height} new height:${height}`)
    if (height === last.height) {
      if (round < last.round) return this.#regress("round regression")
      if (round === last.round) {
        if (step < last.step) return this.#regress("step regression")
        const before = last.content ?? NIL
        if (before !== content && ((before !== NIL && content !== NIL) || step === last.step)) {
          this.#log(`attempted double sign ${stepName(step)} at h/r/s: ${at} (${before.slice(0, 10)} != ${content.slice(0, 10)})`)
          return "double-sign"
        }
      }
    }
    this.#state = { height, round, step, content }
    this.#persist(this.#state)
    this.#log(`signed ${stepName(step)}:${content === NIL ? "<nil>" : content.slice(0, 10)} at h/r/s ${at} (0 ms)`)
    this.#onSigned(this, this.#state)
    return "signed"
  }

  #regress(what: string): Answer {
    const peer = this.connectedTo
    this.disconnected(`attempted double sign: ${what}`)
    peer?.hangUp(this)
    return "regression"
  }

  #persist({ height, round, step, content }: SignedState): void {
    const block = content === undefined ? null : { hash: content, part_set_header: { total: content === NIL ? 0 : 1, hash: content } }
    const text = JSON.stringify({ height: String(height), round: String(round), step, block_id: block })
    // By rename and without fsync: a power loss may bring an older one back.
    this.#disk.write(this.#stateFile, text, this.#around.timeline.now)
  }

  #dial(): void {
    if (!this.alive || this.connectedTo) return
    const { timeline } = this.#around
    const answer = this.#listener.knock(this)
    if (answer === "connected") this.accepted()
    else if (answer === "refused") timeline.after(RESPAWN_MS, () => this.#dial())
    else if (answer === "silent") timeline.after(SYN_MS[Math.min(this.#silentTries++, SYN_MS.length - 1)] ?? 0, () => this.#dial())
    else
      timeline.after(HANDSHAKE_MS, () => {
        if (!this.alive || this.connectedTo) return
        this.#listener.hangUp(this)
        this.#log("protocol error:")
        timeline.after(RESPAWN_MS, () => this.#dial())
      })
  }
}

/** @throws Error as tmkms ends with one */
function parsedState(text: string): SignedState {
  const json: unknown = JSON.parse(text)
  const { height, round, step, block_id: block } = Object(json) as Record<string, unknown>
  if (typeof height !== "string" || typeof round !== "string") throw new Error("parse error: expected a string")
  if (block === undefined) throw new Error("parse error: missing field block_id")
  const hash = typeof block === "object" && block !== null && "hash" in block ? String(block.hash) : undefined
  return { height: Number(height), round: Number(round), step: Number(step), content: hash }
}

function stepName(step: number): string {
  return ["Proposal", "PreVote", "PreCommit"][step] ?? "?"
}
