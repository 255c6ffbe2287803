#!/bin/sh
# The only way the signer of a validator starts. Every doubt ends in one line that says why, and no signer.
# Needs nothing but this container: it holds without gonka-ha, after a reboot and after `docker compose up` by hand.
# `guard.sh check` says what it would say at a start, beside the signer that runs, and changes nothing.
set -eu
umask 077

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
control=$root/control
key=$root/secrets/consensus.key
state=$root/state/priv_validator_state.json

refuse() {
  echo "guard: the signer does not start: $1" >&2
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings"; }

for tool in openssl base64 flock sed tr cut cat mv sync tail wc tmkms; do
  command -v "$tool" >/dev/null 2>&1 || refuse "this image has no $tool, which the guard needs"
done
[ -r "$settings" ] || refuse "$settings is missing: render and install the configuration again"
validator=$(setting validator)
pinned=$(setting pubkey)
[ -n "$validator" ] && [ -n "$pinned" ] || refuse "$settings does not name the validator and its public key"

# A fence is a decision of an operator; nothing here may overrule it.
if [ -e "$control/fence" ]; then
  refuse "fenced: $(tr '\n' ' ' <"$control/fence" | cut -c1-200)"
fi

# One process per key on this host; the lock lives exactly as long as tmkms, which inherits it.
[ -d "$control" ] || refuse "$control is missing"
if [ "${1:-}" != check ]; then
  (: >>"$control/running.lock") 2>/dev/null || refuse "$control cannot be written"
  exec 9>>"$control/running.lock"
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
[ -s "$control/floor" ] || refuse "the recorded floor $control/floor is missing: an older state could not be told from a current one"
floor=$(cat "$control/floor")
case $floor in '' | *[!0-9]*) refuse "the recorded floor is not a number: $floor" ;; esac
[ "$height" -ge "$floor" ] || refuse "the signer's state is at height $height, below the recorded floor $floor: it was rolled back"

[ -s "$control/aim" ] || refuse "$control/aim does not say which node to serve"
aim=$(cat "$control/aim")
case $aim in '' | *[!a-z0-9-]*) refuse "$control/aim does not hold the name of a node" ;; esac
config=$root/config/tmkms-$aim.toml
[ -r "$config" ] || refuse "$aim is not a candidate of this validator: $config is missing"

if [ "${1:-}" = check ]; then
  echo "guard: ok, state at height $height"
  exit 0
fi

# From here on this state is known to have existed: an older copy will not pass again.
if [ "$height" -gt "$floor" ]; then
  printf '%s\n' "$height" >"$control/floor.new"
  sync "$control/floor.new"
  mv "$control/floor.new" "$control/floor"
  sync "$control"
fi

echo "guard: starting the signer of $validator for $aim, state at height $height"
exec tmkms start -c "$config"
