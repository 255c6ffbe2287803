#!/bin/sh
# Runs on the signer's host, detached from whoever started it: stops the signer, looks at what it has signed, and starts it at the new
# node, or again at the old one. A closed laptop, a lost connection or a killed gonka-ha cannot leave the validator without its signer.
# Arguments are NAME=VALUE. What came of it is written to control/move. Needs what a Docker host has: docker, flock, sync, timeout.
# Exit codes: 0 it is written there; 64, 73, 75 nothing was begun; 74 it has ended, and that could not be written.
set -u
umask 077
trap '' HUP INT TERM

# Seconds for one call of the engine, for a new container, for the signer to be gone and to reach its node; far more than they take
# (signing.md 9.7).
engine_s=20 create_s=40 gone_s=10 connect_s=10
dir= validator= container= service= run= epoch= from= to= gate= recreate=no from_address= to_address= marks=
state= stopped_ms= started_ms= connected_ms= why= id= status=
# What an end would have to be called now, if nothing more could be seen: until something is done to the signer, nothing was.
left=untouched
# What the kernel says of processes.
proc=${GONKA_HA_PROC:-/proc}

not_begun() {
  echo "move-signer: $2" >&2
  exit "$1"
}

# Milliseconds since the host started: a clock that nobody sets.
now() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; }
elapsed() { echo $(($(now) - began)); }
in_line() { tr '\n' ' ' | cut -c1-200; }

# finish AT REASON: `untouched` (nothing was done), `to`, `from`, `stopped` (it could start nowhere), or `unclear` (something was done to
# it, and it is not seen to be gone).
finish() {
  if printf '%s\n' "run=$run" "at=$1" "state=$state" "stopped_ms=$stopped_ms" "started_ms=$started_ms" "connected_ms=$connected_ms" \
    "reason=$2" >"$control/move.new" && sync "$control/move.new" && mv "$control/move.new" "$control/move" && sync "$control"; then
    exit 0
  fi
  echo "move-signer: it ended ($1${2:+: $2}), and $control cannot be written" >&2
  exit 74
}

# No program of the engine may go on holding the lock of a section that has ended.
engine() { timeout -k 2 "$engine_s" docker "$@" 8>&-; }

# ---- Stop, and believe only what is seen.

# Sets `id` and `status` (`absent` when there is no such container); false when the engine does not say, which is never taken for an answer.
look() {
  said=$(engine inspect --type container -f '{{.Id}} {{.State.Status}}' "$container" 2>&1)
  code=$?
  found=$(printf '%s\n' "$said" | sed -n 's/^\([0-9a-f]\{64\} [a-z]\{1,\}\)$/\1/p' | head -n 1)
  if [ "$code" -eq 0 ] && [ -n "$found" ]; then
    id=${found% *} status=${found#* }
  elif [ "$code" -eq 1 ] && printf '%s\n' "$said" | grep -Eqi 'no such (container|object)'; then
    id= status=absent
  else
    status=unknown
    why="the engine does not say how $container is: $(printf '%s' "${said:-no answer}" | in_line)"
    return 1
  fi
}
is_down() { case $status in absent | created | exited) true ;; *) false ;; esac; }

# The process of a container, whatever the engine says of it.
tmkms_of() {
  for comm in $(grep -lx tmkms "$proc"/[0-9]*/comm 2>/dev/null); do
    process=${comm%/comm}
    case $(cat "$process/cgroup" 2>/dev/null) in *"$1"*) echo "${process##*/}"; return 0 ;; esac
  done
  return 1
}

# The lock that whoever signs with this key on this host holds as long as it lives; a container of before there were marks has it in control.
key_is_free() {
  for running in "$control/running.lock" ${marks:+"$marks/running.lock"}; do
    [ ! -e "$running" ] || flock -w 2 "$running" true 8>&- || return 1
  done
}

