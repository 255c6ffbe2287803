import { AppError, EXIT } from "../core/errors.ts"
import { sealedState } from "../core/observe/signer-state.ts"
import type { PendingOperation } from "../core/observe/state.ts"
import type { HostAccess, RunResult } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import type { Topology, Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/*
 * The words that decide where and whether a signer runs live on its own host, one small file each, replaced by rename and synced.
 * Every change names the epoch under which it is made: a command that was overtaken by another operator's changes nothing.
 */

const WRITE = `set -eu
umask 077
mkdir -p "$1"
cd "$1"
[ "$(cat epoch 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
if [ "$3" = floor ] && [ -s floor ] && [ "$(cat floor)" -gt "$4" ]; then echo "a floor is only ever raised" >&2; exit 1; fi
printf '%s\\n' "$4" > "$3.new"
sync "$3.new"
mv "$3.new" "$3"
sync .`

const CLEAR = `set -eu
cd "$1"
[ "$(cat epoch 2>/dev/null || echo 0)" = "$2" ] || { echo "another operation has begun since" >&2; exit 8; }
rm -f "$3"
sync .`

/** Takes the next epoch; only whoever holds the lock may. */
const NEXT_EPOCH = `set -eu
umask 077
mkdir -p "$1"
cd "$1"
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

export type SignerControl = {
  readonly epoch: number
  write(fact: "aim" | "floor", value: string): Promise<void>
  writeOperation(operation: PendingOperation): Promise<void>
  clearOperation(): Promise<void>
  /** The first state of a signer, or a higher one in place of a sealed one that was never used. */
  sealState(height: number): Promise<void>
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
  const write = async (name: string, value: string) => {
    okay(
      await host.run(["sh", "-c", WRITE, "write", dir, String(epoch), name, value]),
      `${name} of ${validator.name} could not be written on ${validator.signerHost}`,
    )
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
