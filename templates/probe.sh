# Run on a host as `sh -s -- DIRECTORY [MARKS]`: prints what stands there, one tab-separated fact per line. Changes nothing.
set -u
# Root sees everything. From anybody else's eyes much may be hidden, and what is hidden must not look as if it were not there.
hidden() {
  printf '%s is hidden from %s, so nothing here can be told for certain: log in as root, or set `sudo: true` for this host\n' "$1" "$(id -un)" >&2
  exit 77
}
if [ "$(id -u)" != 0 ]; then
  grep -Eq '^[^ ]+ /proc proc [^ ]*hidepid=[^0, o]' /proc/mounts && hidden "what others run (hidepid)"
  root=${1%/*} marks=${2:-/var/lib/gonka-ha}
  for place in "$root" "$root"/* "$root"/*/secrets "$root"/*/secrets/signers "$root"/*/secrets/signers/* "$root"/*/signers \
    "$root"/*/signers/* "$root"/*/signers/*/config "$root"/*/signers/*/control "$root"/*/signers/*/state "$marks" "$marks"/*; do
    [ ! -d "$place" ] || { [ -r "$place" ] && [ -x "$place" ]; } || hidden "$place"
  done
  for file in "$root"/*/signers/*/config/settings "$root"/*/signers/*/control/* "$root"/*/signers/*/state/priv_validator_state.json \
    "$marks"/*/*; do
    [ ! -e "$file" ] || [ -r "$file" ] || hidden "$file"
  done
fi

printf 'user\t%s\t%s\n' "$(id -u)" "$(id -un 2>/dev/null)"
cd "$1" 2>/dev/null || { printf 'absent\n'; cd /; }

# Contents in one line; the reader wants the fact, not the layout.
line() { head -c 4096 "$1" 2>/dev/null | tr '\n\t' '  '; }

# The kernel knows who holds a lock; trying it would take it away from somebody for a moment.
is_held() { inode=$(stat -c %i "$1" 2>/dev/null) && grep -q "^[0-9]*: FLOCK .*:$inode 0 EOF" /proc/locks 2>/dev/null; }

if [ "$PWD" = "$1" ]; then
  # From the right, since a device or a mount point may have blanks in its name.
  df -P -k . 2>/dev/null | awk 'NR == 2 { for (i = NF; i > 3; i--) if ($i ~ /^[0-9]+%$/) { printf "disk\t%s\t%s\n", $(i - 3), $(i - 1); exit } }'
  find compose.yaml RUNBOOK.md PORTS.md ports.json firewall haproxy nodes/*/config nodes/*/parking/config signers/*/config secrets -type f -exec sha256sum {} + 2>/dev/null |
    while read -r digest path; do printf 'file\t%s\t%s\n' "$path" "$digest"; done
  # Where each node's signing port is published: an older topology file must not open one again that was closed to a replaced signer.
  awk '/^  [^ ]+:$/ { service = substr($1, 1, length($1) - 1) }
    /^ +- "?[0-9.]+:[0-9]+:26658"?$/ { split($2, part, ":"); printf "privval\t%s\t%s\n", service, part[2] }' compose.yaml 2>/dev/null
  [ -e lock/.host/epoch ] && printf 'lock\tepoch\t%s\n' "$(line lock/.host/epoch)"
  is_held lock/.host/lock && printf 'lock\theld\t%s\n' "$(line lock/.host/owner)"
  [ -e lock/.kept ] && printf 'lock\tkept\t%s\n' "$(line lock/.kept)"
  for owner in nodes/*/parking/control/owner; do
    [ -e "$owner" ] || continue
    node=${owner#nodes/}
    printf 'owner\t%s\t%s\n' "${node%%/*}" "$(line "$owner")"
  done
  for started in nodes/*/home/started; do
    [ -e "$started" ] || continue
    node=${started#nodes/}
    printf 'started\t%s\t%s\n' "${node%%/*}" "$(line "$started")"
  done
  for dir in signers/*; do
    [ -d "$dir" ] || continue
    validator=${dir#signers/}
    for fact in aim floor fence epoch operation.json move; do
      [ -e "$dir/control/$fact" ] && printf 'signer\t%s\t%s\t%s\n' "$validator" "$fact" "$(line "$dir/control/$fact")"
    done
    is_held "lock/$validator/lock" && printf 'signer\t%s\tlocked\t%s\n' "$validator" "$(line "lock/$validator/owner")"
    state=$dir/state/priv_validator_state.json
    [ -e "$state" ] && printf 'signer\t%s\tstate\t%s\n' "$validator" "$(line "$state")"
  done
fi

# Signers' keys of every deployment on this machine: a key is known by its pin, whatever its deployment and its validator are called.
root=${1%/*}
for settings in "$root"/*/signers/*/config/settings; do
  [ -r "$settings" ] || continue
  place=${settings#"$root"/}
  validator=${place#*/signers/}
  printf 'pin\t%s\t%s\t%s\n' "${place%%/*}" "${validator%%/*}" "$(sed -n 's/^pubkey=//p' "$settings" | head -n 1)"
done
for key in "$root"/*/secrets/signers/*/consensus.key; do
  [ -e "$key" ] || continue
  place=${key#"$root"/}
  validator=${place#*/secrets/signers/}
  printf 'key\t%s\t%s\n' "${place%%/*}" "${validator%%/*}"
done

# What is recorded of keys outside of every deployment.
for marks in "${2:-/var/lib/gonka-ha}"/*; do
  for fact in fence floor; do
    [ -e "$marks/$fact" ] && printf 'mark\t%s\t%s\t%s\n' "${marks##*/}" "$fact" "$(line "$marks/$fact")"
  done
done

# Every tmkms on this machine, whoever started it, with the far ends of its connections.
for comm in $(grep -lx tmkms /proc/[0-9]*/comm 2>/dev/null); do
  process=${comm%/comm}
  container=$(sed -n 's/.*[^0-9a-f]\([0-9a-f]\{64\}\).*/\1/p' "$process/cgroup" 2>/dev/null | tail -n 1)
  remotes=$(awk '$4 == "01" { print $3 }' "$process/net/tcp" 2>/dev/null | tr '\n' ' ')
  # What it was started with, not what a file says by now: the argument after -c.
  config=$(tr '\0\n\t' '\n  ' <"$process/cmdline" 2>/dev/null | sed -n '/^-c$/{n;p;q;}')
  printf 'tmkms\t%s\t%s\t%s\t%s\n' "${process#/proc/}" "$container" "$remotes" "$config"
done

# The clock last: the answer is on its way from here. Not every date knows %N, and then whole seconds are all there is.
now=$(date +%s%3N 2>/dev/null)
case $now in
*[!0-9]*) now= ;;
esac
if [ "${#now}" -eq 13 ]; then printf 'clock\t%s\t1\n' "$now"; else printf 'clock\t%s000\t1000\n' "$(date +%s)"; fi
printf 'end\n'
