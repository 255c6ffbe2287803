import { base64 } from "@scure/base"
import protobuf from "protobufjs/minimal.js"
import type { Topology } from "../../../src/core/topology.ts"
import type { Chain } from "./chain.ts"
import type { ChainNode } from "./chain-node.ts"
import { digestOf } from "./probe-text.ts"

/** What a node's RPC says; `silence` when it takes the question and never answers, `nobody` when nothing listens. */
export type RpcSays = { readonly answer: unknown } | { readonly error: string } | "silence" | "nobody"

export type RpcSite = {
  readonly topology: Topology
  readonly chain: Chain
  readonly startMs: number
  peersOf(node: string): readonly string[]
}

const FLAG = { signed: 2, nil: 3, absent: 1 } as const

export function askNode(site: RpcSite, node: ChainNode, path: string): RpcSays {
  if (!node.isUp) return "nobody"
  if (node.paused) return "silence"
  const { topology, chain } = site
  const of = topology.nodes.find(({ name }) => name === node.name)
  const block = chain.blocks.get(node.height)
  if (path === "/status") {
    return {
      answer: {
        node_info: { id: of?.id ?? "", network: topology.chain.id, version: "0.38.21" },
        sync_info: {
          latest_block_height: String(node.height),
          latest_block_hash: hashOf(block?.id ?? ""),
          // A block carries the time at which the one before it was decided.
          latest_block_time: new Date(site.startMs + (chain.blocks.get(node.height - 1)?.atMs ?? block?.atMs ?? 0)).toISOString(),
          earliest_block_height: "1",
          earliest_block_hash: hashOf("genesis"),
          catching_up: node.phase === "syncing",
        },
      },
    }
  }
  if (path === "/net_info") return { answer: { peers: site.peersOf(node.name).map((id) => ({ node_info: { id } })) } }
  if (path === "/abci_info") return { answer: { response: { version: "1.0", data: "simapp", last_block_height: String(node.height) } } }
  if (path === "/consensus_state") {
    const working = node.workingHeight
    return working === undefined ? "silence" : { answer: { round_state: { "height/round/step": `${working}/0/1` } } }
  }
  if (path.startsWith("/commit")) return commit(site, node, Number(/height=(\d+)/.exec(path)?.[1] ?? node.height))
  if (path.startsWith("/validators")) {
    const validators = topology.validators
      .filter(({ name }) => !chain.isJailed(name))
      .map(({ address }) => ({ address, voting_power: "100" }))
    return { answer: { total: String(validators.length), validators } }
  }
  if (path.startsWith("/abci_query")) return abciQuery(site, node, decodeURIComponent(path))
  throw new Error(`the fake node does not know ${path}`)
}

function commit({ topology, chain }: RpcSite, node: ChainNode, height: number): RpcSays {
  const block = chain.blocks.get(height)
  if (height > node.height) return { error: `height ${height} must be less than or equal to the current blockchain height ${node.height}` }
  if (!block) return { error: `height ${height} is not available` }
  const signatures = topology.validators.map((validator) => {
    const flag = FLAG[chain.voteOf(validator.name, height)]
    return { block_id_flag: flag, validator_address: flag === FLAG.absent ? "" : validator.address }
  })
  return {
    answer: {
      canonical: height < node.height,
      signed_header: {
        header: { height: String(height), chain_id: topology.chain.id, time: "2026-11-23T12:00:00Z" },
        commit: { height: String(height), block_id: { hash: hashOf(block.id) }, signatures },
      },
    },
  }
}

function abciQuery({ topology, chain, startMs }: RpcSite, node: ChainNode, path: string): RpcSays {
  const answer = (write: (writer: protobuf.Writer) => protobuf.Writer): RpcSays => {
    const inner = write(protobuf.Writer.create()).finish()
    return { answer: { response: { value: base64.encode(protobuf.Writer.create().uint32(10).bytes(inner).finish()) } } }
  }
  if (path.includes("slashing.v1beta1.Query/Params")) {
    const { windowBlocks, minSignedBlocks } = chain.slashing
    const fraction = new TextEncoder().encode(String(BigInt(Math.round((minSignedBlocks / windowBlocks) * 1e6)) * 1_000_000_000_000n))
    return answer((writer) => writer.uint32(8).int64(windowBlocks).uint32(18).bytes(fraction))
  }
  if (path.includes("slashing.v1beta1.Query/SigningInfo")) {
    const data = /data=0x([0-9a-f]+)/.exec(path)?.[1] ?? ""
    const validator = topology.validators.find(({ consensusAddress }) => data.endsWith(hex(consensusAddress)))
    if (!validator) return { answer: { response: { code: 30, log: "SigningInfo not found", value: null } } }
    const jailedMs = chain.jailedUntilMs.get(validator.name)
    const time = protobuf.Writer.create()
      .uint32(8)
      .int64(jailedMs === undefined ? 0 : Math.round((startMs + jailedMs) / 1000))
      .finish()
    return answer((writer) =>
      writer.uint32(16).int64(1).uint32(24).int64(node.height).uint32(34).bytes(time).uint32(48).int64(chain.missed(validator.name)),
    )
  }
  if (path.includes("upgrade.v1beta1.Query/CurrentPlan")) return { answer: { response: { value: null } } }
  throw new Error(`the fake node does not know ${path}`)
}

function hashOf(text: string): string {
  return digestOf(text).toUpperCase()
}

function hex(text: string): string {
  return [...text].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("")
}
