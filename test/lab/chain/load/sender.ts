import { z } from "zod"
import { callRpc } from "../rpc.ts"
import type { Account } from "./account.ts"
import type { AccountState } from "./account-state.ts"
import { accountState } from "./account-state.ts"
import { bankSend } from "./bank-send.ts"

const BROADCAST = z.object({ code: z.number(), log: z.string() })

export type SenderRequest = {
  readonly chainId: string
  readonly urls: readonly string[]
  readonly firstUrl: number
  readonly account: Account
  readonly toAddress: string
}

/**
 * Sends from one account, one transfer after the other. It stays with one node as long as that answers: another node's
 * mempool may not have its last transfers yet and would refuse the sequence.
 */
export class Sender {
  accepted = 0
  readonly #request: SenderRequest
  #urlIndex: number
  #state: AccountState | undefined

  constructor(request: SenderRequest) {
    this.#request = request
    this.#urlIndex = request.firstUrl
  }

  async sendOne(): Promise<void> {
    const { chainId, urls, account, toAddress } = this.#request
    const url = urls[this.#urlIndex % urls.length]
    if (url === undefined) throw new Error("a load without any RPC address")
    try {
      const state = this.#state ?? (await accountState(url, account.address))
      const tx = Buffer.from(bankSend({ chainId, from: account, toAddress, ...state })).toString("base64")
      const answer = BROADCAST.parse(await callRpc(url, "broadcast_tx_sync", { tx }))
      this.#state = answer.code === 0 ? { ...state, sequence: state.sequence + 1 } : corrected(state, answer.log)
      if (answer.code === 0) this.accepted += 1
    } catch {
      // A node that is gone is part of what the lab does to nodes: go on at the next one, from what the chain knows.
      this.#urlIndex += 1
      this.#state = undefined
    }
  }
}

/** The node names the sequence that it expects; any other refusal is answered by asking the chain again. */
function corrected(state: AccountState, log: string): AccountState | undefined {
  const expected = /account sequence mismatch, expected (\d+)/.exec(log)?.[1]
  return expected === undefined ? undefined : { ...state, sequence: Number(expected) }
}
