import { describe, expect, it } from "vitest"
import { watchScreen } from "../../../../src/cli/watch-screen.ts"
import { AppError } from "../../../../src/core/errors.ts"
import { hostAway, signerStopped } from "../../../support/observed.ts"
import type { PaperDeployment } from "../../../support/paper-deployment.ts"
import { publishedNames } from "../../../support/published-schema.ts"
import { typedOnHosts } from "../../../support/typed-on-hosts.ts"

/** Presses Ctrl-C once so much time has passed. */
const interruptedAfter = (ms: number) => ({
  before: (paper: PaperDeployment) => {
    const sleep = paper.clock.sleep.bind(paper.clock)
    const begun = paper.clock.monoMs()
    paper.clock.sleep = async (length) => {
      await sleep(length)
      if (paper.clock.monoMs() - begun >= ms) paper.interrupt()
    }
  },
})

describe("status --watch", () => {
  it("prints one look below the other where there is no terminal, each with its time, until it is interrupted", async () => {
    const { exit, out, err } = await typedOnHosts(["status", "--watch"], interruptedAfter(12_000))
    const times = out.split("\n").filter((line) => /^2026-11-23T12:\d\d:\d\d\.\d{3}Z$/.test(line))
    expect([exit, err, times.length, out.match(/lab on /g)?.length]).toEqual([0, "", 3, 3])
    expect(Date.parse(times[1] ?? "") - Date.parse(times[0] ?? "")).toBeGreaterThanOrEqual(5000)
    expect(out).not.toContain("\u001b")
  })

  it("answers in JSON on one line a look", async () => {
    const { exit, out } = await typedOnHosts(["status", "--watch", "--interval", "1", "--json"], {
      ...interruptedAfter(1500),
      changes: [hostAway("sen-2")],
    })
    expect([exit, publishedNames(out)]).toEqual([4, ["status", "status"]])
    expect(out.trimEnd().split("\n")).toHaveLength(2)
  })

  it("draws in place on a terminal, gives it back, and leaves the last look there", async () => {
    const { exit, out } = await typedOnHosts(["status", "--watch"], {
      ...interruptedAfter(6000),
      changes: [signerStopped],
      answer: "",
      rows: 60,
    })
    expect(exit).toBe(5)
    expect(out.startsWith("\u001b[?1049h\u001b[?25l\u001b[H")).toBe(true)
    expect(out.split("\u001b[H")).toHaveLength(3)
    const [, left = ""] = out.split("\u001b[?25h\u001b[?1049l")
    expect(left).toMatch(/^lab on /)
    expect(left).not.toContain("\u001b")
  })

  it("draws no codes on a terminal that is to get none", async () => {
    const { out } = await typedOnHosts(["status", "--watch"], { ...interruptedAfter(1000), answer: "" })
    expect(out).toMatch(/^2026-11-23T12/)
    expect(out).not.toContain("\u001b")
  })

  it("lets no host steer the terminal", async () => {
    const changes = [hostAway("sen-2", "gone\u001b[2J")]
    const { out } = await typedOnHosts(["status", "--watch"], { ...interruptedAfter(1000), changes, answer: "", rows: 60 })
    expect(out).not.toContain("\u001b[2J")
    expect(out).toContain("gone\\x1b[2J")
  })

  it("ends with 130 when it is interrupted before the first look", async () => {
    expect(await typedOnHosts(["status", "--watch"], { before: (paper) => paper.interrupt() })).toMatchObject({ exit: 130, out: "" })
  })

  it.each([
    { argv: ["status", "--interval", "5"], err: "between two looks of --watch" },
    { argv: ["status", "--watch", "--interval", "0"], err: "whole number of seconds" },
    { argv: ["status", "--watch", "--interval", "soon"], err: "whole number of seconds" },
  ])("$argv is a mistake", async ({ argv, err }) => {
    expect(await typedOnHosts(argv)).toMatchObject({ exit: 64, out: "", err: expect.stringContaining(err) })
  })
})

describe("a page that is drawn again", () => {
  const written = async (rows: number, ...pages: readonly string[]) => {
    let all = ""
    const screen = watchScreen({
      isTerminal: true,
      screen: { rows: () => rows },
      write: async (piece) => {
        all += String(piece)
        return true
      },
    })
    for (const page of pages) await screen.show(page)
    await screen.end()
    return all
  }

  it("clears the rest of each line and everything below", async () => {
    expect(await written(5, "one\ntwo", "1")).toBe(
      "\u001b[?1049h\u001b[?25l\u001b[Hone\u001b[K\ntwo\u001b[K\u001b[J\u001b[H1\u001b[K\u001b[J\u001b[?25h\u001b[?1049l",
    )
  })

  it("is never longer than the window", async () => {
    const page = await written(3, "one\ntwo\nthree\nfour")
    expect(page).toContain("two\u001b[K\n… and 2 lines more, for a taller window\u001b[K\u001b[J")
    expect(page).not.toContain("three")
  })

  it("gives the terminal back also when a look fails", async () => {
    const failing = typedOnHosts(["status", "--watch"], {
      answer: "",
      rows: 60,
      before: (paper) => {
        paper.clock.sleep = () => Promise.reject(new AppError("RPC", 9, "it broke"))
      },
    })
    expect(await failing).toMatchObject({ exit: 9, out: expect.stringContaining("\u001b[?25h\u001b[?1049l") })
  })
})
