import fc from "fast-check"
import { expect, it } from "vitest"
import { durationMs, durationText } from "../../../src/core/duration.ts"

it.each([
  ["1500ms", 1500],
  ["0s", 0],
  ["20s", 20_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
])("reads %s", (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

it.each(["", "5", "s", "1.5s", "-1s", "5 s", "5d", "1m30s"])("does not take %j for a duration", (text) => {
  expect(() => durationMs(text)).toThrow(`not a duration: ${text}`)
})

it.each([
  [0, "0ms"],
  [850.4, "850ms"],
  [999, "999ms"],
  [1000, "1.0s"],
  [4249, "4.2s"],
  [59_900, "59.9s"],
  [60_000, "1m00s"],
  [293_000, "4m53s"],
  [3_599_400, "59m59s"],
  [3_599_600, "1h00m"],
  [11_220_000, "3h07m"],
  [360_000_000, "100h00m"],
])("writes %d as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

it("never writes a part that belongs into the next unit", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
      const [, minutes, seconds] = /^(\d+)[mh](\d\d)[sm]$/.exec(durationText(ms)) ?? []
      if (seconds !== undefined) expect(Number(seconds)).toBeLessThan(60)
      if (minutes !== undefined && durationText(ms).endsWith("s")) expect(Number(minutes)).toBeLessThan(60)
      expect(durationText(ms)).not.toMatch(/^(60\.0s|1000ms)$/)
    }),
    { examples: [[999.5], [999.7], [59_949], [59_950], [59_999]] },
  )
})
