#!/bin/sh
# Docker's health check of a tmkms: is it connected to a privval port? tmkms itself runs on in silence when it is not.
# Beside a validator's signer it also records how far the state has come, so that an older copy of it is known as one.
# Needs only what the guard and the parking signer need, since the image has little else.
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

# raise DIRECTORY HEIGHT: the floor there is only ever raised, and by a rename, so that a reader finds the old one or the new one. Of two
# checks at once the slower one must not put its older height over the newer one.
raise() {
  (
    flock -w 2 8 || exit 1
    raise_alone "$1" "$2"
  ) 8>>"$1/floor.lock"
}
raise_alone() {
  recorded=$(cat "$1/floor" 2>/dev/null) || recorded=0
  case $recorded in '' | *[!0-9]*) return 1 ;; esac
  [ ! -e "$1/floor" ] || [ "$recorded" -lt "$2" ] || return 0
  printf '%s\n' "$2" >"$1/floor.new" && sync "$1/floor.new" && mv "$1/floor.new" "$1/floor" && sync "$1"
}
# A signer that has been killed meanwhile takes this check with it, so nothing is recorded here beside a seal or a start.
raise_floors() {
  file=$root/state/priv_validator_state.json
  height=$(tr -d ' \t\r\n' <"$file" | sed -n 's/^{"height":"\([0-9]\{1,18\}\)",.*}$/\1/p')
  [ -n "$height" ] || return 1
  # tmkms leaves its state to the kernel: only once it is on the disk may a record say that it must be there after a loss of power.
  sync "$file" "$root/state" || return 1
  for record in "$root/control" "$root/marks"; do
    [ ! -d "$record" ] || raise "$record" "$height" || return 1
  done
}
if [ -n "$(setting validator)" ]; then
  raise_floors 2>/dev/null ||
    unhealthy "how far the signer's state has come cannot be recorded: the disk is full or read-only, or the state or a floor is damaged"
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
