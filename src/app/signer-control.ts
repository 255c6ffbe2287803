import { AppError, EXIT } from "../core/errors.ts"
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
epoch=$(( $(cat epoch 2>/dev/null || echo 0) + 1 ))
echo "$epoch" > epoch.new
sync epoch.new
mv epoch.new epoch
sync .
echo "$epoch"`

/** Creates a file that must not exist: a signer's state is never overwritten. */
const CREATE = `set -eu
umask 077
mkdir -p "$(dirname "$1")"
[ ! -e "$1" ] || { echo "it exists already" >&2; exit 1; }
cat > "$1.new"
sync "$1.new"
mv -n "$1.new" "$1"
sync "$(dirname "$1")"`

export type SignerControl = {
  readonly epoch: number
  write(fact: "aim" | "floor", value: string): Promise<void>
  writeOperation(operation: PendingOperation): Promise<void>
  clearOperation(): Promise<void>
  /** @throws when there is one already */
  createState(text: string): Promise<void>
  /** Replaces a state that nothing was ever signed with by a higher one. */
  raiseState(text: string): Promise<void>
}

export async function nextEpoch({ fleet, topology }: Pick<Deployment, "fleet" | "topology">, validator: Validator): Promise<number> {
  const result = await fleet.host(validator.signerHost).run(["sh", "-c", NEXT_EPOCH, "next-epoch", controlDir(topology, validator)])
  return Number(okay(result, `the epoch of ${validator.name} could not be raised on ${validator.signerHost}`).stdout.trim())
}

export function signerControl(
  { fleet, topology }: Pick<Deployment, "fleet" | "topology">,
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
    raiseState: (text) => host.push(stateFile, text, 0o600),
    async createState(text) {
      okay(
        await host.run(["sh", "-c", CREATE, "create", stateFile], { stdin: text }),
        `the first state of ${validator.name} could not be written on ${validator.signerHost}`,
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
