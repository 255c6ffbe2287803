#!/bin/sh
# The only way the signer of a validator starts. Every doubt ends in one line that says why, and no signer.
# Needs nothing but this container: it holds without gonka-ha, after a reboot and after `docker compose up` by hand.
# `guard.sh check` says what it would say at a start, beside the signer that runs, and changes nothing.
set -eu
umask 077

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
control=$root/control
marks=$root/marks
key=$root/secrets/consensus.key
state=$root/state/priv_validator_state.json

refuse() {
  echo "guard: the signer does not start: $1" >&2
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings"; }
is_number() { case $1 in '' | *[!0-9]* | ???????????????????*) return 1 ;; esac; }

for tool in openssl base64 flock sed tr cut cat date mv rm sync tail wc tmkms; do
  command -v "$tool" >/dev/null 2>&1 || refuse "this image has no $tool, which the guard needs"
done
[ -r "$settings" ] || refuse "$settings is missing: render and install the configuration again"
validator=$(setting validator)
pinned=$(setting pubkey)
[ -n "$validator" ] && [ -n "$pinned" ] || refuse "$settings does not name the validator and its public key"
[ -d "$control" ] || refuse "$control is missing"
# A container that was made before there were marks keeps all of them beside the aim until it is made anew.
[ -d "$marks" ] || marks=$control

# A fence is a decision of an operator; nothing here may overrule it. The second copy survives an old backup of the first one's directory.
for fence in "$control/fence" "$marks/fence"; do
  [ ! -e "$fence" ] || refuse "fenced: $(tr '\n' ' ' <"$fence" | cut -c1-200)"
done

# One process per key on this host, whatever deployment it is of; the lock lives exactly as long as tmkms, which inherits it.
if [ "${1:-}" != check ]; then
  (: >>"$marks/running.lock") 2>/dev/null || refuse "$marks cannot be written: the disk is full or read-only"
  exec 9>>"$marks/running.lock"
  flock -n 9 || refuse "another process on this host already signs with this key"
fi

# tmkms itself takes any key that it finds. 16 bytes of PKCS#8 header turn the 32-byte seed into something openssl reads.
[ -s "$key" ] || refuse "the consensus key $key is missing or empty"
[ "$(base64 -d <"$key" 2>/dev/null | wc -c)" -eq 32 ] || refuse "the consensus key is not the base64 of 32 bytes"
found=$({ printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040'; base64 -d <"$key"; } |
  openssl pkey -inform DER -pubout -outform DER 2>/dev/null | tail -c 32 | base64) || found=
[ -n "$found" ] || refuse "the consensus key cannot be read as an Ed25519 key"
[ "$found" = "$pinned" ] || refuse "the key file belongs to another validator: its public key is $found, the pinned one is $pinned"
[ -s "$root/secrets/kms-identity.key" ] || refuse "kms-identity.key is missing: tmkms would run and never connect"

# tmkms starts at height 0 when its state is missing, and then signs anything again.
[ -e "$state" ] || refuse "the signer's state $state is missing: never start without it; seal a floor above the tip instead"
height=$(tr -d ' \t\r\n' <"$state" |
  sed -n 's/^{"height":"\([0-9]\{1,18\}\)","round":"[0-9]\{1,9\}","step":[0-2],"block_id":.*}$/\1/p')
[ -n "$height" ] || refuse "the signer's state $state is damaged: it does not hold height, round, step and block id"

# Either record of the floor may have come back from an old backup, so the higher one counts.
floor=
for record in "$control/floor" "$marks/floor"; do
  [ -e "$record" ] || continue
  recorded=$(cat "$record")
  is_number "$recorded" || refuse "the recorded floor $record is not a number: $(printf '%s' "$recorded" | tr '\n' ' ' | cut -c1-40)"
  if [ -z "$floor" ] || [ "$recorded" -gt "$floor" ]; then floor=$recorded; fi
done
[ -n "$floor" ] || refuse "the recorded floor $control/floor is missing: an older state could not be told from a current one"
[ "$height" -ge "$floor" ] || refuse "the signer's state is at height $height, below the recorded floor $floor: it was rolled back"

# A state far above the chain is not this chain's, or not this key's; it would keep the signer from signing until the chain is there.
# Where nobody has written down the chain's height, or the clock went back since, this is not known, and nothing is refused for it.
if [ -s "$control/tip" ]; then
  tip= tip_s=
  read -r tip tip_s <"$control/tip" || :
  block_ms=$(setting block_ms)
  is_number "$tip" && is_number "$tip_s" || refuse "$control/tip does not hold a height and a time: remove it, it is written again"
  passed_s=$(($(date +%s) - tip_s))
  if is_number "$block_ms" && [ "$block_ms" -gt 0 ] && [ "$passed_s" -ge 0 ]; then
    # Four times as many blocks as usual, and a few more than any signer is ahead of a block that was just seen.
    limit=$((tip + 5 + 4 * passed_s * 1000 / block_ms))
    [ "$height" -le "$limit" ] ||
      refuse "the signer's state is at height $height, but the chain was at $tip $passed_s s ago and cannot be above $limit: it is the state of another chain or of another signer"
  fi
fi

[ -s "$control/aim" ] || refuse "$control/aim does not say which node to serve"
aim=$(cat "$control/aim")
case $aim in '' | *[!a-z0-9-]*) refuse "$control/aim does not hold the name of a node" ;; esac
config=$root/config/tmkms-$aim.toml
[ -r "$config" ] || refuse "$aim is not a candidate of this validator: $config is missing"

if [ "${1:-}" = check ]; then
  echo "guard: ok, state at height $height"
  exit 0
fi

# tmkms must be able to write its state before each signature; without room for it, it would run and never sign.
trial=$root/state/guard.trial
if { cat "$state" "$state" >"$trial" && sync "$trial"; } 2>/dev/null; then
  rm -f "$trial"
else
  rm -f "$trial" 2>/dev/null || :
  refuse "$root/state cannot be written: the disk is full or read-only"
fi

# From here on this state is known to have existed: an older copy will not pass again. The state is on the disk before its height is
# recorded, so that a loss of power never leaves a record above it.
raise() {
  [ ! -e "$1/floor" ] || [ "$height" -gt "$(cat "$1/floor")" ] || return 0
  printf '%s\n' "$height" >"$1/floor.new" && sync "$1/floor.new" && mv "$1/floor.new" "$1/floor" && sync "$1"
}
sync "$state" "$root/state"
for record in "$control" "$marks"; do
  raise "$record" 2>/dev/null || refuse "the floor in $record cannot be written: the disk is full or read-only"
done

echo "guard: starting the signer of $validator for $aim, state at height $height"
exec tmkms start -c "$config"
