# Makes the genesis and the homes of the outside validators under /chain, offline. stdin: one JSON object (ceremony.ts).
set -eu
umask 077
cat >/chain/input.json
ask() { jq -r "$1" /chain/input.json; }

home=/chain/ceremony
chain_id=$(ask .chainId)
simd init ceremony --chain-id "$chain_id" --home "$home" >/dev/null 2>&1

# The operators' accounts are made here: their keys are needed for the gentxs only. Ours is among them: the operator
# of our validator signs its gentx, its consensus key is named by its public part.
names=$(ask '.validators[].name')
for name in $names; do
  simd keys add "$name" --keyring-backend test --home "$home" --output json 2>/dev/null |
    jq '{address, coins: [{denom: "stake", amount: "1000000000000"}]}'
done | jq -s . >/chain/operators.json
jq -s '.[0] + [.[1].accounts[] | {address: ., coins: [{denom: "stake", amount: "1000000000000"}]}]' \
  /chain/operators.json /chain/input.json >/chain/accounts.json
simd genesis bulk-add-genesis-account /chain/accounts.json --home "$home"

mkdir -p "$home/config/gentx"
for name in $names; do
  key=$(jq -r --arg name "$name" '.validators[] | select(.name == $name) | .publicKey' /chain/input.json)
  address=$(jq -r --arg name "$name" '.validators[] | select(.name == $name) | .address' /chain/input.json)
  simd genesis gentx "$name" 100000000stake --chain-id "$chain_id" --keyring-backend test --home "$home" \
    --pubkey "{\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\":\"$key\"}" --moniker "$name" --ip "$address" \
    --output-document "$home/config/gentx/$name.json" 2>/dev/null
done
simd genesis collect-gentxs --home "$home" >/dev/null 2>&1

# The slashing rules of Gonka: window, minimum, jail, slashes.
jq --arg jail "$(ask .jailSeconds)s" --arg window "$(ask .windowBlocks)" '.app_state.slashing.params = {
      signed_blocks_window: $window,
      min_signed_per_window: "0.500000000000000000",
      downtime_jail_duration: $jail,
      slash_fraction_double_sign: "0.050000000000000000",
      slash_fraction_downtime: "0.010000000000000000"
    }' "$home/config/genesis.json" >/chain/genesis.json

count=$(ask '.outside | length')
index=0
while [ "$index" -lt "$count" ]; do
  node=/chain/$(ask ".outside[$index].name")
  mkdir -p "$node/data"
  cp -r "$home/config" "$node/config"
  rm -rf "$node/config/gentx"
  cp /chain/genesis.json "$node/config/genesis.json"
  ask ".outside[$index].nodeKey" >"$node/config/node_key.json"
  ask ".outside[$index].validatorKey" >"$node/config/priv_validator_key.json"
  echo '{"height":"0","round":0,"step":0}' >"$node/data/priv_validator_state.json"
  sed -i \
    -e 's|^laddr = "tcp://127.0.0.1:26657"|laddr = "tcp://0.0.0.0:26657"|' \
    -e 's|^pprof_laddr = .*|pprof_laddr = ""|' \
    -e "s|^timeout_commit = .*|timeout_commit = \"$(ask .blockMs)ms\"|" \
    -e 's|^addr_book_strict = .*|addr_book_strict = false|' \
    -e 's|^allow_duplicate_ip = .*|allow_duplicate_ip = true|' \
    -e "s|^persistent_peers = .*|persistent_peers = \"$(ask ".outside[$index].peers")\"|" \
    -e 's|^log_level = .*|log_level = "error"|' \
    "$node/config/config.toml"
  sed -i -e 's|^minimum-gas-prices = .*|minimum-gas-prices = "0stake"|' "$node/config/app.toml"
  index=$((index + 1))
done
# Only an account can end its validator's jail.
mkdir /chain/operators
cp -r "$home"/keyring-test /chain/operators/
rm -rf "$home" /chain/input.json
