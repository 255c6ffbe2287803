# A full node whose validator key is with a signer that dials in. Given: CHAIN_ID, RPC, PEERS.
set -eu
if [ ! -f /node/config/genesis.json ]; then
  simd init twin --chain-id "$CHAIN_ID" --home /node >/dev/null 2>&1
  curl -fsS "$RPC/genesis" | jq .result.genesis >/tmp/genesis.json
  mv /tmp/genesis.json /node/config/genesis.json
  sed -i \
    -e 's|^priv_validator_laddr = .*|priv_validator_laddr = "tcp://0.0.0.0:26658"|' \
    -e 's|^addr_book_strict = .*|addr_book_strict = false|' \
    -e 's|^allow_duplicate_ip = .*|allow_duplicate_ip = true|' \
    -e "s|^persistent_peers = .*|persistent_peers = \"$PEERS\"|" \
    -e 's|^timeout_commit = .*|timeout_commit = "1000ms"|' \
    -e 's|^laddr = "tcp://127.0.0.1:26657"|laddr = "tcp://0.0.0.0:26657"|' \
    -e 's|^pprof_laddr = .*|pprof_laddr = ""|' \
    -e 's|^log_level = .*|log_level = "error"|' \
    /node/config/config.toml
  sed -i -e 's|^minimum-gas-prices = .*|minimum-gas-prices = "0stake"|' /node/config/app.toml
fi
exec simd start --home /node
