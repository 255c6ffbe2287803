import { AppError, EXIT } from "../core/errors.ts"
import type { SwapTiming } from "../core/plan/step.ts"
import type { Deployment } from "./deployment.ts"

/** When a planned move happens: without waiting for anything, in the next pause between two blocks, or in the first one after a time. */
export type Moment = { readonly kind: "now" } | { readonly kind: "gap" } | { readonly kind: "at"; readonly atMs: number }

const LOOK_EVERY_MS = 1000
const REPORT_EVERY_MS = 2000

/** What of it is left once the move begins. */
export function timingOf(moment: Moment): SwapTiming {
  return moment.kind === "now" ? "at-once" : "in-gap"
}

/** Waits for the time that was asked for; nothing has been looked at or changed by then. @throws AppError INTERRUPTED */
export async function reach({ clock, report, signal }: Pick<Deployment, "clock" | "report" | "signal">, moment: Moment): Promise<void> {
  if (moment.kind !== "at") return
  const begun = clock.monoMs()
  let reportedAt: number | undefined
  for (;;) {
    const left = moment.atMs - clock.wallMs()
    if (left <= 0) return
    if (signal.aborted) throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted before it began, nothing was changed")
    const at = clock.monoMs()
    if (reportedAt === undefined || at - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = at
      report({
        kind: "waiting",
        what: `${new Date(moment.atMs).toISOString()}`,
        now: `${Math.ceil(left / 1000)} s left`,
        sinceMs: at - begun,
      })
    }
    await clock.sleep(Math.min(left, LOOK_EVERY_MS))
  }
}
