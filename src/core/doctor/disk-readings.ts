import * as z from "zod"
import type { HostDisk } from "../observe/state.ts"

const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Readings closer together than this tell no more than one of them. */
const APART_MS = 6 * HOUR_MS
/** The last two weeks, where doctor runs every day or more often; as many years, where it runs once a month. */
const MOST_KEPT = 56
const WINDOW_MS = 14 * DAY_MS
/** Within a day, logs that are rotated and databases that tidy up are more than what stays. */
const LEAST_SPAN_MS = 24 * HOUR_MS
/** More room by this share of the disk at once is not how a disk fills: somebody has made room, or it is another one. */
const MADE_ROOM = 0.05

const bytes = z.number().nonnegative()
const readingSchema = z.object({ atMs: z.number(), totalBytes: bytes, freeBytes: bytes })

/** The disk of a host's deployment directory at one moment of this machine's clock. */
export type DiskReading = HostDisk & { readonly atMs: number }

/** By host, the oldest first. */
export type DiskReadings = ReadonlyMap<string, readonly DiskReading[]>

const SCHEMA = "gonka-ha/disk-readings/v1"
const fileSchema = z.object({ schema: z.literal(SCHEMA), hosts: z.record(z.string(), z.array(readingSchema)) })

/** What the file says that an earlier look has left. One that cannot be read is worth nothing, and no loss: measuring begins anew. */
export function diskReadingsIn(text: string): DiskReadings {
  try {
    return new Map(Object.entries(fileSchema.safeParse(JSON.parse(text)).data?.hosts ?? {}))
  } catch {
    return new Map()
  }
}

export function diskReadingsText(readings: DiskReadings): string {
  return `${JSON.stringify({ schema: SCHEMA, hosts: Object.fromEntries(readings) })}\n`
}

/** The readings with what was seen now, thinned out and bounded; undefined when none of it is worth keeping. */
export function withDisks(before: DiskReadings, disks: ReadonlyMap<string, HostDisk>, atMs: number): DiskReadings | undefined {
  const fresh = [...disks].flatMap(([host, disk]) => {
    const past = pastOf(before.get(host) ?? [], atMs)
    const last = past.at(-1)
    if (last !== undefined && atMs - last.atMs < APART_MS) return []
    return [[host, [...past, { atMs, ...disk }].slice(-MOST_KEPT)] as const]
  })
  return fresh.length === 0 ? undefined : new Map([...before, ...fresh])
}

/** By how many bytes there is less room than some time ago; negative where there is more. */
export type DiskGrowth = { readonly bytes: number; readonly overMs: number }

/**
 * How a disk has filled in the last two weeks, or since the reading before them when there is none of at least a day among them.
 * @returns undefined when no reading that counts is old enough to tell
 */
export function diskGrowth(readings: readonly DiskReading[], now: DiskReading): DiskGrowth | undefined {
  const past = pastOf(readings, now.atMs)
  const within = past.filter(({ atMs }) => now.atMs - atMs <= WINDOW_MS)
  const older = past.slice(0, past.length - within.length)
  const isTold = within.some(({ atMs }) => now.atMs - atMs >= LEAST_SPAN_MS)
  const [first] = sameFilling([...(isTold ? [] : older.slice(-1)), ...within, now])
  const overMs = first === undefined ? 0 : now.atMs - first.atMs
  if (first === undefined || overMs < LEAST_SPAN_MS) return undefined
  return { bytes: first.freeBytes - now.freeBytes, overMs }
}

/** A clock that was set back leaves readings of a time that has not come yet. */
function pastOf(readings: readonly DiskReading[], atMs: number): readonly DiskReading[] {
  return readings.filter((reading) => reading.atMs < atMs)
}

/** Those since the last time that much room was made at once. */
function sameFilling(readings: readonly DiskReading[]): readonly DiskReading[] {
  const begins = readings.findLastIndex((reading, index) => {
    const before = readings[index - 1]
    if (before === undefined) return false
    return reading.totalBytes !== before.totalBytes || reading.freeBytes - before.freeBytes > MADE_ROOM * reading.totalBytes
  })
  return readings.slice(Math.max(0, begins))
}
