import type { Report } from "./report.ts"

/** Runs one named piece of work and reports how long it took; a failure names the stage it happened in. */
export async function stage<T>(report: Report, name: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now()
  report(`${name} ...`)
  try {
    const result = await work()
    report(`${name}: done in ${elapsedSeconds(startedMs)} s`)
    return result
  } catch (cause) {
    report(`${name}: failed after ${elapsedSeconds(startedMs)} s`)
    throw cause
  }
}

function elapsedSeconds(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1)
}
