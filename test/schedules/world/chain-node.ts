import { fate } from "../random.ts"
import type { Block, Chain, Member } from "./chain.ts"
import type { Surroundings } from "./surroundings.ts"
import { type KeyHeld, type Listener, NIL, type Tmkms } from "./tmkms.ts"

/** A node with a listener and no signer ends after this long (signing.md 1.2). */
const LONELY_MS = 3050
/** How long a node that asked for a refused vote does nothing else (signing.md 9.5). */
const REFUSED_MS = 18_000
/** How often a node sees a round differently from the network: the proposal came too late for it. */
const OTHER_VIEWS = 0.12
/** How often a node in consensus that lags asks for a vote at the height that it is at, before the block of that height reaches it. */
const LATE_VOTES = 0.3
const SNAPSHOT_AGE_BLOCKS = 30
const BLOCK_SYNC_MS = 40
const GOSSIP_MS = 120
/** A frozen node loses its peers bit by bit, and needs time to find them again. */
const LOST_PEERS = 0.1

type Phase = "down" | "booting" | "lonely" | "syncing" | "consensus"

export type NodeSite = {
  /** Whether blocks and votes reach this node. */
  isConnected(): boolean
  /** How a packet from a host's signer fares on its way to this node. */
  route(fromHost: string): "open" | "silent"
}

/**
 * A CometBFT node. With a privval listener it needs a signer to start, asks for its public key after each block, and stands still while
 * nobody answers; a signer that is attached counts from the block after (signing.md 1.3 and 1.4).
 */
export class ChainNode implements Member, Listener {
  readonly name: string
  readonly hasListener: boolean
  height: number
  /** Frozen at a block whose successor it cannot work on, or at a vote that nobody signs. */
  frozenSinceMs: number | undefined
  paused = false
  readonly #around: Surroundings
  readonly #chain: Chain
  readonly #site: NodeSite
  #phase: Phase = "down"
  #run = 0
  #key: KeyHeld | undefined
  #holder: Tmkms | undefined
  #backlog: Tmkms[] = []
  #stalledUntilMs = 0
  #onExit: (code: number) => void = () => {}
  #isFollowing = false
  #voted = ""

  constructor(around: Surroundings, chain: Chain, name: string, hasListener: boolean, site: NodeSite) {
    this.#around = around
    this.#chain = chain
    this.name = name
    this.hasListener = hasListener
    this.#site = site
    this.height = chain.tip
  }

