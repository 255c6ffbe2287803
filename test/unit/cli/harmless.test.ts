import { expect, it } from "vitest"
import { harmless } from "../../../src/cli/harmless.ts"

/** Everything that reaches an outlet. */
async function reached(isTerminal: boolean, pieces: readonly string[]): Promise<string> {
  let all = ""
  const take = harmless({
    isTerminal,
    write: async (piece) => {
      all += typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1")
      return true
    },
  })
  for (const piece of pieces) expect(await take(Buffer.from(piece, "latin1"))).toBe(true)
  return all
}

it("lets every byte through to a program", async () => {
  expect(await reached(false, ["\u0000\u00ff\u001b[2J\r\n", "\u00c3"])).toBe("\u0000\u00ff\u001b[2J\r\n\u00c3")
})

it("keeps from a terminal what it would obey, and leaves lines and characters whole", async () => {
  expect(await reached(true, ["a\u001b[2Jb\r\nc", "\nd", "\u00c3", "\u00bc\n"])).toBe("a\\x1b[2Jb\nc\ndü\n")
})

it("passes on that nobody reads any more", async () => {
  expect(await harmless({ isTerminal: true, write: async () => false })(Buffer.from("x"))).toBe(false)
})
