#!/bin/sh
# Starts a chain node on exactly the configuration that gonka-ha rendered: what stands in the files is what runs.
# Speaks POSIX sh and the options that busybox and GNU share. Nothing outside of the node's home is written.
set -euf
umask 077
# As process 1 a shell does not end on SIGTERM by itself; a node that still waits for its sentries has to.
trap 'exit 143' TERM INT

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
home=$root/home
genesis=$home/config/genesis.json
genesis_record=$home/config/genesis.sha256
trust_record=$home/statesync.trust
tmp=$home/tmp

say() { echo "start-node: $1"; }
warn() { echo "start-node: $1" >&2; }
refuse() {
  warn "the node does not start: $1"
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings"; }

# Copies and then renames, so that a crash never leaves half a file.
install_file() {
  cp "$1" "$2.new"
  mv "$2.new" "$2"
}

digest_of() { sha256sum <"$1" | cut -c 1-64; }

# The server of a URL as it counts when voices are counted: however it is written, by http or by https and at whatever path, one server is one.
server_of() {
  printf '%s\n' "$1" | tr 'A-Z' 'a-z' |
    sed -e 's|^[a-z]*://||' -e 's|[/?#].*||' -e 's|.*@||' -e 's|:0*80$||' -e 's|:0*443$||' -e 's|:$||' -e 's|\.\(:[0-9]*\)\{0,1\}$|\1|'
}

# The URLs of a setting, one of each server: a source that is listed twice still has one voice.
sources_in() {
  seen=
  for url in $(setting "$1"); do
    server=$(server_of "$url")
    case " $seen " in *" $server "*) continue ;; esac
    seen="$seen $server"
    echo "$url"
  done
}

is_number() {
  case $1 in '' | *[!0-9]* | 0?* | ????????????????*) return 1 ;; esac
}

# fetch URL FILE SECONDS; `why` says what went wrong.
fetch() { why=$(curl -fsS --max-time "$3" "$1" 2>&1 >"$2"); }

for tool in base64 cat cp curl cut date jq mkdir mv rm sed sha256sum sleep sort tail tr; do
  command -v "$tool" >/dev/null 2>&1 || refuse "this image has no $tool, which the start of a node needs"
done
[ -r "$settings" ] || refuse "$settings is missing: render and install the configuration again"
chain_id=$(setting chain_id)
binary=$(setting binary)
[ -n "$chain_id" ] && [ -n "$binary" ] || refuse "$settings does not name the chain and the program: render and install the configuration again"

# The root file system may be read-only and /tmp small: chunks of a snapshot are as large as the chain's state.
mkdir -p "$home/config" "$home/data" "$tmp"
export HOME="$home" TMPDIR="$tmp" DAEMON_HOME="$home" DAEMON_NAME="$binary"

install_file "$root/config/config.toml" "$home/config/config.toml"
install_file "$root/config/app.toml" "$home/config/app.toml"
# A plain standby has no privval port; the record says how this start was meant, whatever the owner file says later.
started=$home/started
if [ "$(setting standby)" = plain ]; then
  if [ "$(cat "$root/control/owner" 2>/dev/null || true)" = plain ]; then
    sed 's/^priv_validator_laddr = .*$/priv_validator_laddr = ""/' "$root/config/config.toml" >"$home/config/config.toml.new"
    [ "$(sed -n '/^priv_validator_laddr = ""$/p' "$home/config/config.toml.new" | sed -n '$=')" = 1 ] ||
      refuse "config.toml does not set priv_validator_laddr once: render and install the configuration again"
    mv "$home/config/config.toml.new" "$home/config/config.toml"
    say "a plain standby: without a privval port"
    echo plain >"$started.new"
  else
    echo port >"$started.new"
  fi
  mv "$started.new" "$started"
else
  rm -f "$started"
fi
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

# ---- Genesis: it decides which chain this is, so one source's word is not enough, and what was taken once is not changed.

# -S sorts the keys: sources may order them differently. The digest of this form is the same everywhere and can be pinned.
canonical_genesis() { jq -eS "$1 | objects" <"$2" >"$3" 2>/dev/null; }
chain_of() { jq -r .chain_id <"$1"; }

