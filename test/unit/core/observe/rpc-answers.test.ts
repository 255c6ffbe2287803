import { describe, expect, it } from "vitest"
import {
  abciInfoAnswer,
  abciQueryAnswer,
  commitAnswer,
  consensusHeight,
  consensusStateAnswer,
  netInfoAnswer,
  nodeSeen,
  statusAnswer,
  validatorsAnswer,
  voteOf,
} from "../../../../src/core/observe/rpc-answers.ts"

const OURS = "21FE31DFA154A261626BF854046FD2271B7BED4B"
const OTHER = "A3258DCBF45DCA0DF052981870F2D1441A36D145"

/** What CometBFT 0.38 answers, shortened. */
const status = {
  node_info: { id: "f".repeat(40), network: "lab-1", version: "0.38.21", moniker: "node-1" },
  sync_info: { latest_block_height: "1000", latest_block_time: "2026-11-23T11:59:58.5Z", catching_up: false },
  validator_info: { voting_power: "0" },
}
const commit = (flag: number, address = OURS) => ({
  canonical: true,
  signed_header: {
    header: { height: "999", time: "2026-11-23T11:59:57Z" },
    commit: {
      height: "999",
      signatures: [
        { block_id_flag: 2, validator_address: OTHER, signature: "x" },
        { block_id_flag: flag, validator_address: address, signature: null },
      ],
    },
  },
})

describe("nodeSeen", () => {
  const seen = (abci: unknown, netInfo: unknown = { n_peers: "1", peers: [{ node_info: { id: "e".repeat(40) } }] }) =>
    nodeSeen(
      statusAnswer.parse(status),
      netInfoAnswer.parse(netInfo),
      abciInfoAnswer.parse(abci),
      (time) => Date.parse("2026-11-23T12:00:00Z") - Date.parse(time),
    )

  it("says where the node stands", () => {
    expect(seen({ response: { data: "simapp", version: "1.0", last_block_height: "1000" } })).toEqual({
      height: 1000,
      ageMs: 1500,
      network: "lab-1",
      version: "0.38.21 simapp 1.0",
      peerIds: ["e".repeat(40)],
      catchingUp: false,
    })
  })

  it("does without the application's name and version", () => {
    expect(seen({ response: {} })).toMatchObject({ version: "0.38.21" })
    expect(seen({ response: { version: "1.0" } }, { peers: [] })).toMatchObject({ version: "0.38.21 1.0", peerIds: [] })
  })
})

it.each([
  { name: "for the block", answer: commit(2), vote: "signed" },
  { name: "for nil", answer: commit(3), vote: "nil" },
  { name: "absent, with its address", answer: commit(1), vote: "absent" },
  { name: "absent, without an address", answer: commit(1, ""), vote: "absent" },
  { name: "of somebody else only", answer: commit(2, "C".repeat(40)), vote: "absent" },
])("a vote $name", ({ answer, vote }) => {
  expect(voteOf(commitAnswer.parse(answer), OURS)).toBe(vote)
})

it("knows the height that a consensus works on", () => {
  expect(consensusHeight(consensusStateAnswer.parse({ round_state: { "height/round/step": "1001/0/1", start_time: "x" } }))).toBe(1001)
})

it("reads large numbers, which are written as texts", () => {
  const answer = {
    total: "2",
    block_height: "9",
    validators: [{ address: OURS, voting_power: "4503599627370496", proposer_priority: "-7" }],
  }
  expect(validatorsAnswer.parse(answer)).toEqual({ total: 2, validators: [{ address: OURS, voting_power: 4503599627370496 }] })
})

it("takes an answer without a value for one that has none", () => {
  for (const response of [
    { code: 30, log: "not found", value: null },
    { code: 30, log: "not found" },
  ])
    expect(abciQueryAnswer.parse({ response }).response).toMatchObject({ code: 30, log: "not found" })
})

describe("does not accept", () => {
  it.each([
    ["a status without a height", statusAnswer, { ...status, sync_info: {} }],
    ["a height that is a number", statusAnswer, { ...status, sync_info: { ...status.sync_info, latest_block_height: 5 } }],
    ["a height that is no number", statusAnswer, { ...status, sync_info: { ...status.sync_info, latest_block_height: "" } }],
    ["nothing", statusAnswer, undefined],
    ["a commit without signatures", commitAnswer, { canonical: true, signed_header: { header: { height: "1" }, commit: {} } }],
    ["a consensus state without a round", consensusStateAnswer, { round_state: {} }],
    ["peers that are null", netInfoAnswer, { peers: null }],
  ])("%s", (_, schema, answer) => {
    expect(schema.safeParse(answer).success).toBe(false)
  })
})
