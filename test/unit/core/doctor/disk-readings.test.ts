import { describe, expect, it } from "vitest"
import {
  DAY_MS,
  type DiskReadings,
  diskGrowth,
  diskReadingsIn,
  diskReadingsText,
  withDisks,
} from "../../../../src/core/doctor/disk-readings.ts"
import { diskReading } from "../../../support/doctor-facts.ts"
import { NOW_MS } from "../../../support/observed.ts"

const now = diskReading(0, 200e9)
const disk = { totalBytes: 500e9, freeBytes: 200e9 }

describe("how a disk fills", () => {
  it("is told by the oldest reading of the last two weeks", () => {
    expect(diskGrowth([diskReading(40, 490e9), diskReading(10, 250e9), diskReading(1, 240e9)], now)).toEqual({
      bytes: 50e9,
      overMs: 10 * DAY_MS,
    })
  })

  it("is told by the newest one before that, when none since is a day old", () => {
    expect(diskGrowth([diskReading(60, 300e9), diskReading(30, 260e9), diskReading(0.5, 201e9)], now)).toEqual({
      bytes: 60e9,
      overMs: 30 * DAY_MS,
    })
  })

  it.each([
    ["there is none", []],
    ["the only one is young", [diskReading(0.5, 210e9)]],
    ["somebody has just made room", [diskReading(9, 10e9), diskReading(2, 5e9)]],
    ["it was made half a day ago", [diskReading(9, 10e9), diskReading(0.5, 201e9)]],
    ["the disk is another one by now", [{ ...diskReading(9, 210e9), totalBytes: 400e9 }]],
    ["the clock was set back since", [diskReading(-3, 300e9)]],
  ])("is not told when %s", (_, readings) => {
    expect(diskGrowth(readings, now)).toBeUndefined()
  })

  it("counts from where room was made, and takes a little more room for what it is", () => {
    expect(diskGrowth([diskReading(9, 10e9), diskReading(4, 260e9), diskReading(3, 270e9)], now)).toEqual({
      bytes: 60e9,
      overMs: 4 * DAY_MS,
    })
    expect(diskGrowth([diskReading(4, 190e9)], now)).toEqual({ bytes: -10e9, overMs: 4 * DAY_MS })
  })
})

/** What is kept after a look at sen-1 at each of these times. */
const measuredAt = (times: readonly number[], before: DiskReadings): DiskReadings =>
  times.reduce((kept, atMs) => withDisks(kept, new Map([["sen-1", disk]]), atMs) ?? kept, before)

describe("readings", () => {
  it("are kept six hours apart, the newest 56 of a host, and those of hosts that are away stay", () => {
    const hours = Array.from({ length: 100 }, (_, hour) => NOW_MS + hour * 3_600_000)
    const kept = measuredAt(hours, new Map([["sen-2", [now]]]))
    expect(kept.get("sen-1")?.map(({ atMs }) => (atMs - NOW_MS) / 3_600_000)).toEqual(Array.from({ length: 17 }, (_, index) => index * 6))
    expect(kept.get("sen-2")).toEqual([now])
    const long = Array.from({ length: 300 }, (_, day) => NOW_MS + day * DAY_MS)
    const bounded = measuredAt(long, kept)
    expect(bounded.get("sen-1")).toHaveLength(56)
    expect(bounded.get("sen-1")?.at(-1)?.atMs).toBe(long.at(-1))
  })

  it("are not written where nothing new is worth keeping", () => {
    expect(withDisks(new Map([["sen-1", [diskReading(0.1, 1)]]]), new Map([["sen-1", disk]]), NOW_MS)).toBeUndefined()
    expect(withDisks(new Map(), new Map(), NOW_MS)).toBeUndefined()
  })

  it("come back from the file as they were, and from a damaged one not at all", () => {
    const readings = new Map([["sen-1", [diskReading(2, 10), now]]])
    expect(diskReadingsIn(diskReadingsText(readings))).toEqual(readings)
    for (const text of ["", "{", "[]", '{"schema":"gonka-ha/disk-readings/v1","hosts":{"sen-1":[{"atMs":"x"}]}}'])
      expect(diskReadingsIn(text)).toEqual(new Map())
  })
})
