import { expect, it } from "vitest"
import { hasNeverSigned, jailBudget } from "../../../../src/core/observe/jail-budget.ts"
import { seenSlashing } from "../../../support/observed.ts"

const record = (missedBlocks: number, countedBlocks = 5000) => ({ missedBlocks, countedBlocks, jailedUntilMs: 0, tombstoned: false })
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
  { name: "no record", slashing: { record: undefined }, never: true },
  { name: "every block missed", slashing: { record: record(20, 20), recent: absent }, never: true },
  { name: "one block signed", slashing: { record: record(19, 20), recent: absent }, never: false },
  { name: "a window that has been filled once", slashing: { record: record(100, 100), recent: absent }, never: false },
  { name: "a vote in a recent block", slashing: { record: record(20, 20), recent: [{ height: 9, vote: "nil" as const }] }, never: false },
])("$name: never signed is $never", ({ slashing, never }) => {
  expect(hasNeverSigned(seenSlashing(slashing))).toBe(never)
})
