#!/bin/sh
# Runs on the signer's host, detached from whoever started it: stops the signer, looks at what it has signed, and starts it at the new
# node, or again at the old one. A closed laptop, a lost connection or a killed gonka-ha cannot leave the validator without its signer.
# Arguments are NAME=VALUE. What came of it is written to control/move. Needs what a Docker host has: docker, flock, sync, timeout.
set -u
umask 077
trap '' HUP INT TERM

# Seconds for one call of the engine, and for the signer to reach its node; both are far more than they take (signing.md 9.7).
ENGINE_S=20
from= to= gate= recreate=no service= connect_s=10 from_address= to_address=
for argument in "$@"; do
  value=${argument#*=}
  case ${argument%%=*} in
    dir) dir=$value ;;
    validator) validator=$value ;;
    container) container=$value ;;
    service) service=$value ;;
    run) run=$value ;;
    epoch) epoch=$value ;;
    from) from=$value ;;
    to) to=$value ;;
    gate) gate=$value ;;
    recreate) recreate=$value ;;
    # As the kernel writes them in /proc/net/tcp.
    from_address) from_address=$value ;;
    to_address) to_address=$value ;;
    connect_s) connect_s=$value ;;
    *) echo "move-signer: unknown argument ${argument%%=*}" >&2; exit 64 ;;
  esac
done
control=$dir/signers/$validator/control
lock=$dir/lock/$validator/lock
state_file=$dir/signers/$validator/state/priv_validator_state.json
state= stopped_ms= started_ms= connected_ms= why=

# Milliseconds since the host started: a clock that nobody sets.
now() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; }
began=$(now)
elapsed() { echo $(($(now) - began)); }

# finish AT REASON: `untouched` (nothing was done), `to`, `from`, or `stopped`.
finish() {
  {
    echo "run=$run"
    echo "at=$1"
    echo "state=$state"
    echo "stopped_ms=$stopped_ms"
    echo "started_ms=$started_ms"
    echo "connected_ms=$connected_ms"
    echo "reason=$2"
  } >"$control/move.new"
  sync "$control/move.new"
  mv "$control/move.new" "$control/move"
  sync "$control"
  exit 0
}

engine() { timeout -k 2 "$ENGINE_S" docker "$@"; }

# ---- May it begin at all? Whoever was overtaken, and whoever has lost the lock, changes nothing.

exec 8>>"$control/move.lock"
flock -n 8 || { echo "move-signer: another move is at work" >&2; exit 75; }
[ "$(cat "$control/epoch" 2>/dev/null || echo 0)" = "$epoch" ] || finish untouched "another operation has begun since"
# 76 is what flock says when somebody holds it; an answer of 0 means that nobody does any more.
flock -n -E 76 "$lock" true 8>&-
[ $? -eq 76 ] || finish untouched "the lock on this signer was lost meanwhile"
[ ! -e "$control/fence" ] || finish untouched "the signer is fenced: $(tr '\n' ' ' <"$control/fence" | cut -c1-200)"

# ---- Stop, and believe only what is seen.

# Sets `id` and `status` (`absent` when there is no such container); false when the engine does not say, which is never taken for an answer.
look() {
  if found=$(engine inspect -f '{{.Id}} {{.State.Status}}' "$container" 2>"$control/move.said"); then
    id=${found% *} status=${found#* }
  elif grep -qi 'no such' "$control/move.said"; then
    id= status=absent
  else
    id= status=unknown
    why="the engine does not say how $container is: $(tr '\n' ' ' <"$control/move.said" | cut -c1-200)"
    return 1
  fi
}
is_down() { case $status in absent | created | exited) true ;; *) false ;; esac; }

# The process of a container, whatever the engine says of it.
tmkms_of() {
  for comm in $(grep -lx tmkms /proc/[0-9]*/comm 2>/dev/null); do
    process=${comm%/comm}
    case $(cat "$process/cgroup" 2>/dev/null) in *"$1"*) echo "${process#/proc/}"; return 0 ;; esac
  done
  return 1
}

