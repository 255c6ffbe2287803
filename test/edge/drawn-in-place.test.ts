import { join } from "node:path"
import { execa } from "execa"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { initialised, KNOWN_SETTINGS } from "../support/initialised.ts"
import { PseudoTerminal } from "../support/pseudo-terminal.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const COMMAND_LINE = ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../support/command-line.ts")]
const GONKA_HA = [process.execPath, ...COMMAND_LINE].join(" ")
const CTRL_C = "\u0003"

let dir: string
beforeEach(async () => {
  dir = temporaryDir()
  // Hosts whose names lead nowhere.
  await initialised(dir, { settings: KNOWN_SETTINGS.map((setting) => setting.replace(/(\.ssh=root@).*/, "$1nowhere.invalid")) })
})

function onTerminal(command: string) {
  const terminal = new PseudoTerminal(command, { cwd: dir })
  onTestFinished(() => terminal.close())
  return terminal
}

describe("progress", () => {
  const PROMOTE = "promote node-2 --yes --when +4s"

  it("is drawn in place on a terminal", async () => {
    const { exit, written } = await onTerminal(`${GONKA_HA} ${PROMOTE}`).ends()
    expect([exit, written]).toEqual([6, expect.stringContaining("\u001b[1A\r\u001b[J")])
    // What was under way is gone before the answer is there.
    expect(written).toContain("\u001b[Jerror[REFUSED]")
  })

  it.each(["NO_COLOR=1", "TERM=dumb"])("is plain lines with %s", async (setting) => {
    const { exit, written } = await onTerminal(`${setting} ${GONKA_HA} ${PROMOTE}`).ends()
    expect([exit, written]).toEqual([6, expect.stringMatching(/ {2}… .* waiting for .*: \d s left/)])
    expect(written).not.toContain("\u001b")
  })

  it("is plain lines in a pipe", async () => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [...COMMAND_LINE, ...PROMOTE.split(" ")], {
      cwd: dir,
      reject: false,
    })
    expect([exitCode, stdout, stderr]).toEqual([6, "", expect.stringContaining(" waiting for ")])
    expect(stderr).not.toContain("\u001b")
  })
})

describe("status --watch", () => {
  it("is drawn in place, and Ctrl-C gives the terminal back with the last look and its exit code", async () => {
    const terminal = onTerminal(`${GONKA_HA} status --watch --interval 1`)
    for (let look = 0; look < 2; look++) await terminal.reads("again every 1 s until Ctrl-C")
    terminal.types(CTRL_C)
    const { exit, written } = await terminal.ends()
    expect(exit).toBe(5)
    expect(written).toContain("\u001b[?1049h\u001b[?25l\u001b[H")
    const [, after = ""] = written.split("\u001b[?25h\u001b[?1049l")
    expect(after).toContain("main: unknown who signs")
    expect(after).not.toContain("\u001b")
  })

  it("is one look below the other with NO_COLOR", async () => {
    const terminal = onTerminal(`NO_COLOR=1 ${GONKA_HA} status --watch --interval 1`)
    for (let look = 0; look < 2; look++) await terminal.reads("main: unknown who signs")
    terminal.types(CTRL_C)
    const { exit, written } = await terminal.ends()
    expect(exit).toBe(5)
    expect(written).not.toContain("\u001b")
  })
})
