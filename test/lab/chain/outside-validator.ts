import type { CometKey } from "./comet-keys.ts"

/** A validator of the outside world: it runs as a plain container next to the lab's hosts. */
export type OutsideValidator = {
  readonly name: string
  readonly address: string
  readonly nodeKey: CometKey
  readonly validatorKey: CometKey
}

export function peerAddress(validator: OutsideValidator): string {
  return `${validator.nodeKey.address}@${validator.address}:26656`
}
