import type { Load } from "./load/load.ts"

/** The world outside of the deployment under test: validators that are not ours, and the chain they keep going. */
export type Chain = {
  readonly id: string
  /** RPC addresses of the outside validators, reachable from lab hosts and from this machine. */
  readonly genesisRpc: readonly string[]
  /** `nodeid@address:26656` of every outside validator. */
  readonly peers: readonly string[]
  readonly load: Load
  height(): Promise<number>
  /** Sends the transaction with which our validator's account ends its jail. @throws Error when the chain does not take it */
  unjail(): Promise<void>
}
