import { expect, it } from "vitest"
import type { SlashingSeen } from "../../../../src/core/observe/state.ts"
import { firstState } from "../../../../src/core/plan/first-state.ts"
import { seenSlashing } from "../../../support/observed.ts"

const absent = Array.from({ length: 10 }, (_, index) => ({ height: 999 - index, vote: "absent" as const }))
const never = seenSlashing({ record: undefined, recent: absent })
const quiet = (record: Partial<NonNullable<SlashingSeen["record"]>>) =>
  seenSlashing({ record: { missedBlocks: 30, countedBlocks: 30, jailedUntilMs: 0, tombstoned: false, ...record }, recent: absent })
const imported = (height: number) => ({ height, round: 0, step: 0 })

it.each([
  { name: "the chain has no record of it", slashing: never, height: 0 },
  { name: "it has missed every block since it is in the set", slashing: quiet({}), height: 0 },
  { name: "it once signed a block of the window", slashing: quiet({ missedBlocks: 29 }), height: 1005 },
  { name: "it is in the set for longer than the window", slashing: quiet({ missedBlocks: 100, countedBlocks: 100 }), height: 1005 },
])("is sealed at $height when $name", ({ slashing, height }) => {
  expect(firstState(slashing, 1000, undefined)).toMatchObject({ kind: "sealed", height })
})

it.each([
  { name: "an older import gives way to the tip", height: 900, sealed: 1005 },
  { name: "an import at the margin", height: 1005, sealed: 1005 },
  { name: "a newer import counts", height: 1006, sealed: 1006 },
])("with an imported state: $name", ({ height, sealed }) => {
  for (const slashing of [never, quiet({}), quiet({ missedBlocks: 1 })])
    expect(firstState(slashing, 1000, imported(height))).toMatchObject({ kind: "sealed", height: sealed })
})

it("refuses a key that signs right now, and names the newest block", () => {
  const recent = [...absent.slice(0, 2), { height: 997, vote: "signed" as const }, { height: 996, vote: "nil" as const }]
  expect(firstState(seenSlashing({ recent }), 1000, undefined)).toEqual({
    kind: "refused",
    reason: "this key signed block 997 through another signer: stop that one first, for good",
  })
})

it("takes a nil vote for a sign of life too", () => {
  expect(firstState(seenSlashing({ recent: [{ height: 999, vote: "nil" }] }), 1000, imported(2000))).toMatchObject({ kind: "refused" })
})

it("refuses a tombstoned key", () => {
  expect(firstState(quiet({ tombstoned: true }), 1000, undefined)).toMatchObject({ kind: "refused" })
})
