import { type ChainNode, hostOf, type Topology } from "../topology.ts"

/** What start-node.sh and node-health.sh need to know: facts of the deployment, none of the node's own configuration. */
export function nodeSettings(topology: Topology, node: ChainNode): Readonly<Record<string, string>> {
  const { chain } = topology
  const own = snapshotSources(topology)
  const isBehindSentries = node.role === "private"
  return {
    binary: chain.binary,
    chain_id: chain.id,
    // A private node may have no way to the internet, so the deployment's own sentries are asked first.
    genesis_rpc: [...(isBehindSentries ? own.map((source) => source.url) : []), ...chain.genesisRpc].join(" "),
    genesis_sha256: chain.genesisSha256 ?? "",
    validator_addresses: topology.validators.map((validator) => validator.address).join(" "),
    bootstrap: node.bootstrap,
    // A single sentry cannot confirm itself; the network's servers are the second voice.
    state_sync_rpc: [...(node.bootstrap === "sentries" ? own.map((source) => source.url) : []), ...chain.stateSyncRpc].join(" "),
    state_sync_trust_blocks: String(chain.stateSyncTrustBlocks),
    // Each with its interval, `URL=BLOCKS`: what is awaited is a snapshot on any of them.
    snapshot_sources: node.bootstrap === "sentries" ? own.map(({ url, interval }) => `${url}=${interval}`).join(" ") : "",
    ...(node.candidateOf.length > 0 && topology.policy.standby === "plain" ? { standby: "plain" } : {}),
    freshness_seconds: String(Math.ceil(topology.policy.freshnessMs / 1000)),
  }
}

/** The deployment's own sentries that keep snapshots, where our other nodes reach them. */
function snapshotSources(topology: Topology): readonly { readonly url: string; readonly interval: number }[] {
  return topology.nodes.flatMap((node) =>
    node.role === "sentry" && node.snapshots && node.services.includes("rpc")
      ? [{ url: `http://${hostOf(topology, node.host).privateAddress}:${node.ports.rpc}`, interval: node.snapshots.intervalBlocks }]
      : [],
  )
}
