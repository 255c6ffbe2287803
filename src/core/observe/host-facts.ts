import { type HostClock, type HostDisk, type Reading, seen, unknown } from "./state.ts"

/** What a host's clock showed at some moment of its probe: at least `ms`, and less than `resolutionMs` more. */
export type ClockShown = { readonly ms: number; readonly resolutionMs: number }

const NUMBER = /^\d+$/

/** A host whose `date` knows no milliseconds tells whole seconds. */
export function clockShown(ms: string, resolutionMs: string): ClockShown | undefined {
  return NUMBER.test(ms) && NUMBER.test(resolutionMs) ? { ms: Number(ms), resolutionMs: Number(resolutionMs) } : undefined
}

/**
 * How far a host's clock is from ours. It was read at some moment between question and answer, so the true offset lies within the
 * round trip: half of it to either side of the middle.
 */
export function clockOffset(shown: ClockShown | undefined, askedMs: number, answeredMs: number): Reading<HostClock> {
  if (!shown) return unknown("its probe did not tell the time")
  const least = shown.ms - answeredMs
  const most = shown.ms + shown.resolutionMs - askedMs
  // Our own clock was set back in between: then the answer seems older than the question, and nothing is known.
  if (most < least) return unknown("our own clock was set while it was asked")
  return seen({ offsetMs: Math.round((least + most) / 2), withinMs: Math.ceil((most - least) / 2) })
}

/** Total and free space of the file system that holds the deployment's directory, from the kilobytes that `df -P -k` prints. */
export function diskShown(totalKb: string, freeKb: string): Reading<HostDisk> {
  return NUMBER.test(totalKb) && NUMBER.test(freeKb)
    ? seen({ totalBytes: Number(totalKb) * 1024, freeBytes: Number(freeKb) * 1024 })
    : unknown("its probe did not tell the free space")
}
