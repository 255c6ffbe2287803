import { expect, it } from "vitest"
import { momentOf } from "../../../src/cli/moment.ts"

const NOW = Date.UTC(2026, 10, 23, 12)

it.each(["now", "gap"] as const)("takes %s at its word", (word) => {
  expect(momentOf(word, NOW)).toEqual({ kind: word })
})

it.each([
  ["+90s", 90_000],
  ["+20m", 1_200_000],
  ["+2h", 7_200_000],
  ["2026-11-23T12:00:00Z", 0],
  ["2026-11-23T12:30Z", 1_800_000],
  ["2026-11-23T14:00:00.5+01:00", 3_600_500],
])("counts %s", (text, laterMs) => {
  expect(momentOf(text, NOW)).toEqual({ kind: "at", atMs: NOW + laterMs })
})

it.each([
  "soon",
  "",
  "20m",
  "+20",
  "+1d",
  "-5m",
  "+1.5h",
  "+00010m",
  "2026-11-30",
  // Whose four o'clock?
  "2026-11-30T04:00:00",
  "2026-13-01T04:00:00Z",
  "2026-11-30 04:00Z",
  "tomorrow 04:00Z",
])("refuses %s, and says what would do", (text) => {
  expect(() => momentOf(text, NOW)).toThrow(
    expect.objectContaining({
      code: "USAGE",
      exit: 64,
      message: `--when ${text} is not a moment`,
      hint: expect.stringContaining("2026-11-30T04:00:00Z"),
    }),
  )
})

it("refuses a time that has passed", () => {
  expect(() => momentOf("2026-11-23T11:59:59Z", NOW)).toThrow(
    expect.objectContaining({ code: "USAGE", exit: 64, message: "--when 2026-11-23T11:59:59Z has passed already" }),
  )
})