  get isUp(): boolean {
    return this.#phase === "syncing" || this.#phase === "consensus"
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The height that its consensus works on; undefined while it waits for a signer and answers nothing about it. */
  get workingHeight(): number | undefined {
    return this.isUp && this.frozenSinceMs === undefined ? this.height + 1 : undefined
  }

  get holder(): Tmkms | undefined {
    return this.#holder
  }

  /** Whether the key that it votes with is this validator's. */
  votesFor(validator: string): boolean {
    return this.#phase === "consensus" && this.#key?.validator === validator && this.#holder?.key.validator === validator
  }

  start(bootMs: number, onExit: (code: number) => void): void {
    const run = ++this.#run
    this.#onExit = onExit
    this.#phase = "booting"
    this.#around.timeline.after(bootMs, () => {
      if (run !== this.#run) return
      if (!this.hasListener) return this.#sync()
      this.#phase = "lonely"
      this.#around.timeline.after(LONELY_MS, () => {
        if (run !== this.#run || this.#phase !== "lonely") return
        this.#around.note(this.name, "exits: no signer came within 3 s")
        this.stop()
        onExit(1)
      })
    })
  }

  /** As if it had run for long: it only waits for the signer that it has had all the time. */
  arriveAtTip(): void {
    const onExit = this.#onExit
    this.stop()
    this.#onExit = onExit
    this.#phase = "consensus"
    this.height = this.#chain.tip
  }

  /** Its host lost power: nobody tells the signer. */
  vanish(): void {
    const [holder, backlog] = [this.#holder, this.#backlog]
    this.#holder = undefined
    this.#backlog = []
    this.stop()
    for (const signer of [...backlog, ...(holder ? [holder] : [])])
      this.#around.timeline.after(10_000, () => signer.disconnected("I/O error: Resource temporarily unavailable (os error 11)"))
  }

  stop(): void {
    this.#run++
    this.#phase = "down"
    this.paused = false
    this.frozenSinceMs = undefined
    const [holder, backlog] = [this.#holder, this.#backlog]
    this.#holder = undefined
    this.#backlog = []
    this.#key = undefined
    this.#isFollowing = false
    holder?.disconnected("I/O error: failed to fill whole buffer")
    for (const waiting of backlog) waiting.disconnected("I/O error")
  }

  crash(): void {
    if (this.#phase === "down") return
    const onExit = this.#onExit
    this.stop()
    onExit(2)
  }

  pause(): void {
    this.paused = true
    const holder = this.#holder
    this.#around.timeline.after(10_000, () => {
      // The signer reads nothing for ten seconds and comes back into the backlog of a node that does not listen.
      if (this.paused && holder && this.#holder === holder) {
        this.#holder = undefined
        holder.disconnected("I/O error: Resource temporarily unavailable (os error 11)")
      }
    })
  }

  unpause(): void {
    this.paused = false
    this.#accept()
    this.#follow()
  }

  /** The way between its signer and it was cut, or its signer's host is gone. */
  lose(signer: Tmkms): void {
    if (this.#holder !== signer) return
    this.#around.timeline.after(5000, () => {
      if (this.#holder === signer && (!signer.alive || this.#site.route(signer.host) === "silent")) {
        this.#holder = undefined
        signer.disconnected("I/O error: Resource temporarily unavailable (os error 11)")
        this.#accept()
      }
    })
  }

  knock(from: Tmkms): "connected" | "held" | "refused" | "silent" {
    if (this.#site.route(from.host) === "silent") return "silent"
    if (this.#phase === "down" || this.#phase === "booting") return "refused"
    if (this.#holder || this.paused || this.#backlog.length > 0) {
      this.#backlog.push(from)
      return "held"
    }
    this.#holder = from
    this.#around.timeline.after(0, () => this.#attached())
    return "connected"
  }

  hangUp(from: Tmkms): void {
    this.#backlog = this.#backlog.filter((each) => each !== from)
    if (this.#holder !== from) return
    this.#holder = undefined
    const { timeline, random } = this.#around
    const run = this.#run
    // A pending request finds out at once, an idle node with its next ping.
    timeline.after(this.frozenSinceMs === undefined ? random.between(100, 3330) : random.between(50, 300), () => {
      if (run === this.#run) this.#accept()
    })
  }

  propose(height: number, round: number, validator: string): string | undefined {
    if (!this.#isAt(height) || !this.votesFor(validator)) return undefined
    const proposal = `${this.name}.${this.#run}@${height}/${round}`
    return this.#vote(validator, height, round, 0, proposal) ? proposal : undefined
  }

  prevote(height: number, round: number, proposal: string | undefined): void {
    const validator = this.#mustVote(height)
    if (validator !== undefined) this.#vote(validator, height, round, 1, this.#view(height, round, proposal ?? NIL))
  }

  precommit(height: number, round: number, decided: string): void {
    const validator = this.#mustVote(height)
    if (validator === undefined) return
    if (this.#vote(validator, height, round, 2, this.#view(height, round, decided))) this.#voted = `${height}/${round}`
  }

  committed(block: Block): void {
    if (this.#isAt(block.height)) this.#finalize(block)
    else this.#follow()
  }

  /** The network is back. */
  reconnected(): void {
    this.#follow()
  }

  #isAt(height: number): boolean {
    return this.#phase === "consensus" && !this.paused && this.workingHeight === height && this.#site.isConnected() && !this.#isStalled()
  }

  #isStalled(): boolean {
    return this.#around.timeline.now < this.#stalledUntilMs
  }

  #mustVote(height: number): string | undefined {
    return this.#isAt(height) ? this.#key?.validator : undefined
  }

  /** What this node saw of a round; a node that was started again has forgotten what it saw before. */
  #view(height: number, round: number, content: string): string {
    return fate(this.#around.seed, "view", this.name, this.#run, height, round) < OTHER_VIEWS ? NIL : content
  }

  #vote(validator: string, height: number, round: number, step: number, content: string): boolean {
    const holder = this.#holder
    if (!holder) {
      this.#freeze("asked for a vote, and has no signer")
      return false
    }
    // A throw-away key's signature is no vote of this validator.
    if (holder.key.validator !== validator) return false
    const answer = holder.sign(height, round, step, content)
    if (answer === "signed") this.#chain.receive(validator, height, round, step, content)
    else if (answer === "regression") {
      this.#around.note(this.name, `is refused a vote at ${height}/${round}/${step}: the signer is at ${holder.state.height}`)
      this.#stalledUntilMs = this.#around.timeline.now + REFUSED_MS
      this.#around.timeline.after(REFUSED_MS, () => this.#follow())
    }
    return answer === "signed"
  }

  #freeze(why: string): void {
    if (this.frozenSinceMs !== undefined) return
    this.frozenSinceMs = this.#around.timeline.now
    this.#around.note(this.name, `freezes at block ${this.height}: ${why}`)
  }

  #finalize(block: Block): void {
    this.height = block.height
    if (!this.hasListener) return
    if (this.#holder) this.#key = this.#holder.key
    else this.#freeze("has no signer to ask for its key")
  }

  #accept(): void {
    if (this.#holder || this.paused || this.#phase === "down" || this.#phase === "booting") return
    const next = this.#backlog.shift()
    if (!next) return
    if (!next.alive || next.connectedTo || this.#site.route(next.host) === "silent") {
      this.#accept()
      return
    }
    this.#holder = next
    next.accepted()
    this.#attached()
  }

  #attached(): void {
    const holder = this.#holder
    if (!holder?.alive) return
    if (this.#phase === "lonely") {
      this.#key = holder.key
      this.#sync()
      return
    }
    if (this.frozenSinceMs === undefined) return
    const frozenMs = this.#around.timeline.now - this.frozenSinceMs
    this.frozenSinceMs = undefined
    this.#key = holder.key
    this.#around.note(this.name, `goes on at block ${this.height} with the key of ${keyName(holder.key)}`)
    const run = this.#run
    this.#around.timeline.after(Math.min(20_000, frozenMs * LOST_PEERS), () => {
      if (run !== this.#run) return
      this.#joinRound()
      this.#follow()
    })
  }

  /** Votes of the round that is under way and has gone without this node so far. */
  #joinRound(): void {
    const { height, round, phase, proposal, decided } = this.#chain.current
    if (phase === "prevote" || phase === "precommit") this.prevote(height, round, proposal)
    if (phase === "precommit") this.precommit(height, round, decided)
  }

  #sync(): void {
    this.#phase = "syncing"
    // One without any data begins at a snapshot.
    if (this.height === 0) this.height = this.#chain.tip - SNAPSHOT_AGE_BLOCKS
    this.#follow()
    this.#enterConsensus()
  }

  #enterConsensus(): void {
    const run = this.#run
    this.#around.timeline.after(1000, () => {
      if (run !== this.#run || this.#phase !== "syncing") return
      if (this.height >= this.#chain.tip - 1 && this.#site.isConnected() && !this.paused) {
        this.#phase = "consensus"
        this.#follow()
      } else this.#enterConsensus()
    })
  }

  /** Catches up block by block, as long as it is behind and can. */
  #follow(): void {
    if (this.#isFollowing || !this.#canFollow()) return
    this.#isFollowing = true
    const run = this.#run
    this.#around.timeline.after(this.#phase === "syncing" ? BLOCK_SYNC_MS : GOSSIP_MS, () => {
      if (run !== this.#run) return
      this.#isFollowing = false
      if (!this.#canFollow()) return
      const block = this.#chain.blocks.get(this.height + 1)
      if (!block) return
      if (this.#phase === "consensus") this.#voteLate(block)
      if (!this.#isStalled() && this.frozenSinceMs === undefined) this.#finalize(block)
      this.#follow()
    })
  }

  #canFollow(): boolean {
    return (
      this.isUp &&
      !this.paused &&
      this.frozenSinceMs === undefined &&
      this.height < this.#chain.tip &&
      this.#site.isConnected() &&
      !this.#isStalled()
    )
  }

  /** At the newest height its votes still count until the next proposal; at older ones it may ask for one that differs from what the network saw. */
  #voteLate(block: Block): void {
    const validator = this.#key?.validator
    if (validator === undefined || !this.votesFor(validator)) return
    if (block.height === this.#chain.tip) {
      if (this.#voted === `${block.height}/${block.round}`) return
      const content = this.#view(block.height, block.round, block.id)
      if (this.#vote(validator, block.height, block.round, 1, content)) this.#vote(validator, block.height, block.round, 2, content)
    } else if (this.#around.random.chance(LATE_VOTES)) this.#vote(validator, block.height, 0, 1, NIL)
  }
}

export function keyName(key: KeyHeld): string {
  return key.validator === undefined ? `the parking signer of ${key.parking}` : key.validator
}
