import { AppError, EXIT } from "../core/errors.ts"
import type { Deployment } from "./deployment.ts"
import { waitFor } from "./wait.ts"

const POLL_MS = 500

/**
 * Takes a lock, waiting for whoever has it for as long as the command was told to.
 * @param what is locked, in an operator's words
 * @param waitMs for how long; by default what `--lock-wait` said
 * @throws AppError LOCK_HELD of the last try when the time is over, INTERRUPTED, and whatever else a try throws, at once
 */
export async function waitForLock<T>(
  deployment: Pick<Deployment, "clock" | "report" | "signal" | "lockWaitMs">,
  what: string,
  take: () => Promise<T>,
  waitMs: number = deployment.lockWaitMs ?? 0,
): Promise<T> {
  const untilMs = deployment.clock.monoMs() + waitMs
  const taken = await waitFor<{ readonly lock: T } | { readonly failed: unknown }>(deployment, {
    what: `the lock: ${what}`,
    // Its own end is the time that was given; a lock that changes hands meanwhile is no progress of ours.
    stallMs: Number.POSITIVE_INFINITY,
    pollMs: POLL_MS,
    interruptible: true,
    look: async () => {
      try {
        return { done: true, value: { lock: await take() } }
      } catch (failed) {
        const isHeld = failed instanceof AppError && failed.code === "LOCK_HELD" && failed.exit === EXIT.lockHeld
        if (!isHeld || deployment.clock.monoMs() >= untilMs) return { done: true, value: { failed } }
        return { done: false, progress: 0, now: failed.message }
      }
    },
  })
  if ("failed" in taken) throw taken.failed
  return taken.lock
}

/**
 * Runs a command that looks, plans and then takes a lock. Where somebody else was at work between its look and its turn, and it was told to
 * wait for its turn, it begins anew: it looks again, and asks again for what it then wants to do.
 */
export async function lookingAnew<T>(deployment: Pick<Deployment, "clock" | "report" | "lockWaitMs">, work: () => Promise<T>): Promise<T> {
  const { clock, report, lockWaitMs = 0 } = deployment
  const untilMs = clock.monoMs() + lockWaitMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AppError) || !error.retry || clock.monoMs() >= untilMs) throw error
      report({ kind: "note", text: `${error.message}; looking again` })
    }
  }
}