# stop: true when the container and its process are gone. SIGKILL is the orderly stop: the state is written before a signature is let out.
stop() {
  look || return 1
  gone=$id
  if ! is_down; then
    left=unclear
    engine kill -s KILL "$container" >/dev/null 2>&1
    limit=$(($(now) + gone_s * 1000))
    until look && is_down; do
      [ "$status" = unknown ] || why="its container is $status after SIGKILL"
      [ "$(now)" -lt "$limit" ] || return 1
      sleep 0.05
    done
  fi
  limit=$(($(now) + gone_s * 1000))
  while [ -n "$gone" ] && process=$(tmkms_of "$gone"); do
    [ "$(now)" -lt "$limit" ] || { why="tmkms still runs as process $process"; return 1; }
    sleep 0.05
  done
  key_is_free || { why="another process on this host signs with this key"; return 1; }
}

# Sets `state`; false when it is missing or damaged, and then `state` stays what was last read.
read_state() {
  read_now=$(tr -d ' \t\r\n' <"$state_file" 2>/dev/null |
    sed -n 's|^{"height":"\([0-9]\{1,15\}\)","round":"\([0-9]\{1,9\}\)","step":\([0-2]\),"block_id":.*}$|\1/\2/\3|p')
  [ -n "$read_now" ] && state=$read_now
}

# ---- Start at a node, and see it connected.

# aim NODE: only ever while the signer is stopped.
aim() {
  [ "$(cat "$control/aim" 2>/dev/null)" != "$1" ] || return 0
  printf '%s\n' "$1" >"$control/aim.new" && sync "$control/aim.new" && mv "$control/aim.new" "$control/aim" && sync "$control"
}

connected() {
  process=$(tmkms_of "$id") || return 1
  grep -qi "^ *[0-9]*: [0-9A-F:]* $1 01 " "$proc/$process/net/tcp" 2>/dev/null
}

# start NODE ADDRESS: true when its signer is connected there, 2 when it runs and is not; `why` says what was in the way.
start() {
  aim "$1" || { why="the aim could not be written"; return 1; }
  left=unclear
  if ! refusal=$(engine start "$container" 2>&1); then
    # One that is too busy to answer may have started it all the same.
    look && [ "$status" = running ] || { why="the engine did not start it: $(printf '%s' "${refusal:-no answer}" | in_line)"; return 1; }
  fi
  [ -n "$started_ms" ] || started_ms=$(elapsed)
  limit=$(($(now) + connect_s * 1000))
  while :; do
    if [ -n "$id" ] && connected "$2"; then
      connected_ms=$(elapsed)
      return 0
    fi
    if look; then
      case $status in
        running) why="the signer did not reach $1 within $connect_s s" ;;
        exited | restarting)
          why=$(engine logs --tail 5 "$container" 2>&1 | grep '^guard: ' | tail -n 1)
          why="the signer did not start: ${why:-it said nothing}"
          return 1
          ;;
        *) why="its container is $status after its start"; return 1 ;;
      esac
    fi
    [ "$(now)" -lt "$limit" ] || return 2
    sleep 0.05
  done
}

# end_at AT NODE ADDRESS REASON: start there, and that is where it ends, with or without a connection.
end_at() {
  start "$2" "$3" && finish "$1" "$4"
  if [ $? -eq 2 ]; then finish "$1" "$4; $why"; fi
  end_down "$4; at $2: $why"
}

# end_down REASON: it could not be started. Nothing but what was seen not to run is called stopped; the guard keeps a restarting one from it.
end_down() {
  case $status in absent | created | exited | restarting) finish stopped "$1" ;; *) finish "$left" "$1" ;; esac
}

# go_back REASON: at the node that it comes from nothing has changed, unless it has signed at the other one; then only that one can have
# what its state covers.
go_back() {
  back=$1
  [ -n "$from" ] || end_down "$back"
  stop || finish "$left" "$back; $why"
  before=$state
  read_state || finish stopped "$back; then its state was missing or damaged"
  if [ "$state" != "$before" ]; then end_at to "$to" "$to_address" "$back, but it has signed there since"; fi
  end_at from "$from" "$from_address" "$back"
}

