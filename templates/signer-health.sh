#!/bin/sh
# Docker's health check of a tmkms: is it connected to a privval port? tmkms itself runs on in silence when it is not.
# Needs only sh, sed and /proc, since the image has little else.
set -uf

root=${GONKA_HA_ROOT:-/gonka-ha}
settings=$root/config/settings
connections=/proc/net/tcp

healthy() {
  echo "healthy: $1"
  exit 0
}
unhealthy() {
  echo "unhealthy: $1"
  exit 1
}

setting() { sed -n "s/^$1=//p" "$settings" 2>/dev/null; }

# Only a parking signer's settings name a node; it keeps off the port on purpose while the validator's signer has it.
node=$(setting node)
if [ -n "$node" ] && [ "$(cat "$root/control/owner" 2>/dev/null)" != parking ]; then
  healthy "waiting on purpose: the privval port of $node is the validator's signer's"
fi

ports=$(setting privval_port)
[ -n "$ports" ] || unhealthy "$settings does not name the privval port (privval_port): render and install the configuration again"
[ -r "$connections" ] || unhealthy "$connections cannot be read"
for port in $ports; do
  case $port in *[!0-9]* | 0* | ??????*) unhealthy "privval_port in $settings is not a port: $port" ;; esac
  # The kernel writes addresses and ports in hexadecimal; 01 is ESTABLISHED.
  hexadecimal=$(printf %04X "$port")
  while read -r _ _ remote state _; do
    [ "$state" != 01 ] || [ "${remote##*:}" != "$hexadecimal" ] || healthy "connected to privval port $port"
  done <"$connections"
done
unhealthy "no connection to privval port $ports: the node is down or out of reach, or another signer holds its port"
