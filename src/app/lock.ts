import { AppError, EXIT } from "../core/errors.ts"
import type { RemoteHold } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { nextEpoch, type SignerControl, signerControl } from "./signer-control.ts"

/**
 * The right to change who signs for a validator, taken on the signer's own host, the one place that must be reachable for it.
 *
 * It is a file lock of a process on that host which lives as long as it hears from us: when gonka-ha dies, or its machine sleeps or
 * drops off the network, the lock is free within seconds. What was under way stays recorded in `operation.json`, so a free lock does
 * not mean that nothing was begun. Every change names the epoch that came with the lock, so whoever was overtaken changes nothing.
 */
export type SignerLock = {
  readonly control: SignerControl
  /** Throws when the lock has been lost since. */
  readonly stillOurs: () => void
  release(): Promise<void>
}

const BUSY = 75
/** The holder gives up when it hears nothing for this long; the port sends a sign of life far more often. */
const SILENCE_SECONDS = 15
/** A critical section outlives whoever began it, and ends by its own deadlines; nobody looks or acts before. It takes a second as a rule. */
const SECTION_SECONDS = 10
/** What a move needs on this host, and what would otherwise be missed when the standby waits already. */
const TOOLS = "docker flock setsid sync timeout"
const HOLD = `umask 077; for tool in ${TOOLS}; do command -v $tool >/dev/null || { echo "this host has no $tool, which a change of a signer needs" >&2; exit 1; }; done; mkdir -p "$1" && exec flock -n -E ${BUSY} "$1/lock" sh -c 'if [ -e "$3/move.lock" ]; then flock -w ${SECTION_SECONDS} "$3/move.lock" true || exit ${BUSY}; fi; printf "%s\\n" "$2" > "$1/owner"; echo held; while [ -n "$(timeout ${SILENCE_SECONDS} head -c 1)" ]; do :; done' hold "$1" "$2" "$3"`

/**
 * @param expected the epoch that was seen when the plan was made; a different one means that somebody changed something since
 * @throws AppError LOCK_HELD (exit 8) naming the owner, REFUSED when the plan is out of date
 */
export async function lockSigner(deployment: Deployment, validator: Validator, purpose: string, expected?: number): Promise<SignerLock> {
  const { fleet, topology, clock, operator } = deployment
  const host = fleet.host(validator.signerHost)
  const dir = `${topology.dir}/${layout.signer.lock(validator.name)}`
  const owner = `${operator} since ${new Date(clock.wallMs()).toISOString()}: ${purpose}`
  const held = await host.hold(["sh", "-c", HOLD, "lock", dir, owner, `${topology.dir}/${layout.signer.control(validator.name)}`])
  if ("code" in held) {
    if (held.code !== BUSY)
      throw new AppError("REMOTE_COMMAND", EXIT.refused, `the lock on ${validator.signerHost} could not be taken: ${held.stderr.trim()}`)
    const other = (await host.run(["cat", `${dir}/owner`])).stdout.trim()
    throw new AppError("LOCK_HELD", EXIT.lockHeld, `the signer of ${validator.name} is locked by ${other || "somebody unknown"}`, {
      hint: "wait until that has ended; the lock is free a few seconds after its process or its machine is gone",
    })
  }
  const stillOurs = watch(held, validator)
  try {
    const epoch = await nextEpoch(deployment, validator)
    if (expected !== undefined && epoch !== expected + 1) {
      throw new AppError(
        "REFUSED",
        EXIT.refused,
        `somebody worked on the signer of ${validator.name} since this plan was made; nothing was changed at it`,
        {
          hint: "run the command again: it looks anew",
        },
      )
    }
    return { control: signerControl(deployment, validator, epoch), stillOurs, release: () => held.release() }
  } catch (error) {
    await held.release()
    throw error
  }
}

function watch(held: RemoteHold, validator: Validator): () => void {
  let lost: string | undefined
  void held.lost.then((reason) => {
    lost = reason
  })
  return () => {
    if (lost !== undefined) {
      throw new AppError("LOCK_LOST", EXIT.halfWay, `the lock on ${validator.signerHost} was lost: ${lost}`, {
        hint: "run `gonka-ha promote --resume`",
      })
    }
  }
}
