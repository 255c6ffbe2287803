import { durationText } from "../duration.ts"

/** A count at a moment: blocks, bytes, anything that grows. */
export type Sample = { readonly atMs: number; readonly value: number }

/** How quickly something grows, judged by its last samples. */
export type Pace = { readonly perSecond: number; readonly overMs: number }

/** A shorter stretch says more about chance than about the pace. */
const LEAST_MS = 2000
/** What was longer ago says little about what comes. */
const WINDOW_MS = 30_000

/** The samples that still count, with the new one. A count that has fallen begins anew: it is another one. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.value < last.value) return [sample]
  return [...samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS), sample]
}

/** Undefined while there is too little to judge by. */
export function paceOf(samples: readonly Sample[]): Pace | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const overMs = last.atMs - first.atMs
  return overMs < LEAST_MS ? undefined : { perSecond: ((last.value - first.value) * 1000) / overMs, overMs }
}

/**
 * How long the rest takes at this pace, in milliseconds.
 * @param runsAwayPerSecond how quickly the goal itself moves on, as the tip of a chain does
 * @returns undefined when it is not reached at all like this
 */
export function leftMs(remaining: number, { perSecond }: Pace, runsAwayPerSecond = 0): number | undefined {
  const gain = perSecond - runsAwayPerSecond
  if (remaining <= 0) return 0
  return gain > 0 ? (remaining * 1000) / gain : undefined
}

/** `85`, `3.2`, `0.4`: as exact as it is. */
export function rateText(perSecond: number): string {
  return perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1)
}

/** A time that is only estimated, in whole seconds: `about 49s left`. */
export function leftText(ms: number | undefined): string {
  if (ms === undefined) return "never at this pace"
  return `about ${durationText(Math.max(1000, Math.ceil(ms / 1000) * 1000)).replace(/\.0s$/, "s")} left`
}
