import { describe, expect, it } from "vitest"
import { leftMs, leftText, paceOf, rateText, type Sample, withSample } from "../../../../src/core/observe/pace.ts"

const samples = (...values: readonly (readonly [seconds: number, value: number])[]) =>
  values.reduce<readonly Sample[]>((before, [seconds, value]) => withSample(before, { atMs: seconds * 1000, value }), [])

describe("a pace", () => {
  it("is told once there is enough to judge by", () => {
    expect(paceOf(samples())).toBeUndefined()
    expect(paceOf(samples([0, 100], [1, 300]))).toBeUndefined()
    expect(paceOf(samples([0, 100], [1, 300], [4, 500]))).toEqual({ perSecond: 100, overMs: 4000 })
  })

  it("is that of the last half minute", () => {
    expect(paceOf(samples([0, 0], [100, 100_000], [110, 100_100], [120, 100_200]))).toEqual({ perSecond: 10, overMs: 20_000 })
  })

  it("begins anew when the count has fallen", () => {
    expect(paceOf(samples([0, 5000], [10, 100], [14, 140]))).toEqual({ perSecond: 10, overMs: 4000 })
  })
})

describe("what is left", () => {
  it.each([
    { remaining: 850, perSecond: 85, runsAway: 0, text: "about 10s left" },
    { remaining: 4200, perSecond: 85, runsAway: 0.2, text: "about 50s left" },
    { remaining: 100_000, perSecond: 10, runsAway: 0.2, text: "about 2h50m left" },
    { remaining: 0, perSecond: 0, runsAway: 0.2, text: "about 1s left" },
    // The chain is quicker than the node.
    { remaining: 10, perSecond: 0.1, runsAway: 0.2, text: "never at this pace" },
  ])("$remaining at $perSecond/s: $text", ({ remaining, perSecond, runsAway, text }) => {
    expect(leftText(leftMs(remaining, { perSecond, overMs: 10_000 }, runsAway))).toBe(text)
  })

  it("is told with as many digits as are true", () => {
    expect([0.43, 3.21, 84.6].map(rateText)).toEqual(["0.4", "3.2", "85"])
  })
})
