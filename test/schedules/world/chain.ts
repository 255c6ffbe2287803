import { fate } from "../random.ts"
import type { Surroundings } from "./surroundings.ts"
import { NIL } from "./tmkms.ts"

export type Block = { readonly height: number; readonly round: number; readonly id: string; readonly atMs: number }

/** A validator's vote in the commit of one block. */
type Vote = "signed" | "nil" | "absent"

/** What a node does when the consensus of the chain moves on. */
export type Member = {
  readonly name: string
  propose(height: number, round: number, validator: string): string | undefined
  prevote(height: number, round: number, proposal: string | undefined): void
  precommit(height: number, round: number, decided: string): void
  /** A block was committed; the member has it when it hears of it and can follow. */
  committed(block: Block): void
}

/** How often one of our validators is the one who proposes. */
const OUR_PROPOSALS = 0.2
/** How often a round fails though everybody is there. */
const FAILED_ROUNDS = 0.04

/** Blocks from before the schedule that nodes still have. */
const KEPT_BLOCKS = 70

export type Slashing = { readonly windowBlocks: number; readonly minSignedBlocks: number; readonly jailMs: number }

/** The rest of the chain: enough power to go on without us, and a memory of what our keys have signed. */
export class Chain {
  readonly blocks = new Map<number, Block>()
  readonly members: Member[] = []
  readonly slashing: Slashing
  tip: number
  /** More than a third of the power is away: no round succeeds. */
  halted = false
  /** The round that is being decided: what is proposed in it, and how far it has come. */
  current: {
    height: number
    round: number
    phase: "wait" | "propose" | "prevote" | "precommit"
    proposal: string | undefined
    decided: string
  }
  readonly jailedUntilMs = new Map<string, number>()
  readonly #around: Surroundings
  readonly #startHeight: number
  readonly #signatures = new Map<string, string>()
  readonly #votes = new Map<string, Map<number, Vote>>()

  constructor(around: Surroundings, tip: number, slashing: Slashing) {
    this.#around = around
    this.slashing = slashing
    this.tip = tip
    this.#startHeight = tip
    this.current = { height: tip + 1, round: 0, phase: "wait", proposal: undefined, decided: NIL }
    const { blockMs } = around.topology.chain
    for (let height = tip - KEPT_BLOCKS; height <= tip; height++)
      this.blocks.set(height, { height, round: 0, id: idOf(height, 0), atMs: (height - tip) * blockMs })
    for (const { name } of around.topology.validators)
      this.#votes.set(name, new Map(Array.from({ length: KEPT_BLOCKS }, (_, index) => [tip - 1 - index, "signed"])))
  }

  start(): void {
    this.#wait()
  }

  /** A signature reached the network. The first content at one height, round and step counts; a second one is evidence. */
  receive(validator: string, height: number, round: number, step: number, content: string): void {
    const key = `${validator} ${height}/${round}/${step}`
    if (!this.#signatures.has(key)) this.#signatures.set(key, content)
  }

  voteOf(validator: string, height: number): Vote {
    return this.#votes.get(validator)?.get(height) ?? this.#voteNow(validator, height)
  }

  missed(validator: string): number {
    const votes = this.#votes.get(validator) ?? new Map<number, Vote>()
    const from = this.tip - this.slashing.windowBlocks
    let missed = 0
    for (let height = Math.max(from, this.#startHeight); height < this.tip; height++) if (votes.get(height) === "absent") missed++
    return missed
  }

  isJailed(validator: string): boolean {
    return (this.jailedUntilMs.get(validator) ?? Number.NEGATIVE_INFINITY) > this.#around.timeline.now
  }

  #voteNow(validator: string, height: number): Vote {
    const block = this.blocks.get(height)
    const content = block && this.#signatures.get(`${validator} ${height}/${block.round}/2`)
    return content === undefined ? "absent" : content === NIL ? "nil" : "signed"
  }

  #wait(): void {
    const { timeline, topology } = this.#around
    const height = this.tip + 1
    this.current = { height, round: 0, phase: "wait", proposal: undefined, decided: NIL }
    timeline.after(topology.chain.blockMs * 0.9, () => {
      this.#closeCommit(this.tip)
      this.#round(0)
    })
  }

  /** Late votes for the last block are gathered until the next proposal. */
  #closeCommit(height: number): void {
    for (const { name } of this.#around.topology.validators) {
      const vote = this.#voteNow(name, height)
      this.#votes.get(name)?.set(height, vote)
      if (vote === "absent" && !this.isJailed(name) && this.missed(name) > this.slashing.windowBlocks - this.slashing.minSignedBlocks) {
        this.#around.note("chain", `${name} is jailed`)
        this.jailedUntilMs.set(name, this.#around.timeline.now + this.slashing.jailMs)
      }
    }
  }

  #round(round: number): void {
    const { timeline, seed, topology, random } = this.#around
    const { height } = this.current
    const ours = topology.validators.find(({ name }) => !this.isJailed(name) && fate(seed, "proposer", name, height, round) < OUR_PROPOSALS)
    const proposal = ours ? this.#ourProposal(height, round, ours.name) : idOf(height, round)
    this.current = { height, round, phase: "propose", proposal, decided: NIL }
    const fails = this.halted || proposal === undefined || fate(seed, "round", height, round) < FAILED_ROUNDS
    const beat = topology.chain.blockMs / 30
    timeline.after(beat * random.between(1, 2), () => {
      this.current.phase = "prevote"
      for (const member of this.members) member.prevote(height, round, proposal)
      timeline.after(beat, () => {
        this.current.phase = "precommit"
        this.current.decided = fails ? NIL : (proposal ?? NIL)
        for (const member of this.members) member.precommit(height, round, this.current.decided)
        if (fails) timeline.after(topology.chain.blockMs * 0.6, () => this.#round(round + 1))
        else timeline.after(beat, () => this.#commit(round, proposal))
      })
    })
  }

  #ourProposal(height: number, round: number, validator: string): string | undefined {
    for (const member of this.members) {
      const proposal = member.propose(height, round, validator)
      if (proposal !== undefined) return proposal
    }
    return undefined
  }

  #commit(round: number, id: string): void {
    const { timeline, random } = this.#around
    const block: Block = { height: this.current.height, round, id, atMs: timeline.now }
    this.blocks.set(block.height, block)
    this.tip = block.height
    for (const member of this.members) timeline.after(random.between(5, 150), () => member.committed(block))
    this.#wait()
  }
}

function idOf(height: number, round: number): string {
  return `B${String(height).padStart(9, "0")}R${round}`
}
