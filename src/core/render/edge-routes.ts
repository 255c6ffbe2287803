/**
 * What users may ask of a sentry's RPC through an entry point. `net_info` and `dump_consensus_state` are not here: they tell the addresses
 * of the private nodes. Neither is `check_tx`, which makes a node work and changes nothing, nor anything that steers a node.
 */
export const RPC_READ_ROUTES = [
  "abci_info",
  "abci_query",
  "block",
  "block_by_hash",
  "block_results",
  "block_search",
  "blockchain",
  "commit",
  "consensus_params",
  "consensus_state",
  "genesis",
  "genesis_chunked",
  "header",
  "header_by_hash",
  "health",
  "num_unconfirmed_txs",
  "status",
  "tx",
  "tx_search",
  "unconfirmed_txs",
  "validators",
] as const

export const RPC_BROADCAST_ROUTES = ["broadcast_tx_async", "broadcast_tx_commit", "broadcast_tx_sync"] as const
