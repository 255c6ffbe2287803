# Run on a host as `sh -s -- DIRECTORY DEPLOYMENT TABLE CHAIN TARGETS WORDS`: measures what `gonka-ha doctor` judges, one tab-separated fact
# per line. TABLE and CHAIN are names of the firewall's rules, TARGETS ports to try as `ADDRESS:PORT`, WORDS what no address book may have.
# Changes nothing: the file that it writes to measure the disk is its own, and is removed.
set -u
dir=$1 deployment=$2 table=$3 chain=$4 targets=$5 words=$6
# A shell that ssh starts often does not look where the firewall's programs are.
PATH=$PATH:/usr/sbin:/sbin
tab=$(printf '\t')

line() { tr '\n\t' '  ' | cut -c1-300; }
has() { command -v "$1" >/dev/null 2>&1; }
within() { if has timeout; then timeout "$@"; else shift; "$@"; fi; }
# Milliseconds; where date knows none, the clock that counts from the host's start knows hundredths.
now() {
  ms=$(date +%s%3N 2>/dev/null)
  case $ms in
  *[!0-9]* | '') ms= ;;
  esac
  if [ "${#ms}" -eq 13 ]; then echo "$ms"; else read -r up _ </proc/uptime && echo "${up%.*}${up#*.}0"; fi
}

# Not every bash can dial, and not every host has one.
dials=nothing
if has bash && has timeout; then
  case $(timeout 2 bash -c ': </dev/tcp/127.0.0.1/1' 2>&1) in
  *'No such file'*) ;;
  *) dials=bash ;;
  esac
fi
[ "$dials" = nothing ] && has nc && dials=nc

# A connection that is closed at once says nothing to whoever listens. tab-separated: address and port, open or closed or unknown.
reach() {
  case $dials in
  bash) timeout 2 bash -c ': <"/dev/tcp/$0/$1"' "${1%:*}" "${1##*:}" 2>/dev/null && word=open || word=closed ;;
  nc) within 3 nc -w 2 "${1%:*}" "${1##*:}" </dev/null >/dev/null 2>&1 && word=open || word=closed ;;
  *) word=unknown ;;
  esac
  printf 'reach\t%s\t%s\n' "$1" "$word"
}

count=0
for target in $targets; do
  reach "$target" &
  count=$((count + 1))
  [ $((count % 64)) -eq 0 ] && wait
done

printf 'user\t%s\t%s\n' "$(id -u)" "$(id -un 2>/dev/null)"
for tool in docker flock setsid sync timeout sha256sum awk find stat; do has "$tool" || printf 'no-tool\t%s\n' "$tool"; done
awk '/^(MemTotal|MemAvailable|SwapTotal|SwapFree):/ { seen[$1] = $2 }
  END { printf "memory\t%s\t%s\t%s\t%s\n", seen["MemTotal:"], seen["MemAvailable:"], seen["SwapTotal:"], seen["SwapFree:"] }' /proc/meminfo 2>/dev/null
if read -r load _ </proc/loadavg 2>/dev/null; then printf 'load\t%s\t%s\n' "$load" "$(grep -c '^processor' /proc/cpuinfo)"; fi
[ -e /var/run/reboot-required ] && printf 'reboot\n'

if said=$(within 10 docker version --format '{{.Server.Version}}' 2>&1); then
  printf 'engine\t%s\n' "$(printf '%s' "$said" | line)"
  ids=$(within 10 docker ps -aq --no-trunc --filter "label=io.gonka-ha.deployment=$deployment" 2>/dev/null)
  if [ -n "$ids" ]; then
    # shellcheck disable=SC2086 # ids are words
    containers=$(within 15 docker inspect --format 'container{{"\t"}}{{index .Config.Labels "io.gonka-ha.service"}}{{"\t"}}{{.State.Status}}{{"\t"}}{{.RestartCount}}{{"\t"}}{{.State.OOMKilled}}{{"\t"}}{{if .State.Health}}{{.State.Health.Status}}{{end}}{{"\t"}}{{.Image}}{{"\t"}}{{.HostConfig.LogConfig.Type}}{{"\t"}}{{index .HostConfig.LogConfig.Config "max-size"}}{{"\t"}}{{.State.StartedAt}}{{"\t"}}{{.HostConfig.RestartPolicy.Name}}{{"\t"}}{{.State.Pid}}{{"\t"}}{{json .NetworkSettings.Ports}}' $ids 2>/dev/null)
    printf '%s\n' "$containers"
    printf '%s\n' "$containers" | awk -F "$tab" '$12 > 0 { print $2, $12 }' | while read -r service pid; do
      limit=$(sed -n 's/^Max open files *[a-z0-9]* *\([a-z0-9]*\).*/\1/p' "/proc/$pid/limits" 2>/dev/null)
      [ -n "$limit" ] && printf 'limit\t%s\t%s\n' "$service" "$limit"
    done
  fi
