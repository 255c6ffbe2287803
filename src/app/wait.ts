import { durationText } from "../core/duration.ts"
import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Deployment } from "./deployment.ts"

export type Wait<T> = {
  /** What is awaited, in an operator's words. */
  readonly what: string
  /** Gives up when the progress value has not changed for this long: waiting is on progress, not on time. */
  readonly stallMs: number
  readonly pollMs: number
  /** An exception counts as no progress; its message is shown. */
  readonly look: () => Promise<
    { readonly done: true; readonly value: T } | { readonly done: false; readonly progress: string | number; readonly now: string }
  >
  readonly hint?: string
  /** Whether Ctrl-C may end the wait; never while a signer is between two nodes. */
  readonly interruptible?: true
}

const REPORT_EVERY_MS = 2000

/**
 * Looks until the condition holds.
 * @throws AppError WAIT_STALLED (exit 7) when nothing has moved for `stallMs`, or longer than the operator allowed
 */
export async function waitFor<T>(
  { clock, report, signal, waitLimitMs }: Pick<Deployment, "clock" | "report" | "signal" | "waitLimitMs">,
  wait: Wait<T>,
): Promise<T> {
  const begun = clock.monoMs()
  let movedAt = begun
  let reportedAt = begun
  let progress: string | number | undefined
  for (;;) {
    let now: string
    try {
      const look = await wait.look()
      if (look.done) return look.value
      now = look.now
      if (look.progress !== progress) {
        progress = look.progress
        movedAt = clock.monoMs()
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "HALF_WAY" || error.code === "REFUSED") throw error
      now = reasonOf(error)
    }
    const at = clock.monoMs()
    if (at - movedAt > wait.stallMs) {
      throw new AppError(
        "WAIT_STALLED",
        EXIT.halfWay,
        `waited for ${wait.what}, and nothing moved for ${durationText(at - movedAt)}: ${now}`,
        {
          ...(wait.hint === undefined ? {} : { hint: wait.hint }),
        },
      )
    }
    // A wait that must not be interrupted is not cut short either: a signer may be between two nodes.
    if (wait.interruptible && waitLimitMs !== undefined && at - begun > waitLimitMs) {
      throw new AppError(
        "WAIT_STALLED",
        EXIT.halfWay,
        `waited ${durationText(at - begun)} for ${wait.what}, as long as was allowed: ${now}`,
        {
          ...(wait.hint === undefined ? {} : { hint: wait.hint }),
        },
      )
    }
    if (at - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = at
      report({ kind: "waiting", what: wait.what, now, sinceMs: at - begun })
    }
    if (wait.interruptible && signal.aborted)
      throw new AppError("INTERRUPTED", EXIT.interrupted, `interrupted while waiting for ${wait.what}: ${now}`)
    await clock.sleep(wait.pollMs)
  }
}
