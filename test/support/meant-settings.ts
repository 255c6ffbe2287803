import { z } from "zod"
import { insidePort } from "../../src/core/render/layout.ts"
import type { ChainNode, Topology } from "../../src/core/topology.ts"

const CONFIG = z.object({
  moniker: z.string(),
  priv_validator_laddr: z.string(),
  rpc: z.object({ laddr: z.string(), pprof_laddr: z.string() }),
  p2p: z.object({
    pex: z.boolean(),
    seeds: z.string(),
    persistent_peers: z.string(),
    unconditional_peer_ids: z.string(),
    private_peer_ids: z.string(),
  }),
  storage: z.object({ discard_abci_responses: z.boolean() }),
  tx_index: z.object({ indexer: z.string() }),
})

const APP = z.object({
  pruning: z.string(),
  "pruning-keep-recent": z.string(),
  "pruning-interval": z.string(),
  "min-retain-blocks": z.number(),
  "state-sync": z.object({ "snapshot-interval": z.number() }),
  api: z.object({ enable: z.boolean() }),
  grpc: z.object({ enable: z.boolean() }),
})

const listIn = (text: string) =>
  text
    .split(",")
    .filter((item) => item !== "")
    .sort()
const idsOf = (nodes: readonly ChainNode[]) => nodes.map(({ id }) => id).sort()

/** What the topology means for the settings that make a node's role, said without the renderer. */
export function meantSettings({ deployment, chain, hosts, nodes }: Topology, node: ChainNode) {
  const others = nodes.filter((other) => other.name !== node.name)
  const isSentry = node.role === "sentry"
  const addressOf = (other: ChainNode) => hosts.find(({ name }) => name === other.host)?.privateAddress
  const own = others.map((other) => `${other.id}@${addressOf(other)}:${other.ports.p2p}`)
  return {
    moniker: `${deployment}-${node.name}`,
    privval: node.candidateOf.length > 0 ? `tcp://0.0.0.0:${insidePort.privval}` : "",
    rpc: { laddr: `tcp://0.0.0.0:${insidePort.rpc}`, pprof_laddr: "" },
    pex: isSentry,
    seeds: isSentry ? [...chain.seeds].sort() : [],
    peers: [...own, ...(isSentry ? chain.peers : [])].sort(),
    unconditional: idsOf(others),
    hidden: isSentry ? idsOf(others.filter(({ role }) => role === "private")) : [],
    discardsResults: false,
    indexer: node.indexer,
    pruning: ["custom", node.pruning.keepStates, node.pruning.intervalBlocks, node.pruning.keepBlocks],
    snapshotInterval: node.snapshots?.intervalBlocks ?? 0,
    serves: node.services.filter((service) => service !== "rpc"),
  }
}

/** The same settings as a program shows them. */
export function settingsIn(shownConfig: unknown, shownApp: unknown): ReturnType<typeof meantSettings> {
  const { moniker, priv_validator_laddr: privval, rpc, p2p, storage, tx_index: index } = CONFIG.parse(shownConfig)
  const app = APP.parse(shownApp)
  return {
    moniker,
    privval,
    rpc,
    pex: p2p.pex,
    seeds: listIn(p2p.seeds),
    peers: listIn(p2p.persistent_peers),
    unconditional: listIn(p2p.unconditional_peer_ids),
    hidden: listIn(p2p.private_peer_ids),
    discardsResults: storage.discard_abci_responses,
    indexer: z.enum(["kv", "null"]).parse(index.indexer),
    pruning: [app.pruning, Number(app["pruning-keep-recent"]), Number(app["pruning-interval"]), app["min-retain-blocks"]],
    snapshotInterval: app["state-sync"]["snapshot-interval"],
    serves: [...(app.api.enable ? (["rest"] as const) : []), ...(app.grpc.enable ? (["grpc"] as const) : [])],
  }
}
