import type { Block } from "./block.ts"

/** Evidence, stored in the block `reportedAt`, that one validator voted twice at `votedAt`. */
export type DoubleSign = { readonly reportedAt: number; readonly votedAt: number; readonly address: string }

const DUPLICATE_VOTE = "tendermint/DuplicateVoteEvidence"

export function doubleSignsIn(block: Block): readonly DoubleSign[] {
  return (block.evidence.evidence ?? [])
    .filter(({ type }) => type === DUPLICATE_VOTE)
    .map(({ value }) => {
      if (value.vote_a === undefined) throw new Error(`block ${block.header.height}: evidence without its votes`)
      return { reportedAt: block.header.height, votedAt: value.vote_a.height, address: value.vote_a.validator_address }
    })
}