# Two digests: of the sorted form, which is what a pin means, and of the file as it lies there, which is cheap to check at every start.
record_genesis() {
  [ -e "$genesis_record" ] || say "the genesis of $chain_id has the digest $1: write it as chain.genesis.sha256, and no node ever takes another one"
  printf 'canonical=%s\nfile=%s\n' "$1" "$2" >"$genesis_record.new"
  mv "$genesis_record.new" "$genesis_record"
}

# The record comes first: after a crash between the two, only this same genesis is taken.
take_genesis() {
  record_genesis "$2" "$2"
  mv "$1" "$genesis"
}

fetch_genesis() {
  first=
  for source in $(sources_in genesis_rpc); do
    fetch "${source%/}/genesis" "$tmp/genesis.answer" 120 || { warn "no genesis from $source: $why"; continue; }
    canonical_genesis .result.genesis "$tmp/genesis.answer" "$tmp/genesis.candidate" || { warn "$source does not answer with a genesis"; continue; }
    served=$(chain_of "$tmp/genesis.candidate")
    if [ "$served" != "$chain_id" ]; then
      # What is pinned is found by its digest, whatever another source says.
      [ -n "$pinned" ] || refuse "$source serves the chain $served, not $chain_id"
      warn "$source serves the chain $served, not $chain_id"
      continue
    fi
    digest=$(digest_of "$tmp/genesis.candidate")
    if [ -n "$pinned" ]; then
      [ "$digest" = "$pinned" ] || { warn "$source serves a genesis with the digest $digest, not the pinned $pinned"; continue; }
    elif [ -z "$first" ]; then
      first=$digest
      continue
    else
      [ "$digest" = "$first" ] || refuse "the genesis sources disagree: check chain.genesis.rpc"
    fi
    take_genesis "$tmp/genesis.candidate" "$digest"
    return
  done
  [ -z "$pinned" ] || refuse "no genesis source serves the genesis with the pinned digest $pinned; it is tried again at the next start"
  refuse "fewer than two genesis sources answered; it is tried again at the next start"
}

