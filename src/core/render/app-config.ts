import { defaultsOf } from "../node-keys/node-key.ts"
import { nodeKeys } from "../node-keys/versions.ts"
import type { FlatToml } from "../toml-value.ts"
import type { ChainNode, Topology } from "../topology.ts"
import { NODE_COMMENT } from "./comet.ts"
import { insidePort } from "./layout.ts"
import { tomlFromFlat } from "./toml.ts"

/** The whole app.toml of a node: its version's defaults, what it keeps and serves, and what the operator has put above. */
export function appConfig(topology: Topology, node: ChainNode): string {
  return tomlFromFlat(NODE_COMMENT, {
    ...defaultsOf(nodeKeys(topology.versions.node).app),
    "minimum-gas-prices": topology.chain.minimumGasPrices,
    ...kept(node),
    ...served(node),
    // State sync fails on a store with fast nodes; Gonka turns them off everywhere (gonka.md 3.1).
    "iavl-disable-fastnode": true,
    ...node.patches.app,
  })
}

function kept({ pruning, snapshots }: ChainNode): FlatToml {
  return {
    pruning: "custom",
    "pruning-keep-recent": String(pruning.keepStates),
    "pruning-interval": String(pruning.intervalBlocks),
    "min-retain-blocks": pruning.keepBlocks,
    "state-sync.snapshot-interval": snapshots?.intervalBlocks ?? 0,
    ...(snapshots ? { "state-sync.snapshot-keep-recent": snapshots.keep } : {}),
  }
}

/** What nobody reads is off; what is on listens inside the container, and compose.yaml decides who reaches it. */
function served({ services }: ChainNode): FlatToml {
  return {
    "api.enable": services.includes("rest"),
    ...(services.includes("rest") ? { "api.address": `tcp://0.0.0.0:${insidePort.rest}` } : {}),
    "grpc.enable": services.includes("grpc"),
    ...(services.includes("grpc") ? { "grpc.address": `0.0.0.0:${insidePort.grpc}` } : {}),
    "grpc-web.enable": false,
  }
}
