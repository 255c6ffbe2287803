import { choice, digits, flag, keysOf, list, noPairs, signed, text, whole } from "./declare.ts"
import type { NodeKey } from "./node-key.ts"

const PRUNING = "it has to keep what an api and state sync need; set `pruning` of the node or its pool instead"
const SNAPSHOTS = "only sentries keep snapshots; set `snapshots` of the node or its pool instead"
const SERVICES = "it follows from who reads the node: an api, an entry point or nobody"

const SOURCE = "SDK server/config/config.go"

const BASE = keysOf("", `${SOURCE} BaseConfig`, [
  text("minimum-gas-prices", "", "it is the same on every node; set `chain.minimumGasPrices` instead"),
  digits("query-gas-limit", "0"),
  choice("pruning", "default", ["default", "nothing", "everything", "custom"], PRUNING),
  digits("pruning-keep-recent", "0", PRUNING),
  digits("pruning-interval", "0", PRUNING),
  whole("halt-height", 0),
  whole("halt-time", 0),
  whole("min-retain-blocks", 0, PRUNING),
  flag("inter-block-cache", true),
  list("index-events", []),
  whole("iavl-cache-size", 781250),
  flag("iavl-disable-fastnode", false, "state sync fails on a store that keeps fast nodes"),
  text("app-db-backend", ""),
])

const TELEMETRY = keysOf("telemetry", "SDK telemetry/metrics.go Config", [
  text("service-name", ""),
  flag("enabled", false),
  flag("enable-hostname", false),
  flag("enable-hostname-label", false),
  flag("enable-service-label", false),
  whole("prometheus-retention-time", 0),
  noPairs("global-labels"),
  text("metrics-sink", ""),
  text("statsd-addr", ""),
  text("datadog-hostname", ""),
])

const SERVERS = [
  ...keysOf("api", `${SOURCE} APIConfig`, [
    flag("enable", false, SERVICES),
    flag("swagger", false),
    text("address", "tcp://localhost:1317", SERVICES),
    whole("max-open-connections", 1000),
    whole("rpc-read-timeout", 10),
    whole("rpc-write-timeout", 0),
    whole("rpc-max-body-bytes", 1000000),
    flag("enabled-unsafe-cors", false),
  ]),
  ...keysOf("grpc", `${SOURCE} GRPCConfig`, [
    flag("enable", true, SERVICES),
    text("address", "localhost:9090", SERVICES),
    digits("max-recv-msg-size", "10485760"),
    digits("max-send-msg-size", "2147483647"),
  ]),
  ...keysOf("grpc-web", `${SOURCE} GRPCWebConfig`, [flag("enable", true, SERVICES)]),
]

const STATE = [
  ...keysOf("state-sync", `${SOURCE} StateSyncConfig`, [
    whole("snapshot-interval", 0, SNAPSHOTS),
    whole("snapshot-keep-recent", 2, SNAPSHOTS),
  ]),
  ...keysOf("streaming.abci", `${SOURCE} ABCIListenerConfig`, [list("keys", []), text("plugin", ""), flag("stop-node-on-err", true)]),
  // Below 0 the application keeps no mempool of its own.
  ...keysOf("mempool", `${SOURCE} MempoolConfig`, [signed("max-txs", -1)]),
]

/** app.toml of the Cosmos SDK, the same from 0.50 to 0.53. */
export const SDK_0_50: readonly NodeKey[] = [...BASE, ...TELEMETRY, ...SERVERS, ...STATE]

/** What the SDK's own test application adds. */
export const SIMAPP: readonly NodeKey[] = keysOf("wasm", "simapp simd/cmd/root.go WASMConfig", [
  whole("query_gas_limit", 300000),
  whole("lru_size", 0),
])
