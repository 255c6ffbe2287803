import type { z } from "zod"
import { AppError, EXIT } from "../core/errors.ts"
import {
  abciInfoAnswer,
  abciQueryAnswer,
  blockIdAnswer,
  commitAnswer,
  consensusHeight,
  consensusStateAnswer,
  netInfoAnswer,
  nodeSeen,
  statusAnswer,
  validatorsAnswer,
  voteOf,
} from "../core/observe/rpc-answers.ts"
import { isNoSuchRecord, PARAMS_PATH, readParams, readSigningInfo, signingInfoPath } from "../core/observe/slashing-query.ts"
import type { NodeSeen, SlashingSeen, Vote } from "../core/observe/state.ts"
import { CURRENT_PLAN_PATH, hasNoUpgrades, readCurrentPlan, type UpgradePlan } from "../core/observe/upgrade-query.ts"
import type { Clock, Fleet } from "../core/ports.ts"
import type { ChainNode, Validator } from "../core/topology.ts"

const RPC_TIMEOUT_MS = 3000
/** For a node that gave no answer a moment ago: long for one that is well, and short while a validator misses blocks. */
export const SHORT_RPC_TIMEOUT_MS = 700
/** Commits that are read one by one for "does it sign right now". */
const RECENT_COMMITS = 10
const VALIDATORS_PER_PAGE = 100

/** What one node says of the chain. */
export type NodeRpc = {
  readonly name: string
  look(clock: Clock): Promise<NodeSeen>
  height(): Promise<number>
  /** Its newest block, and how old that is by our clock. */
  position(clock: Clock): Promise<Pick<NodeSeen, "height" | "ageMs">>
  /** Upper-case hex; of a block that is in its past. */
  blockHash(height: number): Promise<string>
  /** The upgrade that the chain has scheduled; undefined when there is none, or when the chain knows no upgrades. */
  upgrade(): Promise<UpgradePlan | undefined>
  /** The height that its consensus works on; does not answer while the node waits for a signer. */
  consensusHeight(): Promise<number>
  /** The vote in a commit, and whether that commit is final: the newest one may still gain votes. */
  vote(height: number, address: string): Promise<{ readonly vote: Vote; readonly canonical: boolean }>
  /** Votes in the last canonical commits, newest first. */
  recent(validator: Validator): Promise<SlashingSeen["recent"]>
  slashing(validator: Validator): Promise<SlashingSeen>
}

export function rpcOf(fleet: Fleet, node: ChainNode, timeoutMs = RPC_TIMEOUT_MS): NodeRpc {
  const ask = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> => {
    const answer = schema.safeParse(await fleet.host(node.host).rpc(node.ports.rpc, path, timeoutMs))
    if (!answer.success)
      throw new AppError("RPC", EXIT.unreachable, `RPC ${path.split("?")[0]} of ${node.name}: the answer has an unknown form`)
    return answer.data
  }
  const vote: NodeRpc["vote"] = async (height, address) => {
    const commit = await ask(`/commit?height=${height}`, commitAnswer)
    return { vote: voteOf(commit, address), canonical: commit.canonical }
  }
  const height = async () => (await ask("/status", statusAnswer)).sync_info.latest_block_height
  const recent: NodeRpc["recent"] = async (validator) => {
    // The newest commit is not canonical yet, so the look begins one below the tip.
    const tip = await height()
    const heights = Array.from({ length: RECENT_COMMITS }, (_, index) => tip - 1 - index).filter((candidate) => candidate > 0)
    return Promise.all(heights.map(async (candidate) => ({ height: candidate, vote: (await vote(candidate, validator.address)).vote })))
  }
  return {
    name: node.name,
    recent,
    async look(clock) {
      const [{ status, atMs }, netInfo, abciInfo] = await Promise.all([
        // The age belongs to the moment of this answer, whatever else is slow.
        ask("/status", statusAnswer).then((status) => ({ status, atMs: clock.wallMs() })),
        ask("/net_info", netInfoAnswer),
        ask("/abci_info", abciInfoAnswer),
      ])
      return nodeSeen(status, netInfo, abciInfo, (time) => atMs - Date.parse(time))
    },
    height,
    async position(clock) {
      const { sync_info: newest } = await ask("/status", statusAnswer)
      return { height: newest.latest_block_height, ageMs: clock.wallMs() - Date.parse(newest.latest_block_time) }
    },
    async blockHash(height) {
      const { commit } = (await ask(`/commit?height=${height}`, blockIdAnswer)).signed_header
      if (commit.height !== height)
        throw new AppError("RPC", EXIT.unreachable, `${node.name} was asked for block ${height} and tells of block ${commit.height}`)
      return commit.block_id.hash
    },
    async upgrade() {
      const { value, code, log } = (await ask(CURRENT_PLAN_PATH, abciQueryAnswer)).response
      if (code !== undefined && code !== 0) {
        if (hasNoUpgrades(code, log)) return undefined
        throw new AppError("RPC", EXIT.unreachable, `${node.name} does not tell the next upgrade: ${log ?? `code ${code}`}`)
      }
      // A chain without a plan answers with nothing at all.
      return value ? readCurrentPlan(value) : undefined
    },
    consensusHeight: async () => consensusHeight(await ask("/consensus_state", consensusStateAnswer)),
    vote,
    async slashing(validator) {
      const [params, info] = await Promise.all([
        ask(PARAMS_PATH, abciQueryAnswer),
        ask(signingInfoPath(validator.consensusAddress), abciQueryAnswer),
      ])
      if (!params.response.value)
        throw new AppError("RPC", EXIT.unreachable, `${node.name} does not tell the slashing parameters: ${params.response.log ?? ""}`)
      const { value, code, log } = info.response
      if (!value && !isNoSuchRecord(code, log))
        throw new AppError("RPC", EXIT.unreachable, `${node.name} does not tell the slashing record: ${log ?? ""}`)
      return {
        ...readParams(params.response.value),
        votingPower: await votingPower(ask, validator.address),
        record: value ? readSigningInfo(value) : undefined,
        recent: await recent(validator),
      }
    },
  }
}

type Ask = <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>>

async function votingPower(ask: Ask, address: string): Promise<number | undefined> {
  for (let page = 1, read = 0; ; page++) {
    const answer = await ask(`/validators?per_page=${VALIDATORS_PER_PAGE}&page=${page}`, validatorsAnswer)
    const entry = answer.validators.find((validator) => validator.address === address)
    if (entry) return entry.voting_power
    read += answer.validators.length
    if (read >= answer.total || answer.validators.length === 0) return undefined
  }
}
