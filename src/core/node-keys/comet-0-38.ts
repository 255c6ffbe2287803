import { choice, digits, duration, flag, keysOf, levels, list, text, whole, withDefaults } from "./declare.ts"
import { INIT_MONIKER, type NodeKey } from "./node-key.ts"

const LAYOUT = "the directories of a node on its host are the same everywhere, and start scripts and break-glass commands count on them"
const IN_PROCESS = "the application runs inside the node's own process"
const PUBLISHED = "the container listens here and Compose publishes the port; set `ports` of the node instead"
const MESH = "it is made from the nodes and roles of the topology, so that the mesh fits together"
const STATE_SYNC = "`bootstrap` of the node decides how it gets its first state, and the trusted block is fetched when it starts"

const SOURCE = "CometBFT config/config.go"

const BASE = keysOf("", `${SOURCE} BaseConfig`, [
  text("version", "0.38.19", "it names the release that the file is written for; set `versions.node` instead"),
  text("proxy_app", "tcp://127.0.0.1:26658", IN_PROCESS),
  text("moniker", INIT_MONIKER),
  choice("db_backend", "goleveldb", ["goleveldb", "cleveldb", "boltdb", "rocksdb", "badgerdb"]),
  text("db_dir", "data", LAYOUT),
  levels("log_level", "info"),
  choice("log_format", "plain", ["plain", "json"]),
  text("genesis_file", "config/genesis.json", LAYOUT),
  text(
    "priv_validator_key_file",
    "config/priv_validator_key.json",
    "the start script looks here for a consensus key that must not be on a node",
  ),
  text("priv_validator_state_file", "data/priv_validator_state.json", LAYOUT),
  text("priv_validator_laddr", "", "only candidates listen for a signer, at the one address that the signer is told"),
  text(
    "node_key_file",
    "config/node_key.json",
    "the node's id is computed from the key that gonka-ha puts here, and every peer knows that id",
  ),
  choice("abci", "socket", ["socket", "grpc"], IN_PROCESS),
  flag("filter_peers", false),
])

const RPC = keysOf("rpc", `${SOURCE} RPCConfig`, [
  text("laddr", "tcp://127.0.0.1:26657", PUBLISHED),
  list("cors_allowed_origins", []),
  list("cors_allowed_methods", ["HEAD", "GET", "POST"]),
  list("cors_allowed_headers", ["Origin", "Accept", "Content-Type", "X-Requested-With", "X-Server-Time"]),
  text("grpc_laddr", ""),
  whole("grpc_max_open_connections", 900),
  flag("unsafe", false, "the unsafe routes let everybody who reaches RPC change the node's peers and empty its mempool"),
  whole("max_open_connections", 900),
  whole("max_subscription_clients", 100),
  whole("max_subscriptions_per_client", 5),
  whole("experimental_subscription_buffer_size", 200),
  whole("experimental_websocket_write_buffer_size", 200),
  flag("experimental_close_on_slow_client", false),
  duration("timeout_broadcast_tx_commit", "10s"),
  whole("max_request_batch_size", 10),
  whole("max_body_bytes", 1000000),
  whole("max_header_bytes", 1048576),
  text("tls_cert_file", "", "gonka-ha and the load balancers read RPC without TLS"),
  text("tls_key_file", "", "gonka-ha and the load balancers read RPC without TLS"),
  text("pprof_laddr", ""),
])

const P2P = keysOf("p2p", `${SOURCE} P2PConfig`, [
  text("laddr", "tcp://0.0.0.0:26656", PUBLISHED),
  text("external_address", "", "it follows from the host's addresses and `ports.p2p` of the node"),
  text("seeds", "", "only sentries may meet strangers; set `chain.seeds` instead"),
  text("persistent_peers", "", `${MESH}; strangers that sentries keep connected go into \`chain.peers\``),
  text("addr_book_file", "config/addrbook.json", LAYOUT),
  flag("addr_book_strict", true),
  whole("max_num_inbound_peers", 40),
  whole("max_num_outbound_peers", 10),
  text("unconditional_peer_ids", "", MESH),
  duration("persistent_peers_max_dial_period", "0s"),
  duration("flush_throttle_timeout", "100ms"),
  whole("max_packet_msg_payload_size", 1024),
  whole("send_rate", 5120000),
  whole("recv_rate", 5120000),
  flag("pex", true, "sentries exchange peers and private nodes never do, or their addresses would leave the deployment"),
  flag("seed_mode", false, "a seed hangs up on everybody it meets, so it can be neither a sentry nor a private node"),
  text("private_peer_ids", "", MESH),
  flag("allow_duplicate_ip", false, "several nodes of a deployment may share one host's address"),
  duration("handshake_timeout", "20s"),
  duration("dial_timeout", "3s"),
])

