import { expect, test } from "vitest"
import type { Block } from "./block.ts"
import { BLOCK } from "./block.ts"
import { doubleSignsIn } from "./double-signs.ts"
import { judge } from "./judge.ts"

const OURS = "9192BB7CBD9A018CA0DEFE2B8AEBCA276B4C9C50"
const OTHER = "163C2DC1B9EAB1EB639AF620B5093C8AF35A239D"
const SET = [OTHER, OURS]

const absent = { block_id_flag: 1, validator_address: "", timestamp: "0001-01-01T00:00:00Z", signature: null }
const commit = (address: string) => ({ block_id_flag: 2, validator_address: address, timestamp: "", signature: "c2ln" })
const nil = (address: string) => ({ block_id_flag: 3, validator_address: address, timestamp: "", signature: "c2ln" })

/** Block 8 in the shape in which CometBFT's RPC gives it; its last commit is about height 7. */
function block8(signatures: readonly unknown[], evidence: readonly unknown[] | null = null): Block {
  return BLOCK.parse({
    block: {
      header: { height: "8", proposer_address: OTHER, time: "2026-01-01T00:00:00Z" },
      evidence: { evidence },
      last_commit: { height: "7", round: 0, signatures },
    },
  }).block
}

test("a signature for the block is signed", () => {
  expect(judge(block8([commit(OTHER), commit(OURS)]), SET, OURS)).toBe("signed")
})

test("an absent signature is missed, whoever else signed", () => {
  expect(judge(block8([commit(OTHER), absent]), SET, OURS)).toBe("missed")
})

test("another validator's absence is not ours", () => {
  expect(judge(block8([absent, commit(OURS)]), SET, OURS)).toBe("signed")
})

test("a vote for nil is neither signed nor missed", () => {
  expect(judge(block8([commit(OTHER), nil(OURS)]), SET, OURS)).toBe("nil")
})

test("a validator that is not in the set is outside, not missing", () => {
  expect(judge(block8([commit(OTHER)]), [OTHER], OURS)).toBe("outside")
})

test("a commit that does not fit the validator set is an error, never a verdict", () => {
  expect(() => judge(block8([commit(OTHER)]), SET, OURS)).toThrow("1 signatures, 2 validators")
  expect(() => judge(block8([commit(OURS), commit(OTHER)]), SET, OURS)).toThrow("is signed by")
})

test("an unknown flag is an error, never a verdict", () => {
  expect(() => judge(block8([commit(OTHER), { ...commit(OURS), block_id_flag: 4 }]), SET, OURS)).toThrow("block_id_flag 4")
})

test("evidence of two votes names who voted twice, where, and which block says so", () => {
  const vote = { type: 1, height: "5", round: 0, validator_address: OURS, validator_index: 1 }
  const evidence = { type: "tendermint/DuplicateVoteEvidence", value: { vote_a: vote, vote_b: vote, TotalVotingPower: "500" } }
  const other = { type: "tendermint/LightClientAttackEvidence", value: {} }
  const block = block8([commit(OTHER), commit(OURS)], [other, evidence])
  expect(doubleSignsIn(block)).toEqual([{ reportedAt: 8, votedAt: 5, address: OURS }])
})

test("a block without evidence reports nothing", () => {
  expect(doubleSignsIn(block8([]))).toEqual([])
  expect(doubleSignsIn(block8([], []))).toEqual([])
})
