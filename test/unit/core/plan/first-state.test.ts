import { expect, it } from "vitest"
import type { SlashingSeen } from "../../../../src/core/observe/state.ts"
import { firstState } from "../../../../src/core/plan/first-state.ts"
import { seenSlashing } from "../../../support/observed.ts"

const TIP = 1000
const BLIND = 4
/** Tip, blocks that we may be blind for, and the margin of five. */
const FLOOR = 1009

const absent = Array.from({ length: 10 }, (_, index) => ({ height: 999 - index, vote: "absent" as const }))
const never = seenSlashing({ record: undefined, recent: absent })
const quiet = (record: Partial<NonNullable<SlashingSeen["record"]>>) =>
  seenSlashing({
    record: { startHeight: 970, missedBlocks: 30, countedBlocks: 30, jailedUntilMs: 0, tombstoned: false, ...record },
    recent: absent,
  })
const imported = (height: number) => ({ height, round: 0, step: 0 })
const decide = (slashing: SlashingSeen, state?: ReturnType<typeof imported>, spent?: number) =>
  firstState({ slashing, tip: TIP, blindBlocks: BLIND, imported: state, spent })

it.each([
  { name: "the chain has no record of it", slashing: never, height: 0 },
  { name: "it has missed every block since it is in the set", slashing: quiet({}), height: 0 },
])("is sealed at $height when $name", ({ slashing, height }) => {
  expect(decide(slashing)).toMatchObject({ kind: "sealed", height })
})

it.each([
  { name: "an older import gives way to the tip", height: 900, sealed: FLOOR },
  { name: "an import at the margin", height: FLOOR, sealed: FLOOR },
  { name: "a newer import counts", height: FLOOR + 1, sealed: FLOOR + 1 },
])("with an imported state: $name", ({ height, sealed }) => {
  for (const slashing of [never, quiet({}), quiet({ missedBlocks: 1 })])
    expect(decide(slashing, imported(height))).toMatchObject({ kind: "sealed", height: sealed })
})

it.each([
  { name: "a restored backup is older than the tip", spent: 900, sealed: FLOOR },
  { name: "it ends right below the margin", spent: FLOOR - 1, sealed: FLOOR },
  { name: "it ends at the margin: at its last height something was signed", spent: FLOOR, sealed: FLOOR + 1 },
])("goes above what is spent: $name", ({ spent, sealed }) => {
  expect(decide(never, imported(5), spent)).toMatchObject({ kind: "sealed", height: sealed })
})

it("takes no key for unused that a restored backup knows to be used, whatever the chain shows", () => {
  expect(decide(never, undefined, 12)).toMatchObject({ kind: "refused", reason: expect.stringContaining("import its last state") })
  expect(decide(never, undefined, 0)).toMatchObject({ kind: "sealed", height: 0 })
})

it("refuses a key that signs right now, and names the newest block", () => {
  const recent = [...absent.slice(0, 2), { height: 997, vote: "signed" as const }, { height: 996, vote: "nil" as const }]
  expect(decide(seenSlashing({ recent }))).toEqual({
    kind: "refused",
    reason: "this key signed block 997 through another signer: stop that one first, for good",
  })
})

it("takes a nil vote for a sign of life too", () => {
  expect(decide(seenSlashing({ recent: [{ height: 999, vote: "nil" }] }), imported(2000))).toMatchObject({ kind: "refused" })
})

it.each([
  { name: "it once signed a block of the window", slashing: quiet({ missedBlocks: 29 }) },
  { name: "its count does not reach back to its start", slashing: quiet({ startHeight: 1 }) },
  { name: "it was jailed once", slashing: quiet({ jailedUntilMs: 1 }) },
])("wants the old signer's state when $name: ten silent blocks are no fence", ({ slashing }) => {
  expect(decide(slashing)).toMatchObject({ kind: "refused", reason: expect.stringContaining("import its last state") })
})

it("refuses a tombstoned key", () => {
  expect(decide(quiet({ tombstoned: true }))).toMatchObject({ kind: "refused" })
})

it("wants the old signer's state for a key whose silence proves nothing, since the validator is not in the set", () => {
  const outside = { ...quiet({ missedBlocks: 3 }), votingPower: undefined }
  expect(decide(outside)).toMatchObject({ kind: "refused" })
  expect(decide(outside, imported(500))).toMatchObject({ kind: "sealed", height: FLOOR })
})
