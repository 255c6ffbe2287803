import { describe, expect, it } from "vitest"
import { signerStatesText, signersText } from "../../../src/cli/show-signer.ts"
import { signerView } from "../../../src/core/observe/signer-view.ts"
import { seen, unknown } from "../../../src/core/observe/state.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import {
  aTopology,
  bare,
  type Change,
  changed,
  healthy,
  host,
  hostAway,
  placeOfSigner,
  signer,
  signerStopped,
  theValidator,
} from "../../support/observed.ts"

const topology = aTopology()
const validator = theValidator(topology)
const KEY = sha256(`${layout.secrets.signer("main")}/consensus.key`)
const PENDING = { id: "op", kind: "promote", from: "node-1", to: "node-2", by: "ben@lap", since: "noon", startHeight: 990 } as const

function view(changes: readonly Change[] = [], beyond: Partial<Parameters<typeof signerView>[3]> = {}) {
  return signerView(topology, changed(healthy(topology), ...changes), validator, { keySha256: KEY, guard: undefined, ...beyond })
}
const text = (...changes: readonly Change[]) => signersText([view(changes)])

it("shows a signer that is well", () => {
  expect(signersText([view([], { guard: seen("ok") })])).toBe(`✓ main on sig-1: signs through node-1
  container    lab-main-signer, running
  process      100
  connected    node-1 at 10.0.0.21:26658
  aim          node-1
  state        1000/0/2 (height/round/step)
  floor        900: no state below it is believed
  chain        block 999 is signed
  key          the pinned one
  guard        would let it start again
  fence        none
  epoch        3
  lock         free
  operation    none
  files
    /opt/gonka-ha/lab/signers/main
    /var/lib/gonka-ha/lab-1-${validator.address}
`)
})

it("shows what keeps a signer down, with the way on", () => {
  const shown = text(signerStopped, signer({ fence: "old disk", operation: PENDING, state: { kind: "missing" } }))
  expect(shown).toContain("✗ main on sig-1: stopped\n")
  expect(shown).toContain("  fence        old disk\n")
  expect(shown).toContain("  operation    promote from node-1 to node-2, begun noon by ben@lap\n")
  const problems = shown.split("\n").filter((line) => line.startsWith("✗ "))
  expect(problems).toEqual([
    "✗ main on sig-1: stopped",
    "✗ lab-main-signer is exited on sig-1",
    "✗ it is fenced; gonka-ha signer unfence takes the fence away: old disk",
    expect.stringContaining("✗ the signer's state file is missing on its host"),
    "✗ promote to node-2 was left half-way; gonka-ha promote --resume finishes it",
  ])
  expect(view([signerStopped]).exitCode).toBe(5)
})

it("fits 80 columns, whatever there is to say", () => {
  const long = "a reason that somebody has typed in a hurry and that is longer than any line of a terminal may ever be, and then some"
  for (const line of text(signerStopped, signer({ fence: long, lockedBy: long, state: { kind: "damaged", reason: long } })).split("\n"))
    expect([...line].length).toBeLessThanOrEqual(80)
})

it("says of an operation at work who holds the lock, and calls it not half-way", () => {
  const shown = text(signer({ lockedBy: "ben@lap since noon: promote node-2", operation: PENDING }))
  expect(shown).toContain("  lock         ben@lap since noon: promote node-2\n")
  expect(shown).not.toContain("half-way")
  expect(view([signer({ operation: PENDING })])).toMatchObject({ exitCode: 4, problems: [expect.stringContaining("left half-way")] })
  expect(view([signer({ operation: { ...PENDING, kind: "replace" } })]).problems).toEqual([
    expect.stringContaining("gonka-ha signer replace"),
  ])
})

it("never shows as known what is not", () => {
  const shown = text(hostAway("sig-1"))
  for (const row of ["container", "process", "connected", "state", "key"])
    expect(shown).toMatch(new RegExp(`^  ${row} +unknown: no route$`, "m"))
  expect(shown).toContain("✗ main on sig-1: not known")
  const nothing = signerView(topology, bare(topology), validator, { keySha256: undefined, guard: undefined })
  expect(nothing).toMatchObject({ signing: { kind: "new" }, exitCode: 5, key: seen("missing"), epoch: undefined })
  expect(nothing.problems).toEqual(["it is not set up; gonka-ha up sets it up"])
  expect(signersText([nothing])).toMatch(/^ {2}chain +unknown: no node answers$/m)
})

describe("the key", () => {
  const place = (changes: Parameters<typeof placeOfSigner>[2]) =>
    host("sig-1", () => ({ places: [placeOfSigner(topology, validator, changes)] }))

  it.each([
    { name: "as this machine has it", changes: [], beyond: {}, word: "pinned" },
    { name: "another file than this machine's", changes: [signer({ keySha256: "other" })], beyond: {}, word: "other" },
    { name: "only on its host", changes: [], beyond: { keySha256: undefined }, word: "not compared" },
    {
      name: "only on its host, and its guard has read it",
      changes: [],
      beyond: { keySha256: undefined, guard: seen("ok" as const) },
      word: "pinned",
    },
    {
      name: "only on its host, and its guard does not answer",
      changes: [],
      beyond: { keySha256: undefined, guard: unknown("late") },
      word: "not compared",
    },
    { name: "gone", changes: [place({ holdsKey: false })], beyond: {}, word: "missing" },
    { name: "of a guard with another pin", changes: [place({ pubkey: "AAA=" })], beyond: {}, word: "other" },
  ])("is $word: $name", ({ changes, beyond, word }) => {
    expect(view(changes, beyond).key).toEqual(seen(word))
  })
})

it("says what the guard has against the next start", () => {
  const refusal = { guard: seen({ refusal: "kms-identity.key is missing" }) }
  expect(view([], refusal)).toMatchObject({
    exitCode: 4,
    problems: ["its guard would not let it start again: kms-identity.key is missing"],
  })
  expect(signersText([view([], refusal)])).toMatch(/^ {2}guard +kms-identity.key is missing$/m)
})

it("shows the state alone", () => {
  const sealed = signer({ state: { kind: "ok", state: { height: 1005, round: 0, step: 0 }, sealed: true }, floor: 1005 })
  expect(signerStatesText([view([signerStopped, sealed])])).toBe(`main on sig-1
  state        1005/0/0 (height/round/step), sealed and not used since
  floor        1005: no state below it is believed
  chain        block 999 is signed
✗ lab-main-signer is exited on sig-1
`)
})
