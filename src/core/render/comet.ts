import { defaultsOf } from "../node-keys/node-key.ts"
import { nodeKeys } from "../node-keys/versions.ts"
import { isPrivateAddress } from "../private-address.ts"
import type { FlatToml } from "../toml-value.ts"
import { type ChainNode, type Host, hostOf, type NodeRole, type Topology } from "../topology.ts"
import { insidePort } from "./layout.ts"
import { tomlFromFlat } from "./toml.ts"

export const NODE_COMMENT = "Written by gonka-ha. This file is the effective configuration: it is installed at every start of the node."

/** Peers of the network that a sentry has room for, besides the deployment's own nodes. */
const STRANGERS = { inbound: 100, outbound: 20 } as const
/** Room for nodes that are added before every node has been restarted with the new list. */
const SLACK_PEERS = 10

/** A node as the others dial it. */
export type Peer = { readonly name: string; readonly role: NodeRole; readonly id: string; readonly dialled: string }

/** All nodes of a deployment: every one of them is a peer of every other. */
export function peersOf(topology: Topology): readonly Peer[] {
  const addresses = new Map(topology.hosts.map((host) => [host.name, host.privateAddress]))
  return topology.nodes.map(({ name, role, id, host, ports }) => {
    const address = addresses.get(host)
    if (address === undefined) throw new Error(`the resolved topology has no host ${host}`)
    // Our own nodes meet on private addresses; names would be resolved once and dropped on failure (signing.md 4.1).
    return { name, role, id, dialled: `${id}@${address}:${ports.p2p}` }
  })
}

/**
 * The whole config.toml of a node: its version's defaults, the settings of its role, and what the operator has put above.
 * @param peers of the whole deployment, which are put together once for all nodes
 */
export function cometConfig(topology: Topology, node: ChainNode, peers: readonly Peer[]): string {
  const others = peers.filter((peer) => peer.name !== node.name)
  return tomlFromFlat(NODE_COMMENT, {
    ...defaultsOf(nodeKeys(topology.versions.node).config),
    ...common(topology, node),
    ...(node.role === "sentry" ? sentry(topology, node, others) : privateNode(node, others)),
    ...node.patches.config,
  })
}

function common(topology: Topology, node: ChainNode): FlatToml {
  return {
    moniker: `${topology.deployment}-${node.name}`,
    "rpc.laddr": `tcp://0.0.0.0:${insidePort.rpc}`,
    "rpc.pprof_laddr": "",
    "p2p.laddr": `tcp://0.0.0.0:${insidePort.p2p}`,
    // Containers of one host share its address.
    "p2p.allow_duplicate_ip": true,
    // Votes travel one hop further than on a plain validator; the default of 100 ms would be paid twice (signing.md 4.1).
    "p2p.flush_throttle_timeout": "10ms",
    "p2p.send_rate": 20_000_000,
    "p2p.recv_rate": 20_000_000,
    "statesync.trust_period": `${Math.round(topology.chain.stateSyncTrustMs / 1000)}s`,
    "consensus.timeout_commit": `${topology.chain.blockMs}ms`,
    // Gonka's api reads the results of up to 500 blocks back (gonka.md 1.2).
    "storage.discard_abci_responses": false,
    "tx_index.indexer": node.indexer,
  }
}

function sentry(topology: Topology, node: ChainNode, others: readonly Peer[]): FlatToml {
  const address = networkAddress(hostOf(topology, node.host))
  return {
    "p2p.external_address": `${address}:${node.ports.p2p}`,
    "p2p.pex": true,
    // On the internet, other people's private addresses do not belong into the address book; our own peers are dialled all the same.
    "p2p.addr_book_strict": !isPrivateAddress(address),
    "p2p.seeds": topology.chain.seeds.join(","),
    "p2p.persistent_peers": [...others.map((other) => other.dialled), ...topology.chain.peers].join(","),
    "p2p.persistent_peers_max_dial_period": "10s",
    "p2p.private_peer_ids": idsOf(others.filter((other) => other.role === "private")),
    "p2p.unconditional_peer_ids": idsOf(others),
    "p2p.max_num_inbound_peers": STRANGERS.inbound + others.length,
    "p2p.max_num_outbound_peers": STRANGERS.outbound + others.length + topology.chain.peers.length,
    // It relays between the network and the private nodes: it must not drop what a validator would have proposed.
    "mempool.size": 10_000,
    "mempool.cache_size": 20_000,
    ...(node.publicServices.length > 0 ? FOR_USERS : {}),
  }
}

/** Users open and forget websockets; one slow client must not hold up the others. */
const FOR_USERS: FlatToml = {
  "rpc.max_subscription_clients": 500,
  "rpc.max_subscriptions_per_client": 10,
  "rpc.experimental_close_on_slow_client": true,
}

function privateNode(node: ChainNode, known: readonly Peer[]): FlatToml {
  return {
    "p2p.pex": false,
    "p2p.addr_book_strict": false,
    "p2p.seeds": "",
    "p2p.persistent_peers": known.map((other) => other.dialled).join(","),
    "p2p.unconditional_peer_ids": idsOf(known),
    "p2p.max_num_inbound_peers": known.length + SLACK_PEERS,
    "p2p.max_num_outbound_peers": known.length + SLACK_PEERS,
    ...(node.candidateOf.length > 0 ? { priv_validator_laddr: `tcp://0.0.0.0:${insidePort.privval}` } : {}),
  }
}

/** What a sentry tells the network. */
function networkAddress(host: Host): string {
  return host.publicAddress ?? host.privateAddress
}

function idsOf(peers: readonly Peer[]): string {
  return peers.map((peer) => peer.id).join(",")
}
