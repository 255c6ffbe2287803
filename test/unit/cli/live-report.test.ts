import { beforeEach, describe, expect, it } from "vitest"
import { type LiveReport, liveReport } from "../../../src/cli/live-report.ts"

/** What stands on a terminal after it was written to: it knows the two codes that are used. */
class Screen {
  readonly lines: string[] = [""]
  #row = 0

  write(text: string): void {
    const [plain = "", ...pieces] = text.split("\u001b[")
    this.#print(plain)
    for (const piece of pieces) {
      const [, up, rest] = /^(?:(\d+)A\r|J)(.*)$/s.exec(piece) ?? []
      if (rest === undefined) throw new Error(`a code that this screen does not know: ${piece}`)
      if (up === undefined) this.lines.splice(this.#row, Number.POSITIVE_INFINITY, "")
      else this.#row -= Number(up)
      if (this.#row < 0) throw new Error("it went above the screen")
      this.#print(rest)
    }
  }

  #print(text: string): void {
    for (const piece of text.split(/(?<=\n)/)) {
      this.lines[this.#row] += piece.replace("\n", "")
      if (!piece.endsWith("\n")) continue
      this.#row++
      this.lines.push("")
    }
  }

  get shown(): readonly string[] {
    return this.lines.slice(0, this.#row)
  }
}

let screen: Screen
let nowMs: number
let tick: (() => void) | undefined
let live: LiveReport
let columns: number | undefined

beforeEach(() => {
  screen = new Screen()
  nowMs = 0
  tick = undefined
  columns = 80
  live = liveReport({
    write: (text) => screen.write(text),
    columns: () => columns,
    monoMs: () => nowMs,
    every: (_, work) => {
      tick = work
      return () => {
        tick = undefined
      }
    },
  })
})

const begins = (number: number, host: string) =>
  live.report({ kind: "step-begins", number, of: 12, title: `${host}: bring up ${host}`, host })

describe("what is under way", () => {
  it("has a line with its elapsed time, drawn in place, and one with what it awaits", () => {
    begins(1, "sen-1")
    nowMs = 12_300
    tick?.()
    expect(screen.shown).toEqual(["·    12s  1/12 sen-1: bring up sen-1"])
    live.report({ kind: "waiting", number: 1, what: "sen-1 to be fresh", now: "height 7 of 90", sinceMs: 12_000 })
    nowMs = 75_000
    tick?.()
    expect(screen.shown).toEqual(["·  1m15s  1/12 sen-1: bring up sen-1", "    … waiting for sen-1 to be fresh: height 7 of 90"])
  })

  it("makes room for what is done, which stays", () => {
    begins(1, "sen-1")
    begins(2, "sen-2")
    live.report({ kind: "step-done", number: 1, of: 12, title: "sen-1: bring up sen-1", tookMs: 4200, fact: "it runs" })
    expect(screen.shown).toEqual(["✓ 1/12 sen-1: bring up sen-1: it runs (4.2s)", "·     0s  2/12 sen-2: bring up sen-2"])
    live.report({ kind: "step-failed", number: 2, of: 12, title: "sen-2: bring up sen-2", tookMs: 900, reason: "port 26656 is taken" })
    live.report({ kind: "step-skipped", title: "node-1: wait until fresh", reason: "sentry-2 is not up" })
    expect(screen.shown.slice(1)).toEqual([
      "✗ 2/12 sen-2: bring up sen-2: port 26656 is taken (900ms)",
      "- node-1: wait until fresh: skipped: sentry-2 is not up",
    ])
    expect(tick).toBeUndefined()
  })

  it("shows each wait at its own step", () => {
    begins(1, "sen-1")
    begins(2, "sen-2")
    live.report({ kind: "waiting", number: 1, what: "one", now: "not yet", sinceMs: 1 })
    live.report({ kind: "waiting", number: 2, what: "two", now: "soon", sinceMs: 1 })
    expect(screen.shown.filter((line) => line.includes("waiting"))).toEqual([
      "    … waiting for one: not yet",
      "    … waiting for two: soon",
    ])
  })

  it("shows a wait that belongs to no step until something else happens", () => {
    live.report({ kind: "waiting", what: "2026-11-30T04:00:00.000Z", now: "90 s left", sinceMs: 10_000 })
    nowMs = 1000
    tick?.()
    expect(screen.shown).toEqual(["·    11s  waiting for 2026-11-30T04:00:00.000Z: 90 s left"])
    live.report({ kind: "note", text: "it is time" })
    expect(screen.shown).toEqual(["  it is time"])
  })

  it("is at most eight steps and a count", () => {
    for (let number = 1; number <= 11; number++) begins(number, `sen-${number}`)
    expect([screen.shown.length, screen.shown.at(-1)]).toEqual([9, "  … and 3 more under way"])
  })

  it("never takes more than one row a line, however narrow the window", () => {
    columns = 30
    begins(1, "a-host-with-a-name-that-is-longer-than-the-window")
    expect(screen.shown.map((line) => line.length)).toEqual([29])
    columns = undefined
    live.report({ kind: "waiting", number: 1, what: "x".repeat(100), now: "y", sinceMs: 1 })
    expect(screen.shown.map((line) => line.length)).toEqual([79, 79])
  })
})

it("makes room for other text, and comes back below it", () => {
  begins(1, "sen-1")
  live.above(() => screen.write("interrupted: finishing the step that is under way\n"))
  expect(screen.shown).toEqual(["interrupted: finishing the step that is under way", "·     0s  1/12 sen-1: bring up sen-1"])
})

it("takes away what was under way when it ends, and stops drawing", () => {
  begins(1, "sen-1")
  live.end()
  expect([screen.shown, tick]).toEqual([[], undefined])
  live.above(() => screen.write("up: done\n"))
  expect(screen.shown).toEqual(["up: done"])
})

it("writes out what a host says and a terminal would obey", () => {
  begins(1, "sen-1")
  live.report({ kind: "waiting", number: 1, what: "sen-1", now: "\u001b[2Jgone", sinceMs: 1 })
  expect(screen.shown.at(-1)).toBe("    … waiting for sen-1: \\x1b[2Jgone")
})
