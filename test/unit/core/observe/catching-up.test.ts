import { expect, it } from "vitest"
import { catchingUpText } from "../../../../src/core/observe/catching-up.ts"

const BLOCK_MS = 5000
const samples = [
  { atMs: 0, value: 350 },
  { atMs: 10_000, value: 1200 },
]

it("tells height, tip, pace and what is left", () => {
  expect(catchingUpText({ height: 1200, ageMs: 21_000_000, tip: 5400, blockMs: BLOCK_MS }, samples)).toBe(
    "height 1200 of 5400, 85 blocks/s, about 50s left",
  )
})

it("goes by the age of the newest block where no other node is further", () => {
  for (const tip of [undefined, 1200])
    expect(catchingUpText({ height: 1200, ageMs: 21_000_000, tip, blockMs: BLOCK_MS }, samples)).toBe(
      "height 1200 of about 5400, 85 blocks/s, about 50s left",
    )
})

it("tells what it knows while the pace is not known, and when there is none", () => {
  const behind = { height: 1200, ageMs: 0, tip: 5400, blockMs: BLOCK_MS }
  expect(catchingUpText(behind, samples.slice(0, 1))).toBe("height 1200 of 5400, 4200 to go")
  const still = samples.map(({ atMs }) => ({ atMs, value: 1200 }))
  expect(catchingUpText(behind, still)).toBe("height 1200 of 5400, 4200 to go, no block for 10s")
})

it("says nothing of a node that is at the tip", () => {
  expect(catchingUpText({ height: 5399, ageMs: 6000, tip: 5400, blockMs: BLOCK_MS }, samples)).toBeUndefined()
})