# The last line of this file calls it: of a script that did not arrive whole, nothing runs.
main() {
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
      # Where fence and the key's lock are written a second time.
      marks) marks=$value ;;
      # As the kernel writes them in /proc/net/tcp.
      from_address) from_address=$value ;;
      to_address) to_address=$value ;;
      connect_s) connect_s=$value ;;
      engine_s) engine_s=$value ;;
      gone_s) gone_s=$value ;;
      *) not_begun 64 "unknown argument ${argument%%=*}" ;;
    esac
  done
  [ -n "$dir" ] && [ -n "$validator" ] && [ -n "$container" ] && [ -n "$service" ] && [ -n "$run" ] && [ -n "$to" ] &&
    [ -n "$to_address" ] && { [ -z "$from" ] || [ -n "$from_address" ]; } || not_begun 64 "an argument is missing"
  for number in "$epoch" "$gate" "$connect_s" "$engine_s" "$gone_s"; do
    case $number in '' | *[!0-9]* | ????????????????*) not_begun 64 "not a number: ${number:-nothing}" ;; esac
  done
  for tool in docker flock sync timeout tr sed grep cut cat mv head tail sleep; do
    command -v "$tool" >/dev/null 2>&1 || not_begun 73 "this host has no $tool"
  done
  control=$dir/signers/$validator/control
  state_file=$dir/signers/$validator/state/priv_validator_state.json
  began=$(now)

  # ---- May it begin at all? Whoever was overtaken, and whoever has lost the lock, changes nothing.

  (: >>"$control/move.lock") 2>/dev/null || not_begun 73 "$control cannot be written"
  exec 8>>"$control/move.lock"
  flock -n 8 || not_begun 75 "another move is at work"
  # More than the record will be: a full disk shows now, and not when the signer has been stopped.
  { printf '%02048d\n' 0 >"$control/move.new" && sync "$control/move.new"; } 2>/dev/null ||
    not_begun 73 "$control cannot be written: the disk is full or read-only"
  [ "$(cat "$control/epoch" 2>/dev/null || echo 0)" = "$epoch" ] || finish untouched "another operation has begun since"
  # 76 is what flock says when somebody holds it; an answer of 0 means that nobody does any more.
  flock -n -E 76 "$dir/lock/$validator/lock" true 8>&-
  [ $? -eq 76 ] || finish untouched "the lock on this signer was lost meanwhile"
  for fence in "$control/fence" ${marks:+"$marks/fence"}; do
    [ ! -e "$fence" ] || finish untouched "the signer is fenced: $(in_line <"$fence")"
  done

  # ---- The move itself.

  stop || finish "$left" "$why"
  stopped_ms=$(elapsed)
  read_state || finish stopped "the signer's state is missing or damaged"
  [ "${state%%/*}" -le "$gate" ] || go_back "the signer's state is at $state, and $to was only seen at height $gate"
  # So that the guard knows, at this start and at those after it, a state that cannot be of this chain; it does without when this fails.
  printf '%s %s\n' "$gate" "$(date +%s)" >"$control/tip.new" && mv "$control/tip.new" "$control/tip"
  if [ "$recreate" = yes ]; then recreate; fi
  start "$to" "$to_address" && finish to ""
  # With no way back it stays where it was sent: it goes on dialling, and its guard has spoken.
  if [ $? -eq 2 ] && [ -z "$from" ]; then finish to "$why"; fi
  go_back "$why"
}

# Nothing is pulled while the signer stands still, and an old container that cannot be replaced goes on.
recreate() {
  engine_s_before=$engine_s engine_s=$create_s
  said=$(engine compose --file "$dir/compose.yaml" create --no-build --pull never "$service" 2>&1) ||
    echo "move-signer: $container stays as it was: $(printf '%s\n' "$said" | tail -n 1 | in_line)"
  engine_s=$engine_s_before
  # The new one goes by another id.
  id=
}

main "$@"