# stop: true when the container and its process are gone. SIGKILL is the orderly stop: the state is written before a signature is let out.
stop() {
  look || return 1
  if ! is_down; then
    engine kill -s KILL "$container" >/dev/null 2>&1
    tries=0
    until look && is_down; do
      tries=$((tries + 1))
      [ "$status" = unknown ] || why="its container is $status after SIGKILL"
      [ "$tries" -lt 100 ] || return 1
      sleep 0.05
    done
  fi
  [ -n "$id" ] || return 0
  tries=0
  while process=$(tmkms_of "$id"); do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { why="tmkms still runs as process $process"; return 1; }
    sleep 0.05
  done
}

read_state() {
  state=$(tr -d ' \t\r\n' <"$state_file" 2>/dev/null |
    sed -n 's|^{"height":"\([0-9]\{1,15\}\)","round":"\([0-9]\{1,9\}\)","step":\([0-2]\),"block_id":.*}$|\1/\2/\3|p')
  [ -n "$state" ]
}

# ---- Start at a node, and see it connected.

# aim NODE: only ever while the signer is stopped.
aim() {
  [ "$(cat "$control/aim" 2>/dev/null)" != "$1" ] || return 0
  printf '%s\n' "$1" >"$control/aim.new" && sync "$control/aim.new" && mv "$control/aim.new" "$control/aim" && sync "$control"
}

connected() {
  process=$(tmkms_of "$id") || return 1
  grep -qi "^ *[0-9]*: [0-9A-F:]* $1 01 " "/proc/$process/net/tcp" 2>/dev/null
}

# start NODE ADDRESS: true when its signer is connected there; `why` says what was in the way.
start() {
  aim "$1" || { why="the aim could not be written"; return 1; }
  engine start "$container" >/dev/null 2>"$control/move.said" || { why="the engine did not start it: $(tr '\n' ' ' <"$control/move.said" | cut -c1-200)"; return 1; }
  [ -n "$started_ms" ] || started_ms=$(elapsed)
  look || return 1
  limit=$(($(now) + connect_s * 1000))
  while :; do
    if connected "$2"; then
      connected_ms=$(elapsed)
      return 0
    fi
    look || return 1
    case $status in
      exited | restarting)
        why=$(engine logs --tail 5 "$container" 2>&1 | grep '^guard: ' | tail -n 1)
        why="the signer did not start: ${why:-it said nothing}"
        return 1
        ;;
    esac
    if [ "$(now)" -ge "$limit" ]; then
      why="the signer did not reach $1 within $connect_s s"
      return 2
    fi
    sleep 0.05
  done
}

# go_back REASON: at the node that it comes from nothing has changed, and the state has not moved on since.
go_back() {
  because=$1
  if [ -z "$from" ]; then
    finish stopped "$because"
  fi
  stop || finish stopped "$because; $why"
  start "$from" "$from_address" && finish from "$because"
  if [ $? -eq 2 ]; then finish from "$because; $why"; fi
  finish stopped "$because; at $from: $why"
}

stop || finish stopped "$why"
stopped_ms=$(elapsed)
read_state || finish stopped "the signer's state is missing or damaged"
[ "${state%%/*}" -le "$gate" ] || go_back "the signer's state is at $state, and $to was only seen at height $gate"

if [ "$recreate" = yes ]; then
  # Nothing is pulled while the signer stands still, and an old container that cannot be replaced goes on.
  engine compose --file "$dir/compose.yaml" create --no-build --pull never "$service" >/dev/null 2>"$control/move.said" ||
    echo "move-signer: $container stays as it was: $(tail -n 1 "$control/move.said" | cut -c1-200)"
fi
start "$to" "$to_address" && finish to ""
# With no way back it stays where it was sent: it goes on dialling, and its guard has spoken.
if [ $? -eq 2 ] && [ -z "$from" ]; then finish to "$why"; fi
go_back "$why"
