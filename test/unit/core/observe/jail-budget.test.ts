import { expect, it } from "vitest"
import { hasNeverSigned, jailBudget, signedAbove } from "../../../../src/core/observe/jail-budget.ts"
import { seenSlashing } from "../../../support/observed.ts"

const record = (missedBlocks: number, countedBlocks = 5000) => ({
  startHeight: 0,
  missedBlocks,
  countedBlocks,
  jailedUntilMs: 0,
  tombstoned: false,
})
const absent = [{ height: 9, vote: "absent" as const }]

it.each([
  { missed: 0, left: 50 },
  { missed: 49, left: 1 },
  { missed: 50, left: 0 },
  { missed: 60, left: 0 },
])("leaves $left of 50 blocks when $missed were missed", ({ missed, left }) => {
  expect(jailBudget(seenSlashing({ record: record(missed) }), 5000)).toEqual({
    windowBlocks: 100,
    missedBlocks: missed,
    leftBlocks: left,
    leftMs: left * 5000,
  })
})

it("is not known without a record", () => {
  expect(jailBudget(seenSlashing({ record: undefined }), 5000)).toBeUndefined()
})

it.each([
  { name: "no record", slashing: { record: undefined, recent: absent }, never: true },
  { name: "every block since genesis missed", slashing: { record: record(20, 20), recent: absent }, never: true },
  {
    name: "every block since a later first bond missed",
    slashing: { record: { ...record(5, 5), startHeight: 15 }, recent: absent },
    never: true,
  },
  { name: "one block signed", slashing: { record: record(19, 20), recent: absent }, never: false },
  { name: "a count set back by a jail that is over", slashing: { record: record(3, 3), recent: absent }, never: false },
  { name: "a jail", slashing: { record: { ...record(20, 20), jailedUntilMs: 1 }, recent: absent }, never: false },
  { name: "a record that is not counted on, outside the set", slashing: { record: record(0, 0), recent: absent }, never: false },
  { name: "a vote in a recent block", slashing: { record: record(20, 20), recent: [{ height: 9, vote: "nil" as const }] }, never: false },
  { name: "no record and yet a vote", slashing: { record: undefined, recent: [{ height: 9, vote: "signed" as const }] }, never: false },
])("$name: never signed is $never", ({ slashing, never }) => {
  expect(hasNeverSigned(seenSlashing(slashing), 20)).toBe(never)
})

it("names the heights above a state that carry a signature of the key", () => {
  const recent = [
    { height: 12, vote: "nil" as const },
    { height: 11, vote: "absent" as const },
    { height: 10, vote: "signed" as const },
    { height: 9, vote: "signed" as const },
  ]
  expect(signedAbove(recent, 9)).toEqual([12, 10])
  expect(signedAbove(recent, 12)).toEqual([])
})
