import * as z from "zod"
import type { NodeSeen, Vote } from "./state.ts"

/** CometBFT writes 64-bit integers as strings; heights stay far below what a number holds exactly, and one that does not is no height. */
const int64 = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number)
  .refine(Number.isSafeInteger)

const time = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)

export const statusAnswer = z.object({
  node_info: z.object({ id: z.string(), network: z.string(), version: z.string() }),
  sync_info: z.object({ latest_block_height: int64, latest_block_time: time, catching_up: z.boolean() }),
})

export const netInfoAnswer = z.object({ peers: z.array(z.object({ node_info: z.object({ id: z.string() }) })) })

export const abciInfoAnswer = z.object({ response: z.object({ version: z.string().optional(), data: z.string().optional() }) })

export const abciQueryAnswer = z.object({
  response: z.object({ code: z.number().optional(), log: z.string().optional(), value: z.string().nullish() }),
})

export const consensusStateAnswer = z.object({ round_state: z.object({ "height/round/step": z.string().regex(/^\d+\/-?\d+\/\d+$/) }) })

export const commitAnswer = z.object({
  canonical: z.boolean(),
  signed_header: z.object({
    header: z.object({ height: int64 }),
    commit: z.object({ signatures: z.array(z.object({ block_id_flag: z.number(), validator_address: z.string() })) }),
  }),
})

/** The part of a commit that names its block. */
export const blockIdAnswer = z.object({
  signed_header: z.object({ commit: z.object({ height: int64, block_id: z.object({ hash: z.string().regex(/^[0-9A-F]{64}$/) }) }) }),
})

export const validatorsAnswer = z.object({
  total: int64,
  validators: z.array(z.object({ address: z.string(), voting_power: int64 })),
})

/** Height that the consensus of a node works on; it only answers once the last block is wholly behind it. */
export function consensusHeight(answer: z.output<typeof consensusStateAnswer>): number {
  return Number(answer.round_state["height/round/step"].split("/")[0])
}

const FLAG_COMMIT = 2
const FLAG_NIL = 3

/** What a commit says of one validator; absent entries carry no address (signing.md 5). */
export function voteOf(answer: z.output<typeof commitAnswer>, address: string): Vote {
  const entry = answer.signed_header.commit.signatures.find((signature) => signature.validator_address === address)
  if (entry?.block_id_flag === FLAG_COMMIT) return "signed"
  return entry?.block_id_flag === FLAG_NIL ? "nil" : "absent"
}

export function nodeSeen(
  status: z.output<typeof statusAnswer>,
  netInfo: z.output<typeof netInfoAnswer>,
  abciInfo: z.output<typeof abciInfoAnswer>,
  ageMsOf: (time: string) => number,
): NodeSeen {
  return {
    height: status.sync_info.latest_block_height,
    ageMs: ageMsOf(status.sync_info.latest_block_time),
    network: status.node_info.network,
    version: [status.node_info.version, abciInfo.response.data, abciInfo.response.version].filter((part) => part).join(" "),
    peerIds: netInfo.peers.map((peer) => peer.node_info.id),
    catchingUp: status.sync_info.catching_up,
  }
}
