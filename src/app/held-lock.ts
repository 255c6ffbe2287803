import { AppError, EXIT } from "../core/errors.ts"
import { lockOwnerLine, lockOwnerText } from "../core/lock-owner.ts"
import type { RemoteHold } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import type { Deployment } from "./deployment.ts"

/** Somebody else's process holds it. */
const BUSY = 75
/** Somebody has asked that nobody changes anything, see `lock acquire`. */
const KEPT = 76
/** The holder gives up when it hears nothing for this long; the port sends a sign of life far more often. */
const SILENCE_SECONDS = 15
/** A critical section outlives whoever began it, and ends by its own deadlines; nobody looks or acts before. It takes a second as a rule. */
const SECTION_SECONDS = 10

/**
 * Arguments: the lock's directory, its owner's line, the control directory whose critical section is waited for or nothing, the file of the
 * kept lock, the tools that are needed. Directories above may hold what others are to read, so only the lock's own is private.
 */
const HOLD = `umask 022; for tool in $5; do command -v $tool >/dev/null || { echo "this host has no $tool, which gonka-ha needs there" >&2; exit 1; }; done; mkdir -p "$(dirname "$1")" && umask 077 && mkdir -p "$1" && exec flock -n -E ${BUSY} "$1/lock" sh -c 'if [ -n "$3" ] && [ -e "$3/move.lock" ]; then flock -w ${SECTION_SECONDS} "$3/move.lock" true || exit ${BUSY}; fi; [ ! -e "$4" ] || exit ${KEPT}; printf "%s\\n" "$2" > "$1/owner"; echo held; while [ -n "$(timeout ${SILENCE_SECONDS} head -c 1)" ]; do :; done' hold "$1" "$2" "$3" "$4"`

export type LockPlace = {
  readonly host: string
  /** What is locked, in an operator's words. */
  readonly what: string
  /** The lock's directory, below the deployment's. */
  readonly dir: string
  /** The directory below the deployment's whose critical section must have ended. */
  readonly sectionIn?: string
  readonly tools: string
}

/**
 * A file lock of a process on a host that lives as long as it hears from us: when gonka-ha dies, or its machine sleeps or drops off the
 * network, the lock is free within seconds.
 * @throws AppError LOCK_HELD (exit 8) naming who holds it or keeps it; HOST_UNREACHABLE
 */
export async function holdLock(deployment: Deployment, place: LockPlace, purpose: string): Promise<RemoteHold> {
  const { fleet, topology, clock, operator } = deployment
  const below = (path: string) => `${topology.dir}/${path}`
  const line = lockOwnerLine({ owner: operator, since: new Date(clock.wallMs()).toISOString(), reason: purpose })
  const section = place.sectionIn === undefined ? "" : below(place.sectionIn)
  const host = fleet.host(place.host)
  const held = await host.hold(["sh", "-c", HOLD, "lock", below(place.dir), line, section, below(layout.lock.kept), place.tools])
  if (!("code" in held)) return held
  if (held.code === KEPT) throw keptLocked(place.host, (await host.run(["cat", below(layout.lock.kept)])).stdout)
  if (held.code !== BUSY)
    throw new AppError("REMOTE_COMMAND", EXIT.refused, `the lock on ${place.host} could not be taken: ${held.stderr.trim()}`)
  const other = (await host.run(["cat", below(`${place.dir}/owner`)])).stdout
  throw new AppError("LOCK_HELD", EXIT.lockHeld, `${place.what} is locked by ${lockOwnerText(other)}`, {
    hint: "wait until that has ended; the lock is free a few seconds after its process or its machine is gone",
  })
}

/** @param record what stands in the kept lock's file */
export function keptLocked(host: string, record: string): AppError {
  return new AppError("LOCK_HELD", EXIT.lockHeld, `${host} is kept locked by ${lockOwnerText(record)}`, {
    hint: `nothing is changed there until \`gonka-ha lock release --host ${host}\`; \`gonka-ha lock status\` shows all locks`,
  })
}

/** @param goOn what to do when the lock was lost @returns a question that throws AppError LOCK_LOST (exit 7) once it has been */
export function watchHeld(held: RemoteHold, { host }: Pick<LockPlace, "host">, goOn: string): () => void {
  let lost: string | undefined
  void held.lost.then((reason) => {
    lost = reason
  })
  return () => {
    if (lost !== undefined) throw new AppError("LOCK_LOST", EXIT.halfWay, `the lock on ${host} was lost: ${lost}`, { hint: goOn })
  }
}
