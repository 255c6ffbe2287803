import { type ChainNode, hostOf, type Topology } from "../topology.ts"
import { defaultsOf } from "../node-keys/node-key.ts"
import { nodeKeys } from "../node-keys/versions.ts"
import { insidePort } from "./layout.ts"
import type { FlatToml } from "../toml-value.ts"
import { tomlFromFlat } from "./toml.ts"

const COMMENT = "Written by gonka-ha. This file is the effective configuration: it is installed at every start of the node."

/** The whole config.toml of a node: CometBFT's defaults with the settings of its role on top. */
export function cometConfig(topology: Topology, node: ChainNode): string {
  return tomlFromFlat(COMMENT, {
    ...defaultsOf(nodeKeys(topology.versions.node).config),
    ...common(topology, node),
    ...(node.role === "sentry" ? sentry(topology, node) : privateNode(topology, node)),
  })
}

/** The whole app.toml of a node. */
export function appConfig(topology: Topology, node: ChainNode): string {
  const pruning = node.role === "sentry" ? SENTRY_PRUNING : PRIVATE_PRUNING
  return tomlFromFlat(COMMENT, {
    ...defaultsOf(nodeKeys(topology.versions.node).app),
    "minimum-gas-prices": topology.chain.minimumGasPrices,
    ...pruning,
    // State sync fails on a store with fast nodes; Gonka turns them off everywhere (gonka.md 3.1).
    "iavl-disable-fastnode": true,
    "grpc.enable": false,
    "grpc-web.enable": false,
  })
}

const SENTRY_PRUNING = { pruning: "custom", "pruning-keep-recent": "1000", "pruning-interval": "100" } as const
/** Gonka's api asks for states up to an epoch back, about 15,400 blocks (gonka.md 1.2). */
const PRIVATE_PRUNING = { pruning: "custom", "pruning-keep-recent": "20000", "pruning-interval": "512" } as const

function common(topology: Topology, node: ChainNode): FlatToml {
  return {
    moniker: `${topology.deployment}-${node.name}`,
    "rpc.laddr": `tcp://0.0.0.0:${insidePort.rpc}`,
    "rpc.pprof_laddr": "",
    "p2p.laddr": `tcp://0.0.0.0:${insidePort.p2p}`,
    // Containers of one host share its address, and private networks are not routable.
    "p2p.addr_book_strict": false,
    "p2p.allow_duplicate_ip": true,
    // Votes travel one hop further than on a plain validator; the default of 100 ms would be paid twice (signing.md 4.1).
    "p2p.flush_throttle_timeout": "10ms",
    "p2p.send_rate": 20_000_000,
    "p2p.recv_rate": 20_000_000,
    "consensus.timeout_commit": `${topology.chain.blockMs}ms`,
  }
}

function sentry(topology: Topology, node: ChainNode): FlatToml {
  const others = topology.nodes.filter((other) => other.name !== node.name)
  const privateIds = idsOf(topology.nodes.filter((other) => other.role === "private"))
  const host = hostOf(topology, node.host)
  return {
    "p2p.external_address": `${host.publicAddress ?? host.privateAddress}:${node.ports.p2p}`,
    "p2p.pex": true,
    "p2p.seeds": topology.chain.seeds.join(","),
    "p2p.persistent_peers": [...others.map((other) => peerOf(topology, other)), ...topology.chain.peers].join(","),
    "p2p.persistent_peers_max_dial_period": "10s",
    "p2p.private_peer_ids": privateIds,
    "p2p.unconditional_peer_ids": idsOf(others),
    "p2p.max_num_inbound_peers": 100,
    "p2p.max_num_outbound_peers": 40,
    "tx_index.indexer": "null",
  }
}

function privateNode(topology: Topology, node: ChainNode): FlatToml {
  const sentries = topology.nodes.filter((other) => other.role === "sentry")
  return {
    "p2p.pex": false,
    "p2p.persistent_peers": sentries.map((other) => peerOf(topology, other)).join(","),
    "p2p.unconditional_peer_ids": idsOf(sentries),
    "p2p.max_num_inbound_peers": 20,
    ...(node.candidateOf.length > 0 ? { priv_validator_laddr: `tcp://0.0.0.0:${insidePort.privval}` } : {}),
  }
}

/** Our own nodes meet on private addresses; names would be resolved once and dropped on failure (signing.md 4.1). */
function peerOf(topology: Topology, node: ChainNode): string {
  return `${node.id}@${hostOf(topology, node.host).privateAddress}:${node.ports.p2p}`
}

function idsOf(nodes: readonly ChainNode[]): string {
  return nodes.map((node) => node.id).join(",")
}
