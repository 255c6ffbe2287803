import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { RemoteHold } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import { waitForLock } from "./await-lock.ts"
import type { Deployment } from "./deployment.ts"
import { holdLock, watchHeld } from "./held-lock.ts"

/** The right to change files and containers of some hosts; who signs has a lock of its own (`lock.ts`). */
export type HostLocks = {
  /** By host: its epoch, which grows with every holder. */
  readonly epochs: ReadonlyMap<string, number>
  /** Hosts that were asked for and are not held, each with what its host said; none unless that was allowed. */
  readonly lacking: ReadonlyMap<string, unknown>
  /** Throws AppError LOCK_LOST (exit 7) when one of them has been lost since. */
  readonly stillOurs: () => void
  release(): Promise<void>
}

export type HostLockOptions = {
  /** How long to wait for whoever has one of them; by default what `--lock-wait` said. */
  readonly waitMs?: number
  /** By host: the epoch that was seen when the plan was made; a higher one means that somebody changed something since. */
  readonly expected?: ReadonlyMap<string, number>
  /** Go on without hosts that give no lock for reasons of their own, as long as one does: a full disk, a lost connection. */
  readonly mayLack?: boolean
}

const TOOLS = "flock timeout"

/** Only whoever holds the lock takes the next epoch. `cat` says why it cannot write, and the shell does not. Argument: the lock's directory. */
const NEXT_HOST_EPOCH = `set -eu
umask 077
cd "$1"
epoch=$(cat epoch 2>/dev/null || echo 0)
case $epoch in ''|*[!0-9]*) echo "the epoch in $1 is not a number" >&2; exit 1 ;; esac
epoch=$(( epoch + 1 ))
echo "$epoch" | cat > epoch.new
sync epoch.new
mv epoch.new epoch
sync .
echo "$epoch"`

/**
 * Locks all of these hosts or none, but for those that may be lacking. They are taken one after the other in one order, so of two commands
 * that want the same hosts one always gets all of them.
 * @param purpose the command, as whoever is refused for it will read it
 * @throws AppError LOCK_HELD (exit 8) naming host, owner, reason and since; HOST_UNREACHABLE; REFUSED when the plan is out of date
 */
export async function lockHosts(
  deployment: Deployment,
  hosts: Iterable<string>,
  purpose: string,
  { waitMs, expected, mayLack = false }: HostLockOptions = {},
): Promise<HostLocks> {
  const names = [...new Set(hosts)].sort()
  const held = new Map<string, RemoteHold>()
  const lacking = new Map<string, unknown>()
  const lacks = (host: string, error: unknown) => {
    // What somebody else holds is not the host's own trouble.
    if (!mayLack || !(error instanceof AppError) || error.code === "LOCK_HELD") throw error
    lacking.set(host, error)
  }
  const release = async () => {
    await Promise.all([...held.values()].map((each) => each.release()))
    held.clear()
  }
  const takeAll = async () => {
    lacking.clear()
    try {
      for (const host of names) {
        const hold = await holdLock(deployment, placeAt(host), purpose).catch((error: unknown) => lacks(host, error))
        if (hold) held.set(host, hold)
      }
    } catch (error) {
      await release()
      throw error
    }
  }
  await waitForLock(deployment, names.join(", "), takeAll, waitMs)
  try {
    const epochs = new Map<string, number>()
    const raise = async ([host, hold]: readonly [string, RemoteHold]) => {
      try {
        epochs.set(host, await nextHostEpoch(deployment, host))
      } catch (error) {
        lacks(host, error)
        held.delete(host)
        await hold.release()
      }
    }
    await Promise.all([...held].map(raise))
    const [first] = lacking.values()
    if (held.size === 0 && first !== undefined) throw first
    refuseOvertaken(epochs, expected)
    const checks = [...held].map(([host, hold]) => watchHeld(hold, { host }, "run the same command again: it looks anew"))
    const stillOurs = () => {
      for (const check of checks) check()
    }
    return { epochs, lacking, stillOurs, release }
  } catch (error) {
    await release()
    throw error
  }
}

function placeAt(host: string) {
  return { host, what: host, dir: layout.lock.host, tools: TOOLS }
}

async function nextHostEpoch({ fleet, topology }: Deployment, host: string): Promise<number> {
  const argv = ["sh", "-c", NEXT_HOST_EPOCH, "next-host-epoch", `${topology.dir}/${layout.lock.host}`]
  const { code, stdout, stderr } = await fleet.host(host).run(argv)
  if (code === 0) return Number(stdout.trim())
  throw new AppError("REMOTE_COMMAND", EXIT.refused, `the epoch of ${host} could not be raised: ${reasonOf(stderr.trim())}`)
}

function refuseOvertaken(epochs: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number> | undefined): void {
  const overtaken = [...(expected ?? [])]
    .filter(([host, epoch]) => epochs.has(host) && epochs.get(host) !== epoch + 1)
    .map(([host]) => host)
  if (overtaken.length === 0) return
  throw new AppError("REFUSED", EXIT.refused, `somebody worked on ${overtaken.join(", ")} since this plan was made; nothing was changed`, {
    hint: "run the command again: it looks anew",
    retry: true,
  })
}
