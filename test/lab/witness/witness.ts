import { setTimeout as delay } from "node:timers/promises"
import { addressOf } from "./address-of.ts"
import { ChainReader } from "./chain-reader.ts"
import type { DoubleSign } from "./double-signs.ts"
import { doubleSignsIn } from "./double-signs.ts"
import { isTombstoned } from "./is-tombstoned.ts"
import { judge } from "./judge.ts"
import type { Testimony } from "./testimony.ts"
import type { Verdict } from "./verdict.ts"

export type WitnessRequest = {
  /** RPC addresses of validators that are not ours. */
  readonly rpc: readonly string[]
  readonly publicKeyBase64: string
  /** Prefix of consensus addresses in bech32; the SDK's default where it is not given. */
  readonly addressPrefix?: string
}

const STUCK_AFTER_MS = 90_000
const POLL_MS = 200

/**
 * Tells from the chain alone what one validator did. Shares no code with the product, so that both being wrong in the
 * same way is unlikely. A height is judged by the commit that the next block stores, never by votes seen on the way.
 */
export class Witness {
  readonly address: string
  readonly #reader: ChainReader
  readonly #addressPrefix: string

  constructor(request: WitnessRequest) {
    this.address = addressOf(request.publicKeyBase64)
    this.#reader = new ChainReader(request.rpc)
    this.#addressPrefix = request.addressPrefix ?? "cosmosvalcons"
  }

  /** The newest height that can be judged: the one before the tip. */
  async judgedTip(): Promise<number> {
    return (await this.#reader.tip()) - 1
  }

  async verdict(height: number): Promise<Verdict> {
    const [next, members] = await Promise.all([this.#reader.block(height + 1), this.#reader.members(height)])
    return judge(next, members, this.address)
  }

  /** Both ends included; `to` may be ahead of the chain, then it is waited for. */
  async testify(from: number, to: number): Promise<Testimony> {
    await this.waitForJudged(to)
    const signed: number[] = []
    const missed: number[] = []
    const nil: number[] = []
    const outside: number[] = []
    const proposed: number[] = []
    const laterRound: number[] = []
    const doubleSigns: DoubleSign[] = []
    const heightsOf: Readonly<Record<Verdict, number[]>> = { signed, missed, nil, outside }
    let block = await this.#reader.block(from)
    for (let height = from; height <= to; height++) {
      const [next, members] = await Promise.all([this.#reader.block(height + 1), this.#reader.members(height)])
      heightsOf[judge(next, members, this.address)].push(height)
      if (block.header.proposer_address === this.address) proposed.push(height)
      if (next.last_commit.round > 0) laterRound.push(height)
      doubleSigns.push(...doubleSignsIn(block).filter(({ address }) => address === this.address))
      block = next
    }
    const tombstoned = await isTombstoned(this.#reader, this.address, this.#addressPrefix)
    return { address: this.address, from, to, signed, missed, nil, outside, proposed, laterRound, doubleSigns, tombstoned }
  }

  /** Waits until a height can be judged; gives up only when the chain itself stands still. */
  async waitForJudged(height: number): Promise<void> {
    await this.#waitOn(`height ${height} to be judged`, async (tip) => (tip >= height ? true : undefined))
  }

  /** Waits for `count` heights in a row after `after` that the validator signed; returns the first of them. */
  async waitForSigned(after: number, count: number): Promise<number> {
    let next = after + 1
    let first = next
    return this.#waitOn(`${count} signed heights in a row`, async (tip) => {
      while (next <= tip) {
        if ((await this.verdict(next)) !== "signed") first = next + 1
        next += 1
        if (next - first >= count) return first
      }
      return undefined
    })
  }

  /** Waits for a block at or above `from` that reports a double sign of the validator. */
  async waitForDoubleSign(from: number, limitBlocks: number): Promise<DoubleSign> {
    let next = from
    return this.#waitOn("evidence of a double sign", async (tip) => {
      for (; next <= tip; next++) {
        const found = doubleSignsIn(await this.#reader.block(next)).find(({ address }) => address === this.address)
        if (found !== undefined) return found
        if (next - from > limitBlocks) throw new Error(`no evidence of a double sign in ${limitBlocks} blocks from ${from}`)
      }
      return undefined
    })
  }

  async isTombstoned(): Promise<boolean> {
    return isTombstoned(this.#reader, this.address, this.#addressPrefix)
  }

  async #waitOn<T>(what: string, look: (judgedTip: number) => Promise<T | undefined>): Promise<T> {
    let lastTip = -1
    let lastChangeMs = performance.now()
    for (;;) {
      const tip = await this.judgedTip()
      const found = await look(tip)
      if (found !== undefined) return found
      if (tip !== lastTip) {
        lastTip = tip
        lastChangeMs = performance.now()
      }
      if (performance.now() - lastChangeMs > STUCK_AFTER_MS) {
        throw new Error(`waiting for ${what}: the chain stands still at height ${tip + 1}`)
      }
      await delay(POLL_MS)
    }
  }
}
