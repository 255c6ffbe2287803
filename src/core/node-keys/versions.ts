import { COMET_0_38 } from "./comet-0-38.ts"
import { tableOf, withDefaults } from "./declare.ts"
import type { ConfigFile, KeyTable } from "./node-key.ts"
import { SDK_0_50, SIMAPP } from "./sdk-0-50.ts"

export type NodeKeys = Readonly<Record<ConfigFile, KeyTable>>

/** What `versions.node` of a topology may say. */
export const NODE_VERSIONS = ["gonka-0.2", "sdk-0.50"] as const
export type NodeVersion = (typeof NODE_VERSIONS)[number]

const TABLES: Readonly<Record<NodeVersion, NodeKeys>> = {
  /** Gonka's node: chain code 0.2, CometBFT 0.38.21, a fork of SDK 0.53. */
  "gonka-0.2": { config: tableOf(COMET_0_38), app: tableOf(SDK_0_50) },
  /** The SDK's test application (simd of ibc-go 8) with SDK 0.50 and CometBFT 0.38.21. */
  "sdk-0.50": {
    config: tableOf(COMET_0_38),
    app: tableOf(withDefaults(SDK_0_50, "simapp simd/cmd/root.go", { "minimum-gas-prices": "0stake" }), SIMAPP),
  },
}

export function isNodeVersion(version: string): version is NodeVersion {
  return NODE_VERSIONS.some((known) => known === version)
}

/** Every key of a version's two files. A topology names only known versions: the validator has seen to that. */
export function nodeKeys(version: string): NodeKeys {
  if (!isNodeVersion(version)) throw new Error(`there is no table of node settings for the version ${version}`)
  return TABLES[version]
}