const MEMPOOL = keysOf("mempool", `${SOURCE} MempoolConfig`, [
  choice("type", "flood", ["flood", "nop"]),
  flag("recheck", true),
  duration("recheck_timeout", "1s"),
  flag("broadcast", true),
  text("wal_dir", ""),
  whole("size", 5000),
  whole("max_txs_bytes", 1073741824),
  whole("cache_size", 10000),
  flag("keep-invalid-txs-in-cache", false),
  whole("max_tx_bytes", 1048576),
  whole("max_batch_bytes", 0),
  whole("experimental_max_gossip_connections_to_persistent_peers", 0),
  whole("experimental_max_gossip_connections_to_non_persistent_peers", 0),
])

const SYNC = [
  ...keysOf("statesync", `${SOURCE} StateSyncConfig`, [
    flag("enable", false, STATE_SYNC),
    text("rpc_servers", "", `${STATE_SYNC}; set \`chain.stateSync.rpc\` instead`),
    whole("trust_height", 0, STATE_SYNC),
    text("trust_hash", "", STATE_SYNC),
    duration("trust_period", "168h0m0s", `${STATE_SYNC}; set \`chain.stateSync.trustPeriod\` instead`),
    duration("discovery_time", "15s"),
    text("temp_dir", "", LAYOUT),
    duration("chunk_request_timeout", "10s"),
    digits("chunk_fetchers", "4"),
    whole("max_snapshot_chunks", 100000),
  ]),
  ...keysOf("blocksync", `${SOURCE} BlockSyncConfig`, [choice("version", "v0", ["v0"])]),
]

const CONSENSUS = keysOf("consensus", `${SOURCE} ConsensusConfig`, [
  text("wal_file", "data/cs.wal/wal", LAYOUT),
  duration("timeout_propose", "3s"),
  duration("timeout_propose_delta", "500ms"),
  duration("timeout_prevote", "1s"),
  duration("timeout_prevote_delta", "500ms"),
  duration("timeout_precommit", "1s"),
  duration("timeout_precommit_delta", "500ms"),
  duration("timeout_commit", "1s", "it is the same on every node of the chain; set `chain.blockTime` instead"),
  whole(
    "double_sign_check_height",
    0,
    "with it a node that is restarted while its validator signs would not start again; the signer's state guards the key",
  ),
  flag("skip_timeout_commit", false),
  flag("create_empty_blocks", true),
  duration("create_empty_blocks_interval", "0s"),
  duration("peer_gossip_sleep_duration", "100ms"),
  duration("peer_query_maj23_sleep_duration", "2s"),
])

const STORAGE_AND_METRICS = [
  ...keysOf("storage", `${SOURCE} StorageConfig`, [flag("discard_abci_responses", false)]),
  ...keysOf("tx_index", `${SOURCE} TxIndexConfig`, [
    choice("indexer", "kv", ["kv", "null", "psql"], "it has to fit what reads the node; set `indexer` of the node or its pool instead"),
    text("psql-conn", "", "it would hold a password, and rendered files hold no secrets"),
  ]),
  ...keysOf("instrumentation", `${SOURCE} InstrumentationConfig`, [
    flag("prometheus", false),
    text("prometheus_listen_addr", ":26660"),
    whole("max_open_connections", 3),
    text("namespace", "cometbft"),
  ]),
]

/** config.toml of CometBFT 0.38.21 as an SDK binary's `init` writes it: the SDK has two defaults of its own. */
export const COMET_0_38: readonly NodeKey[] = withDefaults(
  [...BASE, ...RPC, ...P2P, ...MEMPOOL, ...SYNC, ...CONSENSUS, ...STORAGE_AND_METRICS],
  "SDK server/util.go",
  { "rpc.pprof_laddr": "localhost:6060", "consensus.timeout_commit": "5s" },
)
