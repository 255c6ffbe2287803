import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { journalLines } from "../../../../src/core/history/journal-line.ts"
import { timelineOf } from "../../../../src/core/history/timeline.ts"

const line = (seconds: number, rest: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ time: `2026-11-23T12:00:${String(seconds).padStart(2, "0")}.000Z`, ...rest })

const journal = [
  line(0, { at: "begins", by: "anna@desk", epoch: 4 }),
  // One command may begin twice, for its two parts.
  line(0, { at: "begins", by: "anna@desk", epoch: 4, kind: "promote" }),
  line(1, { at: "step-begins", step: { kind: "standby.detach" }, title: "node-2: stop the parking signer" }),
  line(2, {
    at: "step-done",
    step: { kind: "standby.detach" },
    title: "node-2: stop the parking signer",
    tookMs: 900,
    fact: "after block 7",
  }),
  line(3, { at: "step-begins", step: { kind: "signer.move" }, title: "main: move" }),
]
const later = [
  line(20, { at: "begins", by: "bob@laptop", epoch: 5 }),
  line(21, { at: "step-begins", step: { kind: "signer.move" }, title: "main: move" }),
  line(22, { at: "step-failed", step: { kind: "signer.move" }, title: "main: move", tookMs: 700, reason: "late" }),
  line(23, { at: "note", text: "late; looking again (1 of 3)" }),
  line(24, { at: "step-begins", step: { kind: "signer.move" }, title: "main: move" }),
  line(25, { at: "step-done", step: { kind: "signer.move" }, title: "main: move", tookMs: 800 }),
]
const textOf = (lines: readonly string[]) => lines.map((each) => `${each}\n`).join("")

describe("journalLines", () => {
  it("counts a line once that both copies have, and brings the runs of two machines into order", () => {
    const merged = journalLines([textOf([...journal, ...journal, ...later]), textOf(journal)])
    expect(merged).toEqual(journalLines([textOf([...journal, ...later])]))
    expect(merged).toHaveLength(journal.length + later.length)
  })

  it("reads everything but the torn line, wherever a crash has torn it", () => {
    const whole = textOf(journal)
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        const torn = whole.slice(0, length)
        const mended = `${torn}${torn === "" || torn.endsWith("\n") ? "" : "\n"}${textOf(later)}`
        const complete = whole.slice(0, length + (whole[length] === "\n" ? 1 : 0)).split("\n").length - 1
        expect(journalLines([torn])).toHaveLength(complete)
        expect(journalLines([mended])).toHaveLength(complete + later.length)
      }),
    )
  })
})

it("makes a timeline of the runs, with what was cut off, what failed and who went on", () => {
  expect(timelineOf(journalLines([textOf([...journal, ...later])]))).toEqual({
    steps: [
      { title: "node-2: stop the parking signer", began: "2026-11-23T12:00:01.000Z", tookMs: 900, result: "done", said: "after block 7" },
      { title: "main: move", began: "2026-11-23T12:00:03.000Z", result: "cut off" },
      { title: "main: move", began: "2026-11-23T12:00:21.000Z", tookMs: 700, result: "failed", said: "late" },
      { title: "main: move", began: "2026-11-23T12:00:24.000Z", tookMs: 800, result: "done", said: undefined },
    ],
    notes: ["2026-11-23T12:00:20.000Z: taken up again by bob@laptop", "late; looking again (1 of 3)"],
  })
})
