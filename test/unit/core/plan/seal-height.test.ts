import { describe, expect, it } from "vitest"
import { type SealFacts, sealHeight } from "../../../../src/core/plan/seal-height.ts"

const facts = (changes: Partial<SealFacts> = {}): SealFacts => ({
  tip: { height: 1000, ageMs: 1500 },
  blockMs: 5000,
  wanted: undefined,
  floor: 900,
  state: undefined,
  spent: undefined,
  ...changes,
})
const at = (height: number) => ({ height, round: 0, step: 2 })

describe("the height of a seal", () => {
  it.each([
    { name: "five above the newest block", changes: {}, height: 1005 },
    { name: "no less for a block of two block times", changes: { tip: { height: 1000, ageMs: 10_000 } }, height: 1005 },
    {
      name: "more when the newest block is old, since others may have come after it",
      changes: { tip: { height: 1000, ageMs: 20_000 } },
      height: 1007,
    },
    { name: "above a state that is behind", changes: { state: at(1003) }, height: 1005 },
    { name: "never below the floor", changes: { floor: 1010 }, height: 1010 },
    { name: "above what a backup knows to be used", changes: { spent: 1010 }, height: 1011 },
    { name: "without a floor", changes: { floor: undefined }, height: 1005 },
    { name: "as asked for", changes: { wanted: 1300 }, height: 1300 },
    { name: "as asked for, when that is the lowest", changes: { wanted: 1005 }, height: 1005 },
    { name: "as asked for, above a state that is ahead", changes: { wanted: 1021, state: at(1020) }, height: 1021 },
    { name: "as far as may be asked for", changes: { wanted: 2000 }, height: 2000 },
  ])("is $name", ({ changes, height }) => {
    expect(sealHeight(facts(changes))).toMatchObject({ kind: "sealed", height })
  })

  it.each([
    { name: "below the safe height", changes: { wanted: 1004 }, reason: "1004 is below 5 blocks above the newest block 1000" },
    { name: "below the floor", changes: { wanted: 1010, floor: 1011 }, reason: "1010 is below the floor 1011" },
    { name: "at the state", changes: { wanted: 1020, state: at(1020) }, reason: "1020 is below the state at 1020/0/2" },
    { name: "used already", changes: { wanted: 1010, spent: 1010 }, reason: "1010 is below the height 1010, up to which" },
    { name: "far above the tip", changes: { wanted: 2001 }, reason: "2001 is more than 1000 blocks above the newest block 1000" },
    { name: "far above the tip by what is recorded", changes: { floor: 5000 }, reason: "and it follows from the floor 5000" },
    { name: "without need", changes: { state: at(1005) }, reason: "the state is at 1005/0/2, and a seal now would be at 1005" },
  ])("is refused $name", ({ changes, reason }) => {
    const refused = sealHeight(facts(changes))
    expect(refused).toMatchObject({ kind: "refused", reason: expect.stringContaining(reason), fix: expect.stringMatching(/./) })
  })
})
