import { AppError, EXIT } from "../core/errors.ts"
import type { RemoteHold } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { nextEpoch, type SignerControl, signerControl } from "./signer-control.ts"

/**
 * The right to change who signs for a validator, taken on the signer's own host, the one place that must be reachable for it.
 *
 * It is a file lock of a process on that host which lives as long as our connection: when gonka-ha dies, however it dies, the lock is
 * free. What was under way stays recorded in `operation.json`, so a free lock does not mean that nothing was begun.
 */
export type SignerLock = {
  readonly control: SignerControl
  /** Throws when the lock has been lost since. */
  readonly stillOurs: () => void
  release(): Promise<void>
}

const BUSY = 75
const HOLD = `umask 077; mkdir -p "$1" && exec flock -n -E ${BUSY} "$1/lock" sh -c 'printf "%s\\n" "$2" > "$1/owner"; echo held; exec cat' hold "$1" "$2"`

/** @throws AppError LOCK_HELD (exit 8) naming the owner */
export async function lockSigner(deployment: Deployment, validator: Validator, purpose: string): Promise<SignerLock> {
  const { fleet, topology, clock, operator } = deployment
  const host = fleet.host(validator.signerHost)
  const dir = `${topology.dir}/${layout.signer.lock(validator.name)}`
  const owner = `${operator} since ${new Date(clock.wallMs()).toISOString()}: ${purpose}`
  const held = await host.hold(["sh", "-c", HOLD, "lock", dir, owner])
  if ("code" in held) {
    if (held.code !== BUSY)
      throw new AppError(
        "REMOTE_COMMAND",
        EXIT.unreachable,
        `the lock on ${validator.signerHost} could not be taken: ${held.stderr.trim()}`,
      )
    const other = (await host.run(["cat", `${dir}/owner`])).stdout.trim()
    throw new AppError("LOCK_HELD", EXIT.lockHeld, `the signer of ${validator.name} is locked by ${other || "somebody unknown"}`, {
      hint: `wait until that has ended; the lock ends with its process (see \`ssh ${validator.signerHost} fuser ${dir}/lock\`)`,
    })
  }
  const epoch = await nextEpoch(deployment, validator)
  return { control: signerControl(deployment, validator, epoch), stillOurs: watch(held, validator), release: () => held.release() }
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
