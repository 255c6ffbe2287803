import { describe, expect, it } from "vitest"
import { logLine } from "../../../../src/core/logs/log-line.ts"

const TIME = "2026-11-23T12:00:00.123456789Z"
const shown = (text: string) => logLine("node-1", { text: `${TIME} ${text}`, lostChars: 0 }).text

describe("a line of a log", () => {
  it("is parted from the engine's time", () => {
    expect(logLine("node-1", { text: `${TIME} committed state`, lostChars: 3 })).toEqual({
      source: "node-1",
      time: TIME,
      text: "committed state",
      lostChars: 3,
    })
    expect(logLine("node-1", { text: TIME, lostChars: 0 })).toMatchObject({ time: TIME, text: "" })
  })

  it("is shown where the engine gives no time", () => {
    expect(logLine("node-1", { text: "half a line", lostChars: 0 })).toMatchObject({ time: undefined, text: "half a line" })
  })

  it("loses its colours", () => {
    expect(shown("\u001b[90m12:00\u001b[0m \u001b[1;32mINF\u001b[0m ok")).toBe("12:00 INF ok")
  })

  it.each([
    { what: "clears the screen", text: "a\u001b[2Jb", safe: "a\\x1b[2Jb" },
    { what: "sets the title", text: "\u001b]0;owned\u0007", safe: "\\x1b]0;owned\\x07" },
    { what: "goes back over the line", text: "bad\rgood", safe: "bad\\x0dgood" },
    { what: "is a control of eight bits", text: "\u009b31m", safe: "\\x9b31m" },
    { what: "hides in a colour", text: "\u001b\u001b[0m[2J", safe: "\\x1b[2J" },
    { what: "turns the direction of writing", text: "\u202etxt", safe: "\\u{202e}txt" },
  ])("is harmless where it $what", ({ text, safe }) => {
    expect(shown(text)).toBe(safe)
  })
})