pinned=$(setting genesis_sha256)
recorded_file=
if [ -e "$genesis_record" ]; then
  recorded=$(sed -n 's/^canonical=//p' "$genesis_record")
  recorded_file=$(sed -n 's/^file=//p' "$genesis_record")
  [ ${#recorded} -eq 64 ] && [ ${#recorded_file} -eq 64 ] || refuse "$genesis_record is damaged: if $genesis is the right one, remove $genesis_record and it is written anew"
  [ -z "$pinned" ] || [ "$pinned" = "$recorded" ] ||
    refuse "this node runs on the genesis $recorded, but chain.genesis.sha256 says $pinned: correct it, or give this node an empty home"
  pinned=$recorded
fi
if [ ! -s "$genesis" ]; then
  fetch_genesis
elif [ -n "$recorded_file" ]; then
  [ "$(digest_of "$genesis")" = "$recorded_file" ] ||
    refuse "$genesis is not the file that was taken at the first start: remove it, and the right one is fetched again"
else
  canonical_genesis . "$genesis" "$tmp/genesis.candidate" || refuse "$genesis is not a genesis: remove it, and one is fetched"
  [ "$(chain_of "$tmp/genesis.candidate")" = "$chain_id" ] || refuse "$genesis belongs to the chain $(chain_of "$tmp/genesis.candidate"), not $chain_id: remove it, and the right one is fetched"
  digest=$(digest_of "$tmp/genesis.candidate")
  [ -z "$pinned" ] || [ "$digest" = "$pinned" ] || refuse "$genesis has the digest $digest, but chain.genesis.sha256 says $pinned: remove the file, and the right one is fetched"
  record_genesis "$digest" "$(digest_of "$genesis")"
fi

# ---- State sync: where a node without blocks begins. The block that it trusts is a second genesis, so two sources must agree on it.

# Sets `tip` and `earliest` of a source; of one that cannot be counted, `why`.
look_at() {
  tip= earliest=
  fetch "${1%/}/status" "$tmp/status.answer" 10 || return 1
  # shellcheck disable=SC2046
  set -- $(jq -r '.result | [.node_info.network, .sync_info.catching_up, .sync_info.latest_block_height, .sync_info.earliest_block_height] | map(tostring) | join(" ")' <"$tmp/status.answer" 2>/dev/null)
  why="does not answer as a node does"
  [ $# -eq 4 ] && is_number "$3" && is_number "$4" || return 1
  why="serves the chain $1"
  [ "$1" = "$chain_id" ] || return 1
  why="has no block yet"
  [ "$3" -gt 0 ] || return 1
  why="is still catching up, at block $3"
  [ "$2" = false ] || return 1
  tip=$3 earliest=$4
}

# Sets `hash`: that of block $2, as source $1 has it.
hash_at() {
  hash=
  fetch "${1%/}/commit?height=$2" "$tmp/commit.answer" 10 || return 1
  hash=$(jq -r --arg height "$2" --arg chain "$chain_id" '.result.signed_header | select(.header.height == $height and .header.chain_id == $chain and .commit.height == $height) | .commit.block_id.hash' <"$tmp/commit.answer" 2>/dev/null) || hash=
  why="does not answer with block $2"
  case $hash in *[!0-9A-F]*) return 1 ;; esac
  [ ${#hash} -eq 64 ]
}

# The greatest height that two sources have reached: neither one that is stuck nor one that boasts can move it.
tip_of_two() {
  : >"$tmp/tips"
  for source in $sources; do
    if look_at "$source"; then echo "$tip" >>"$tmp/tips"; else warn "not counted for state sync: $source: $why"; fi
  done
  sort -rn "$tmp/tips" | sed -n 2p
}

# Writes the trusted block, once two sources name the same one, into the installed config.toml.
trust_block() {
  agreed= voice= servers= voices=0
  for source in $sources; do
    hash_at "$source" "$1" || { warn "no hash of block $1 from $source: $why"; continue; }
    [ -n "$agreed" ] || agreed=$hash voice=$source
    [ "$hash" = "$agreed" ] || refuse "$voice and $source have different blocks at height $1: one of them is on another chain or lies; check $origin"
    servers=${servers:+$servers,}$source
    voices=$((voices + 1))
  done
  [ "$voices" -ge 2 ] || refuse "fewer than two of $origin gave the hash of block $1, which a state sync would trust; it is tried again at the next start"
  write_statesync "$1"
  printf 'trust_height=%s\ntrust_hash=%s\nrpc_servers=%s\n' "$1" "$agreed" "$servers" >"$trust_record.new"
  mv "$trust_record.new" "$trust_record"
  say "state sync trusts block $1 with the hash $agreed, on which $voices sources agree"
}

write_statesync() {
  config=$home/config/config.toml
  escaped=$(printf '%s' "$servers" | sed 's/[\\&|]/\\&/g')
  sed "/^\[statesync\]\$/,/^\[/{
s|^enable = .*|enable = true|
s|^rpc_servers = .*|rpc_servers = \"$escaped\"|
s|^trust_height = .*|trust_height = $1|
s|^trust_hash = .*|trust_hash = \"$agreed\"|
}" "$config" >"$config.new"
  written=$(sed -n '/^\[statesync\]$/,/^\[/p' "$config.new" | sed -n -e '/^enable = true$/p' -e '/^rpc_servers = "..*"$/p' -e '/^trust_height = [1-9]/p' -e '/^trust_hash = "..*"$/p' | sed -n '$=')
  [ "$written" = 4 ] || refuse "config.toml has no complete [statesync] section: render and install the configuration again"
  mv "$config.new" "$config"
}

sync_from_network() {
  back=$(setting state_sync_trust_blocks)
  is_number "$back" || refuse "$settings does not say how far below the tip the trusted block lies (state_sync_trust_blocks): render and install the configuration again"
  tip=$(tip_of_two)
  [ -n "$tip" ] || refuse "fewer than two of $origin answered for a state sync; it is tried again at the next start"
  height=$((tip - back))
  [ "$height" -ge 1 ] || height=1
  trust_block "$height"
}

# How many blocks apart the snapshots of a source are; nothing for a source that is no sentry of ours and is only a voice.
interval_of() {
  for item in $(setting snapshot_sources); do
    [ "${item%=*}" != "$1" ] || printf '%s\n' "${item##*=}"
  done
}

# Sets `height` to the block below the newest snapshot that a sentry can serve and prove, provided that two sources have that block.
# A light client proves a snapshot with the two blocks after it, so one of the last two blocks does not count yet.
find_snapshot() {
  height= states=
  : >"$tmp/sentries"
  for source in $sources; do
    if look_at "$source"; then
      interval=$(interval_of "$source")
      echo "$tip $earliest ${interval:-0}" >>"$tmp/sentries"
      states="$states; $source has blocks $earliest to $tip"
    else
      states="$states; $source: $why"
    fi
  done
  while read -r tip earliest interval; do
    [ "$interval" -gt 0 ] || continue
    snapshot=$(((tip - 2) / interval * interval))
    [ "$snapshot" -gt "$earliest" ] || continue
    below=$((snapshot - 1)) have=0
    while read -r other_tip other_earliest _; do
      [ "$other_earliest" -gt "$below" ] || [ "$other_tip" -lt "$below" ] || have=$((have + 1))
    done <"$tmp/sentries"
    [ "$have" -lt 2 ] || [ "$below" -le "${height:-0}" ] || height=$below
  done <"$tmp/sentries"
  [ -n "$height" ]
}

sync_from_sentries() {
  holders=$(setting snapshot_sources)
  [ -n "$holders" ] || refuse "$settings names no sentry that keeps snapshots: render and install the configuration again"
  for item in $holders; do
    is_number "${item##*=}" && [ "${item##*=}" -gt 0 ] || refuse "$settings does not name the sentries' snapshot interval: render and install the configuration again"
  done
  started=$(date +%s) said=
  until find_snapshot; do
    now=$(date +%s)
    if [ -z "$said" ] || [ $((now - said)) -ge 60 ]; then
      said=$now
      say "waiting for a snapshot at a sentry for $((now - started)) s by now${states}"
    fi
    sleep 3
  done
  trust_block "$height"
}

bootstrap=$(setting bootstrap)
case $bootstrap in
  genesis) ;;
  network) origin="the state-sync sources (chain.stateSync.rpc)" ;;
  sentries) origin="the sentries" ;;
  *) refuse "$settings does not say where a node without blocks begins (bootstrap): render and install the configuration again" ;;
