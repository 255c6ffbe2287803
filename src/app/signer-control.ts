import { AppError, EXIT } from "../core/errors.ts"
import { sealedState } from "../core/observe/signer-state.ts"
import type { PendingOperation } from "../core/observe/state.ts"
import type { HostAccess, RunResult } from "../core/ports.ts"
import { layout, signerMarks } from "../core/render/layout.ts"
import type { Topology, Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/*
 * The words that decide where and whether a signer runs live on its own host, one small file each, replaced by rename and synced.
 * Every change names the epoch under which it is made: a command that was overtaken by another operator's changes nothing. What must
 * outlive the deployment's directory, fence and floor, is written a second time among the marks of the key.
 */

const WRITE = `set -eu
umask 077
mkdir -p "$1"
cd "$1"
[ "$(cat epoch 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
printf '%s\\n' "$4" > "$3.new"
sync "$3.new"
mv "$3.new" "$3"
sync .`

/** Arguments: control directory, epoch, height, marks. */
const RAISE_FLOOR = `set -eu
umask 077
mkdir -p "$1" "$4"
chmod 700 "$4"
[ "$(cat "$1/epoch" 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
for dir in "$1" "$4"; do
  if [ -s "$dir/floor" ] && [ "$(cat "$dir/floor")" -gt "$3" ]; then echo "a floor is only ever raised" >&2; exit 1; fi
done
for dir in "$1" "$4"; do
  printf '%s\\n' "$3" > "$dir/floor.new"
  sync "$dir/floor.new"
  mv "$dir/floor.new" "$dir/floor"
  sync "$dir"
done`

const CLEAR = `set -eu
cd "$1"
[ "$(cat epoch 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
rm -f "$3"
sync .`

/**
 * Takes the next epoch; only whoever holds the lock may. A critical section (move-signer.sh) looks at the epoch under its own lock, so
 * one that was begun by the last holder and is only now getting to it either has ended by then or sees that it was overtaken.
 */
const NEXT_EPOCH = `set -eu
umask 077
mkdir -p "$1"
cd "$1"
exec 8>>move.lock
flock -w 10 8 || { echo "a move is at work" >&2; exit 1; }
epoch=$(cat epoch 2>/dev/null || echo 0)
case $epoch in ''|*[!0-9]*) echo "the epoch is not a number" >&2; exit 1 ;; esac
epoch=$(( epoch + 1 ))
echo "$epoch" > epoch.new
sync epoch.new
mv epoch.new epoch
sync .
echo "$epoch"`

/**
 * Writes the first state. Only before the signer was ever aimed, and a state that stands there already is only replaced by a higher
 * one. Arguments: state file, control directory, epoch, height, SHA-256 of the text.
 */
const SEAL = `set -eu
umask 077
mkdir -p "$(dirname "$1")"
cat > "$1.new"
[ "$(sha256sum < "$1.new" | cut -d" " -f1)" = "$5" ] || { rm -f "$1.new"; echo "checksum differs" >&2; exit 1; }
[ "$(cat "$2/epoch" 2>/dev/null || echo 0)" = "$3" ] || { echo "another operation has begun since" >&2; exit 8; }
[ ! -e "$2/aim" ] || { echo "the signer was aimed meanwhile" >&2; exit 1; }
if [ -e "$1" ]; then
  old=$(tr -d ' \\n' < "$1" | sed -n 's/^{"height":"\\([0-9]*\\)","round":"0","step":0,"block_id":null}$/\\1/p')
  [ -n "$old" ] && [ "$old" -le "$4" ] || { rm -f "$1.new"; echo "another state stands there" >&2; exit 1; }
fi
sync "$1.new"
mv "$1.new" "$1"
sync "$(dirname "$1")"`

/**
 * Puts a sealed state in place of the one that stands there, and raises both floors to it. Nothing starts meanwhile, since the key's own
 * lock is held, and nothing is ever lowered. What cannot be read is moved aside, and only where a name for that is given.
 * Arguments: state file, control directory, epoch, height, SHA-256 of the text, marks, end of the name of what is moved aside or nothing.
 */
const REPLACE_STATE = `set -eu
umask 077
fail() { rm -f "$state.new"; echo "$1" >&2; exit "\${2:-1}"; }
is_number() { case $1 in ''|*[!0-9]*) return 1 ;; esac; }
state=$1 control=$2 height=$4 marks=$6 aside=$7
mkdir -p "$(dirname "$state")" "$control" "$marks"
chmod 700 "$marks"
cat > "$state.new"
[ "$(sha256sum < "$state.new" | cut -d" " -f1)" = "$5" ] || fail "checksum differs"
[ "$(cat "$control/epoch" 2>/dev/null || echo 0)" = "$3" ] || fail "another operation has begun since" 8
exec 9>>"$marks/running.lock"
flock -w 5 9 || fail "a process signs with this key"
damaged=
for dir in "$control" "$marks"; do
  [ -e "$dir/floor" ] || continue
  floor=$(cat "$dir/floor")
  if ! is_number "$floor"; then damaged="$damaged $dir/floor"
  elif [ "$floor" -gt "$height" ]; then fail "the floor $floor is above $height, and a floor is only ever raised"; fi
done
if [ -e "$state" ]; then
  old=$(tr -d ' \\t\\r\\n' < "$state" | sed -n 's/^{"height":"\\([0-9]\\{1,15\\}\\)","round":"[0-9]\\{1,9\\}","step":[0-2],"block_id":.*}$/\\1/p')
  if [ -z "$old" ]; then damaged="$damaged $state"
  elif [ "$old" -ge "$height" ]; then fail "the state there is at height $old, and a state is only ever raised"; fi
fi
[ -z "$damaged" ] || [ -n "$aside" ] || fail "what stands there is damaged:$damaged"
for file in $damaged; do mv "$file" "$file.$aside"; done
sync "$state.new"
mv "$state.new" "$state"
sync "$(dirname "$state")"
for dir in "$control" "$marks"; do
  printf '%s\\n' "$height" > "$dir/floor.new"
  sync "$dir/floor.new"
  mv "$dir/floor.new" "$dir/floor"
  sync "$dir"
done`

/** The height of the chain with the time of this host's clock, so that the guard can compare them later. Arguments: control directory, height. */
const WRITE_TIP = `set -eu
umask 077
mkdir -p "$1"
printf '%s %s\\n' "$2" "$(date +%s)" > "$1/tip.new"
sync "$1/tip.new"
mv "$1/tip.new" "$1/tip"`

/** Arguments: control directory, epoch, marks. */
const UNFENCE = `set -eu
[ "$(cat "$1/epoch" 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
rm -f "$1/fence" "$3/fence"
for dir in "$1" "$3"; do [ ! -d "$dir" ] || sync "$dir"; done`

export type SignerControl = {
  readonly epoch: number
  write(fact: "aim" | "floor", value: string): Promise<void>
  writeOperation(operation: PendingOperation): Promise<void>
  clearOperation(): Promise<void>
  /** The first state of a signer, or a higher one in place of a sealed one that was never used. */
  sealState(height: number): Promise<void>
  /** A sealed state in place of what stands there, and both floors; only while nothing signs with the key, and only ever upwards. */
  replaceState(height: number, damaged: "refuse" | { readonly moveAsideAs: string }): Promise<void>
  /** Tells the guard how far the chain is, so that it knows a state that cannot be of this chain. */
  writeTip(height: number): Promise<void>
  /** Takes both fences away; starts nothing. */
  unfence(): Promise<void>
}

export async function nextEpoch({ fleet, topology }: Pick<Deployment, "fleet" | "topology">, validator: Validator): Promise<number> {
  const result = await fleet.host(validator.signerHost).run(["sh", "-c", NEXT_EPOCH, "next-epoch", controlDir(topology, validator)])
  return Number(okay(result, `the epoch of ${validator.name} could not be raised on ${validator.signerHost}`).stdout.trim())
}

export function signerControl(
  { fleet, topology, sha256 }: Pick<Deployment, "fleet" | "topology" | "sha256">,
  validator: Validator,
  epoch: number,
): SignerControl {
  const host: HostAccess = fleet.host(validator.signerHost)
  const dir = controlDir(topology, validator)
  const stateFile = `${topology.dir}/${layout.signer.stateFile(validator.name)}`
  const marks = signerMarks(topology, validator)
  const write = async (name: string, value: string) => {
    const argv =
      name === "floor"
        ? ["sh", "-c", RAISE_FLOOR, "raise-floor", dir, String(epoch), value, marks]
        : ["sh", "-c", WRITE, "write", dir, String(epoch), name, value]
    okay(await host.run(argv), `${name} of ${validator.name} could not be written on ${validator.signerHost}`)
  }
  return {
    epoch,
    write,
    writeOperation: (operation) => write("operation.json", JSON.stringify(operation)),
    async clearOperation() {
      okay(
        await host.run(["sh", "-c", CLEAR, "clear", dir, String(epoch), "operation.json"]),
        `the operation of ${validator.name} could not be closed on ${validator.signerHost}`,
      )
    },
    async sealState(height) {
      const text = sealedState(height)
      const argv = ["sh", "-c", SEAL, "seal", stateFile, dir, String(epoch), String(height), sha256(text)]
      okay(await host.run(argv, { stdin: text }), `the first state of ${validator.name} could not be written on ${validator.signerHost}`)
    },
    async replaceState(height, damaged) {
      const text = sealedState(height)
      const aside = damaged === "refuse" ? "" : damaged.moveAsideAs
      const argv = ["sh", "-c", REPLACE_STATE, "replace-state", stateFile, dir, String(epoch), String(height), sha256(text), marks, aside]
      okay(await host.run(argv, { stdin: text }), `the state of ${validator.name} could not be sealed on ${validator.signerHost}`)
    },
    async writeTip(height) {
      okay(
        await host.run(["sh", "-c", WRITE_TIP, "write-tip", dir, String(height)]),
        `the chain's height could not be written down for ${validator.name} on ${validator.signerHost}`,
      )
    },
    async unfence() {
      okay(
        await host.run(["sh", "-c", UNFENCE, "unfence", dir, String(epoch), marks]),
        `the fence of ${validator.name} could not be taken away on ${validator.signerHost}`,
      )
    },
  }
}

function controlDir(topology: Topology, validator: Validator): string {
  return `${topology.dir}/${layout.signer.control(validator.name)}`
}

function okay(result: RunResult, what: string): RunResult {
  if (result.code === 0) return result
  const lost = result.code === EXIT.lockHeld
  throw new AppError(lost ? "LOCK_LOST" : "REMOTE_COMMAND", EXIT.halfWay, `${what}: ${result.stderr.trim()}`)
}
