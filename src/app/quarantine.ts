import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { mayBeReplaced, notQuarantined, replacedFence, replacedOn, stillSigns } from "../core/observe/replaced-host.ts"
import type { HostSeen, Observed, Reading } from "../core/observe/state.ts"
import { signerMarks } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/**
 * Run on a host whose signer was replaced. The fences come first, so that nothing starts again while the rest is done: marks and control
 * directory, of every place that is pinned to this key, whatever its deployment is called. Then the containers are killed and kept from
 * coming back, the key is moved aside, and all of it is looked at. What fails does not keep the rest from being done; it is said at the end.
 * Arguments: deployment's directory, marks, validator, public key, text of the fence, name for the place of the key, line for the audit log.
 */
export const QUARANTINE = `set -u
umask 077
dir=$1 marks=$2 validator=$3 pubkey=$4 fence=$5 place_name=$6 line=$7
proc=\${GONKA_HA_PROC:-/proc}
problems=
changed=
problem() { problems="\${problems:+$problems; }$1"; }

pin() { sed -n 's/^pubkey=//p' "$1/config/settings" 2>/dev/null | head -n 1; }

places() {
  own=$dir/signers/$validator
  case $(pin "$own") in '' | "$pubkey") echo "$own" ;; esac
  for settings in "\${dir%/*}"/*/signers/*/config/settings; do
    other=\${settings%/config/settings}
    [ "$other" = "$own" ] || [ "$(pin "$other")" != "$pubkey" ] || echo "$other"
  done
}

write_fence() {
  before=$(head -n 1 "$1/fence" 2>/dev/null | cut -c1-150)
  case $before in 'replaced by'*) return 0 ;; esac
  changed=yes
  if mkdir -p "$1" && chmod 700 "$1" && printf '%s%s\\n' "$fence" "\${before:+; before that: $before}" > "$1/fence.new" &&
    sync "$1/fence.new" && mv "$1/fence.new" "$1/fence" && sync "$1"; then return 0; fi
  problem "no fence could be written in $1"
}

alive() {
  for comm in $(grep -lx tmkms "$proc"/[0-9]*/comm 2>/dev/null); do
    process=\${comm%/comm}
    if [ -z "$1" ] || grep -q "$1" "$process/cgroup" 2>/dev/null; then echo "\${process##*/}"; fi
  done
}

stop_container() {
  docker update --restart=no "$1" >/dev/null 2>&1
  case $(docker inspect --format '{{.State.Status}}' "$1" 2>/dev/null) in
    exited | created | dead) ;;
    *)
      changed=yes
      docker kill --signal KILL "$1" >/dev/null 2>&1
      docker stop -t 0 "$1" >/dev/null 2>&1
      ;;
  esac
  now=$(docker inspect --format '{{.State.Status}}' "$1" 2>/dev/null)
  case $now in exited | created | dead) ;; *) problem "container $1 is \${now:-unknown} after SIGKILL" ;; esac
  left=$(alive "$1")
  [ -z "$left" ] || problem "tmkms still runs as process $left"
}

move_key() {
  for key in "$1/consensus.key" "$1/consensus.key.new"; do
    [ -e "$key" ] || continue
    changed=yes
    aside=$2/quarantine/$place_name
    if mkdir -p "$aside" && chmod 700 "$2/quarantine" "$aside" && [ ! -e "$aside/$3-\${key##*/}" ] &&
      mv "$key" "$aside/$3-\${key##*/}" && sync "$aside" && sync "$1" && [ ! -e "$key" ]; then continue; fi
    problem "$key could not be moved aside"
  done
}

found=$(places)
write_fence "$marks"
for place in $found; do [ ! -d "$place" ] || write_fence "$place/control"; done
for place in $found; do
  deployment=\${place%/signers/*}
  if ids=$(docker ps --all --quiet --no-trunc --filter "label=io.gonka-ha.deployment=\${deployment##*/}" \\
    --filter "label=io.gonka-ha.service=\${place##*/}-signer" 2>/dev/null); then
    for id in $ids; do stop_container "$id"; done
  else
    left=$(alive '')
    [ -z "$left" ] || problem "the Docker engine does not answer, and tmkms runs as process $left"
  fi
done
for place in $found; do
  deployment=\${place%/signers/*}
  move_key "$deployment/secrets/signers/\${place##*/}" "$deployment" "\${place##*/}"
done
if [ -n "$changed" ] && [ -d "$dir" ]; then printf '%s\\n' "$line\${problems:+: $problems}\${SSH_CLIENT:+ [from \${SSH_CLIENT%% *}]}" >> "$dir/audit.log" || problem "no audit line could be written"; fi
[ -z "$problems" ] || { echo "$problems" >&2; exit 1; }
echo "\${changed:+changed}"`

type Place = Pick<Deployment, "topology" | "fleet" | "clock" | "operator" | "report">

/**
 * Fences the signer that was replaced on a host, kills it, and moves its key aside. Safe to repeat.
 * @returns whether anything was to do
 * @throws AppError REMOTE_COMMAND with everything that could not be done, HOST_UNREACHABLE
 */
export async function quarantine({ topology, fleet, clock, operator }: Place, validator: Validator, host: string): Promise<boolean> {
  const at = new Date(clock.wallMs()).toISOString()
  const fence = replacedFence(validator.signerHost, at)
  const line = `${at} ${operator} quarantine: signer of ${validator.name} ${fence}`
  const argv = ["sh", "-c", QUARANTINE, "quarantine"]
  const place = [topology.dir, signerMarks(topology, validator), validator.name, validator.pubkey]
  const result = await fleet.host(host).run([...argv, ...place, fence, at.replaceAll(/[-:]|\.\d+/g, ""), line])
  if (result.code !== 0)
    throw new AppError(
      "REMOTE_COMMAND",
      EXIT.critical,
      `the replaced signer of ${validator.name} on ${host} is not fenced: ${result.stderr.trim()}`,
      {
        hint: `power ${host} off, or stop its signer and move ${validator.name}'s key away by hand; until then nothing else is done there`,
      },
    )
  return result.stdout.trim() === "changed"
}

/**
 * The first thing that is done on a replaced host that answers, whatever the command is: before it is fenced, nobody works with what was
 * seen there. What could not be done is told, and the host is shown as it stands.
 * @param again looks at a host once more
 */
export async function quarantineReturned(
  place: Place,
  hosts: Map<string, Reading<HostSeen>>,
  again: (host: string) => Promise<Reading<HostSeen>>,
): Promise<void> {
  const seen: Pick<Observed, "hosts"> = { hosts }
  for (const { name } of place.topology.hosts) {
    for (const validator of replacedOn(place.topology, name)) {
      const host = hosts.get(name)
      if (host?.kind !== "seen" || !mayBeReplaced(seen, validator)) continue
      if (notQuarantined(place.topology, validator, host.value).length === 0) continue
      if (stillSigns(place.topology, seen, validator, name)) {
        const text = `ALARM: the file says that ${validator.signerHost} replaces the signer of ${validator.name} on ${name}, but that one is connected to a node and none on ${validator.signerHost} is seen to run: it is left alone; put the file right`
        place.report({ kind: "note", text })
        continue
      }
      try {
        if (await quarantine(place, validator, name))
          place.report({
            kind: "note",
            text: `${name} answers: the replaced signer of ${validator.name} there is fenced, and its key moved aside`,
          })
      } catch (error) {
        place.report({ kind: "note", text: `ALARM: ${reasonOf(error)}` })
      }
      hosts.set(name, await again(name))
    }
  }
}
