#!/bin/sh
# Holds a standby's privval port with a throw-away key, so that the node follows the chain and can take over without a restart.
# Only while the owner file says so: on the active node the port belongs to the validator's signer, also after a reboot.
set -eu
umask 077

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
owner=$root/control/owner
key=$root/secrets/consensus.key

refuse() {
  echo "park: the parking signer does not start: $1" >&2
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings"; }

[ -r "$settings" ] || refuse "$settings is missing: render and install the configuration again"
node=$(setting node)
[ -s "$key" ] || refuse "the parking key $key is missing"
found=$({ printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040'; base64 -d <"$key"; } |
  openssl pkey -inform DER -pubout -outform DER 2>/dev/null | tail -c 32 | base64) || found=
[ -n "$found" ] || refuse "the parking key cannot be read as an Ed25519 key"
for validator in $(setting validator_pubkeys); do
  [ "$found" != "$validator" ] || refuse "the parking key is a validator's consensus key: remove it from this host at once"
done

[ -s "$root/secrets/kms-identity.key" ] || refuse "kms-identity.key is missing: tmkms would run and never connect"

said=
while [ "$(cat "$owner" 2>/dev/null || true)" != parking ]; do
  if [ -z "$said" ]; then
    said=yes
    echo "park: waiting: the privval port of $node belongs to the validator's signer; if that has moved, run gonka-ha up"
  fi
  sleep 1
done
echo "park: holding the privval port of $node with a throw-away key"
exec tmkms start -c "$root/config/tmkms.toml"
