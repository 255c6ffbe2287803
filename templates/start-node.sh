#!/bin/sh
# Starts a chain node on exactly the configuration that gonka-ha rendered: what stands in the files is what runs.
set -euf
umask 077

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
home=$root/home

refuse() {
  echo "start-node: the node does not start: $1" >&2
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings"; }

# Copies and then renames, so that a crash never leaves half a file.
install_file() {
  cp "$1" "$2.new"
  mv "$2.new" "$2"
}

[ -r "$settings" ] || refuse "$settings is missing: render and install the configuration again"
mkdir -p "$home/config" "$home/data"
install_file "$root/config/config.toml" "$home/config/config.toml"
install_file "$root/config/app.toml" "$home/config/app.toml"
[ -s "$root/secrets/node_key.json" ] || refuse "the node key is missing"
install_file "$root/secrets/node_key.json" "$home/config/node_key.json"

# The node makes itself a random key here and never uses it. A validator's key in this place would sign behind the signer's back.
local_key=$home/config/priv_validator_key.json
if [ -e "$local_key" ]; then
  address=$(jq -er .address <"$local_key" 2>/dev/null) || refuse "$local_key cannot be read: move it away"
  # The node believes the key and not the address that is written beside it.
  real=$(jq -er .priv_key.value <"$local_key" 2>/dev/null | base64 -d 2>/dev/null | tail -c 32 | sha256sum | cut -c 1-40 | tr a-f A-F)
  for validator in $(setting validator_addresses); do
    [ "$address" != "$validator" ] && [ "$real" != "$validator" ] || refuse "$local_key holds a validator's consensus key: only the signer may have it; move it away"
  done
fi
[ -e "$home/data/priv_validator_state.json" ] || printf '{"height":"0","round":0,"step":0}\n' >"$home/data/priv_validator_state.json"

# Genesis decides which chain this is, so one source's word is not enough. -S sorts the keys: sources may order them differently.
if [ ! -s "$home/config/genesis.json" ]; then
  agreed=
  for source in $(setting genesis_rpc); do
    curl -fsS --max-time 120 "${source%/}/genesis" >"$home/genesis.answer" || { echo "start-node: no genesis from $source" >&2; continue; }
    jq -eS .result.genesis <"$home/genesis.answer" >"$home/genesis.candidate" || { echo "start-node: $source does not answer with a genesis" >&2; continue; }
    [ "$(jq -r .chain_id <"$home/genesis.candidate")" = "$(setting chain_id)" ] || refuse "$source serves the chain $(jq -r .chain_id <"$home/genesis.candidate"), not $(setting chain_id)"
    digest=$(sha256sum <"$home/genesis.candidate")
    if [ -z "$agreed" ]; then
      agreed=$digest
      mv "$home/genesis.candidate" "$home/genesis.first"
    elif [ "$agreed" = "$digest" ]; then
      mv "$home/genesis.first" "$home/config/genesis.json"
      break
    else
      refuse "the genesis sources disagree: check chain.genesis.rpc"
    fi
  done
  rm -f "$home/genesis.answer" "$home/genesis.candidate" "$home/genesis.first"
  [ -s "$home/config/genesis.json" ] || refuse "fewer than two genesis sources answered; it is tried again at the next start"
fi

binary=$(setting binary)
if command -v cosmovisor >/dev/null 2>&1 && [ -d "$home/cosmovisor" ]; then
  exec cosmovisor run start --home "$home"
fi
exec "$binary" start --home "$home"
