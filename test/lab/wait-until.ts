import { setTimeout as delay } from "node:timers/promises"

/**
 * Polls until `look` gives a value. `progress` names what should keep changing: as long as its text changes, the
 * clock starts again, so a slow machine is waited for and a stuck one is not.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | undefined>,
  options: { readonly stuckAfterMs: number; readonly pollMs?: number; readonly progress?: () => string | Promise<string> },
): Promise<T> {
  let lastChangeMs = performance.now()
  let lastProgress = ""
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    const progress = (await options.progress?.()) ?? ""
    if (progress !== lastProgress) {
      lastProgress = progress
      lastChangeMs = performance.now()
    }
    if (performance.now() - lastChangeMs > options.stuckAfterMs) {
      throw new Error(`${what}: nothing changed for ${options.stuckAfterMs / 1000} s${progress === "" ? "" : ` (last: ${progress})`}`)
    }
    await delay(options.pollMs ?? 100)
  }
}