esac

has_block_data() { [ -e "$home/data/blockstore.db" ] || [ -e "$home/data/state.db" ]; }

# A node that was stopped during its state sync has empty block data and would begin at the first block. Consensus
# opens its log only after that, so without the log it is still on its way; the node itself skips a sync that it has done.
needs_state_sync() {
  [ "$bootstrap" != genesis ] || return 1
  has_block_data || return 0
  [ -e "$trust_record" ] && [ ! -e "$home/data/cs.wal" ]
}

if needs_state_sync; then
  if has_block_data; then
    say "an earlier state sync was interrupted and is tried again; if it keeps failing, stop the node and empty $home/data but for priv_validator_state.json"
  fi
  sources=$(sources_in state_sync_rpc)
  # shellcheck disable=SC2086
  set -- $sources
  [ $# -ge 2 ] || refuse "a state sync needs two sources that agree, and $settings lists $#: check $origin"
  if [ "$bootstrap" = sentries ]; then sync_from_sentries; else sync_from_network; fi
fi
rm -rf "$tmp"
mkdir "$tmp"

# ---- The program itself. Under cosmovisor the image's program is only the first one; upgrades lie beside it in the home.

if command -v cosmovisor >/dev/null 2>&1; then
  half=$home/cosmovisor.incomplete
  # An interrupted copy of the program would be taken for a whole one.
  [ ! -e "$half" ] || rm -rf "$home/cosmovisor/genesis"
  if [ ! -e "$home/cosmovisor/genesis/bin/$binary" ] && [ ! -e "$home/cosmovisor/current/bin/$binary" ]; then
    program=$(command -v "$binary") || refuse "this image has no $binary: check images.node"
    : >"$half"
    cosmovisor init "$program" || refuse "cosmovisor could not set up $home/cosmovisor"
  fi
  rm -f "$half"
  exec cosmovisor run start --home "$home"
fi
exec "$binary" start --home "$home"
