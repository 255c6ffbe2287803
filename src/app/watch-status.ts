import type { StatusView } from "../core/observe/status-view.ts"
import type { Deployment } from "./deployment.ts"
import { status } from "./status.ts"

/** How soon Ctrl-C ends a pause. */
const SLICE_MS = 100

/**
 * Looks again and again until it is interrupted or nobody wants any more. A look that is under way is given up then.
 * @param everyMs between the end of one look and the next
 * @param show false when nobody looks any more
 * @returns the last look that was shown; undefined when it was interrupted before there was one
 */
export async function watchStatus(
  deployment: Deployment,
  everyMs: number,
  show: (view: StatusView) => Promise<boolean>,
): Promise<StatusView | undefined> {
  const { clock, signal } = deployment
  const interrupted = new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }))
  let last: StatusView | undefined
  while (!signal.aborted) {
    const view = await Promise.race([status(deployment), interrupted])
    if (view === undefined) break
    last = view
    if (!(await show(view))) break
    const until = clock.monoMs() + everyMs
    while (!signal.aborted && clock.monoMs() < until) await clock.sleep(Math.min(SLICE_MS, until - clock.monoMs()))
  }
  return last
}