else
  printf 'no-engine\t%s\n' "$(printf '%s' "$said" | line)"
fi
if said=$(within 10 docker compose version --short 2>&1); then
  printf 'compose\t%s\n' "$(printf '%s' "$said" | line)"
else
  printf 'no-compose\t%s\n' "$(printf '%s' "$said" | line)"
fi

if cd "$dir" 2>/dev/null; then
  printf 'directory\n'
  df -P -i . 2>/dev/null | awk 'NR == 2 { for (i = NF; i > 3; i--) if ($i ~ /^([0-9]+%|-)$/) { printf "inodes\t%s\t%s\n", $(i - 3), $(i - 1); exit } }'
  spare=.doctor-write-$$
  trap 'rm -f "$dir/$spare"' EXIT
  trap 'exit 1' HUP INT TERM
  began=$(now)
  # Each of ten blocks is on the disk before the next one is written, as with the states of a signer.
  if said=$(dd if=/dev/zero of="$spare" bs=4096 count=10 oflag=dsync 2>&1); then
    printf 'write\t10\t%s\n' "$(($(now) - began))"
  else
    began=$(now)
    if said=$(dd if=/dev/zero of="$spare" bs=4096 count=1 conv=fsync 2>&1); then
      printf 'write\t1\t%s\n' "$(($(now) - began))"
    else
      printf 'no-write\t%s\n' "$(printf '%s' "$said" | line)"
    fi
  fi
  rm -f "$spare"
  find secrets -type f -exec stat -c "secret${tab}file${tab}%a${tab}%n" {} + 2>/dev/null
  find secrets -type d -exec stat -c "secret${tab}directory${tab}%a${tab}%n" {} + 2>/dev/null
  for place in audit.log lock signers/*/control signers/*/control/journal signers/*/receipts signers/*/state; do
    if [ -e "$place" ] && [ ! -w "$place" ]; then printf 'read-only\t%s\n' "$place"; fi
  done
  for book in nodes/*/home/config/addrbook.json; do
    [ -r "$book" ] || continue
    node=${book#nodes/}
    printf 'book\t%s\n' "${node%%/*}"
    for word in $words; do
      grep -qF "\"$word\"" "$book" && printf 'known\t%s\t%s\n' "${node%%/*}" "$word"
    done
  done
  for snapshot in nodes/*/home/data/snapshots/*/; do
    [ -d "$snapshot" ] || continue
    node=${snapshot#nodes/}
    height=${snapshot%/}
    printf 'snapshot\t%s\t%s\n' "${node%%/*}" "${height##*/}"
  done
  for upgrade in nodes/*/home/cosmovisor/upgrades/*/bin/; do
    [ -d "$upgrade" ] || continue
    node=${upgrade#nodes/}
    name=${upgrade%/bin/}
    printf 'upgrade\t%s\t%s\n' "${node%%/*}" "${name##*/}"
  done
fi

# `firewall`: the rules could be looked at, whether there are any or not.
if has nft; then
  if said=$(nft list table inet "$table" 2>&1); then
    printf 'firewall\n'
    printf '%s\n' "$said" | sed "s/^[[:space:]]*/nft$tab/"
  else
    case $said in
    *'No such file'*) printf 'firewall\n' ;;
    *) printf 'no-firewall\t%s\n' "$(printf '%s' "$said" | line)" ;;
    esac
  fi
fi
if has iptables; then
  if said=$(iptables -w -S "$chain" 2>&1); then
    printf 'firewall\n'
    # A chain that nothing leads to decides nothing.
    iptables -w -C DOCKER-USER -j "$chain" 2>/dev/null && printf '%s\n' "$said" | sed "s/^/iptables$tab/"
  else
    case $said in
    # The second is what iptables over nftables says of a chain that is not there.
    *'No chain'* | *'does not exist'* | *incompatible*) printf 'firewall\n' ;;
    *) printf 'no-firewall\t%s\n' "$(printf '%s' "$said" | line)" ;;
    esac
  fi
fi
wait
printf 'end\n'
