#!/bin/sh
# Docker's health check of a chain node: is there a young block, or at least a newer one than at the last check?
# A process that runs and an RPC that answers prove neither: both survive a consensus that has stopped.
set -uf

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
config=$root/home/config/config.toml
memory=${TMPDIR:-/tmp}/node-health.height

healthy() {
  echo "healthy: $1"
  exit 0
}
unhealthy() {
  echo "unhealthy: $1"
  exit 1
}

is_number() {
  case $1 in '' | *[!0-9]* | 0?* | ????????????????*) return 1 ;; esac
}

limit=$(sed -n 's/^freshness_seconds=//p' "$settings" 2>/dev/null)
is_number "$limit" || unhealthy "$settings does not say how old the newest block may be (freshness_seconds): render and install the configuration again"
address=$(sed -n '/^\[rpc\]$/,/^\[/s/^laddr = "tcp:\/\/\(.*\)"$/\1/p' "$config" 2>/dev/null)
[ -n "$address" ] || unhealthy "$config names no RPC address: the node was not started yet, its log says why"
case $address in 0.0.0.0:* | '[::]:'*) address=127.0.0.1:${address##*:} ;; esac

if ! answer=$(curl -fsS --max-time 3 "http://$address/status" 2>&1); then
  unhealthy "the RPC of the node does not answer: $(printf %s "$answer" | tr '\n' ' ')"
fi
# shellcheck disable=SC2046
set -- $(printf %s "$answer" | jq -r '.result.sync_info | [.latest_block_height, (now - (.latest_block_time[0:19] + "Z" | fromdateiso8601) | floor)] | map(tostring) | join(" ")' 2>/dev/null)
[ $# -eq 2 ] && is_number "$1" && is_number "${2#-}" || unhealthy "the RPC at $address does not answer as a node does"
height=$1 age=$2
[ "$height" -gt 0 ] || unhealthy "the node has no block yet: it waits for peers or for a snapshot, its log says which"

before=$(cat "$memory" 2>/dev/null)
remembered=yes
{ printf '%s\n' "$height" >"$memory"; } 2>/dev/null || remembered=
[ "${age#-}" -ge "$limit" ] || healthy "block $height is $age s old"
if is_number "$before" && [ "$height" -gt "$before" ]; then healthy "at block $height, $((height - before)) further than at the last check"; fi
[ -n "$remembered" ] || unhealthy "$memory cannot be written, so progress cannot be seen: this container needs a writable /tmp"
[ "$age" -ge 0 ] || unhealthy "block $height is dated ${age#-} s in the future: check the clock of this host"
unhealthy "block $height is $age s old, more than the $limit s that are allowed, and no newer one came since the last check"
