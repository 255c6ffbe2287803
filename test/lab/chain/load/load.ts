import { setTimeout as delay } from "node:timers/promises"
import type { Account } from "./account.ts"
import { Sender } from "./sender.ts"

const DEFAULT_PER_SECOND = 10

/** Continuous transfers between funded accounts. One sender per account and RPC, each with its own sequence. */
export class Load {
  readonly #senders: readonly Sender[]
  #running: { readonly stop: AbortController; readonly done: Promise<unknown> } | undefined

  constructor(chainId: string, urls: readonly string[], accounts: readonly Account[]) {
    this.#senders = accounts.map((account, index) => {
      const receiver = accounts[(index + 1) % accounts.length] ?? account
      return new Sender({ chainId, urls, firstUrl: index, account, toAddress: receiver.address })
    })
  }

  /** Transactions that a mempool accepted since the chain was started. */
  get sent(): number {
    return this.#senders.reduce((sum, sender) => sum + sender.accepted, 0)
  }

  start({ perSecond = DEFAULT_PER_SECOND }: { readonly perSecond?: number } = {}): void {
    if (this.#running !== undefined) return
    const stop = new AbortController()
    const intervalMs = (1000 * this.#senders.length) / perSecond
    this.#running = { stop, done: Promise.all(this.#senders.map((sender) => keepSending(sender, intervalMs, stop.signal))) }
  }

  async stop(): Promise<void> {
    this.#running?.stop.abort()
    await this.#running?.done
    this.#running = undefined
  }
}

async function keepSending(sender: Sender, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sender.sendOne()
    await delay(intervalMs, undefined, { signal }).catch(() => undefined)
  }
}
