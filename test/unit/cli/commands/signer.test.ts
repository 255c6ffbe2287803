import { join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import type { Cli } from "../../../../src/cli/cli.ts"
import { runCommand } from "../../../../src/cli/program.ts"
import { AppError } from "../../../../src/core/errors.ts"
import { sealedState } from "../../../../src/core/observe/signer-state.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { ShellSite, SIGNED_AT_1000 } from "../../../support/shell-site.ts"
import { aTerminal } from "../../../support/terminal.ts"

// Every look runs the real programs.
vi.setConfig({ testTimeout: 30_000 })

let site: ShellSite
beforeEach(() => {
  site = new ShellSite()
})

async function signer(argv: readonly string[], options: { readonly answer?: string; readonly yes?: boolean } = {}) {
  const terminal = aTerminal({
    interactive: options.answer !== undefined,
    ...(options.answer === undefined ? {} : { answer: options.answer }),
  })
  const nothing = () => Promise.reject(new Error("not needed here"))
  const cli: Cli = {
    version: "1.2.3",
    io: terminal.io,
    env: { file: undefined, destination: undefined, yes: options.yes ?? false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: nothing,
    backups: nothing,
    withDeployment: (_, work) => work(site.deployment),
  }
  const result = await runCommand(cli, ["signer", ...argv]).then(
    (exit) => ({ exit, code: undefined }),
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      return { exit: error.exit, code: error.code }
    },
  )
  return { ...result, ...terminal.said, questions: terminal.questions }
}

const CHANGES = [
  { argv: ["fence", "--reason", "old disk"], out: "main on sig-1: fenced, and its signer is down: old disk (anna@desk" },
  { argv: ["unfence"], out: "main on sig-1: the fence is gone; it said: by hand" },
  { argv: ["state", "seal"], out: "main on sig-1: sealed at height 1005, 5 blocks above the newest block 1000" },
  { argv: ["state", "seal", "--height", "1100"], out: "main on sig-1: sealed at height 1100" },
  { argv: ["state", "import", "state.json"], out: "main on sig-1: sealed at height 1005, imported from state.json" },
] as const

describe.each(CHANGES)("signer $argv", ({ argv, out }) => {
  const standing = () => [site.read(layout.signer.stateFile("main")), site.read(layout.signer.fence("main")), site.did]
  const arrange = async () => {
    if (argv[0] === "unfence") site.write(layout.signer.fence("main"), "by hand\n")
    await site.deployment.local.create("state.json", SIGNED_AT_1000.replace("1000", "1004"), 0o600)
  }

  it("is done once the validator's name was typed", async () => {
    await arrange()
    const done = await signer(argv, { answer: "main" })
    expect([done.exit, done.questions]).toEqual([0, ["Type main to go on: "]])
    expect(done.out).toContain(out)
    expect(done.err).toContain("main on sig-1")
  })

  it("is done without asking when that was said, by option or for the whole session", async () => {
    await arrange()
    expect((await signer([...argv, "--yes"])).out).toContain(out)
  })

  it("is not done without a word", async () => {
    await arrange()
    const untouched = structuredClone(standing())
    expect(await signer(argv)).toMatchObject({ exit: 64, out: "" })
    expect(await signer(argv, { answer: "yes" })).toMatchObject({ code: "CANCELLED", exit: 10, out: "" })
    expect(standing()).toEqual(untouched)
  })
})

describe("signer status and signer state show", () => {
  it("tell what is there, and exit by it", async () => {
    const shown = await signer(["status"])
    expect([shown.exit, shown.err]).toEqual([5, ""])
    expect(shown.out).toContain("✗ main on sig-1: stopped\n")
    expect((await signer(["state", "show", "--validator", "main"])).out).toMatch(/^main on sig-1\n {2}state +1000\/0\/2/)
    site.runs()
    expect((await signer(["status"])).exit).toBe(4)
  })

  it("tell it to programs", async () => {
    const status = JSON.parse((await signer(["status", "--json"])).out)
    expect(status).toMatchObject({
      schema: "gonka-ha/signer-status/v1",
      exitCode: 5,
      data: { signers: [{ validator: "main", aim: "node-1", epoch: 3 }] },
    })
    const state = JSON.parse((await signer(["state", "show", "--json"])).out)
    expect(state).toMatchObject({
      schema: "gonka-ha/signer-state/v1",
      exitCode: 5,
      data: { signers: [{ floor: 990, state: { kind: "seen" } }] },
    })
  })
})

describe("signer state export", () => {
  it("writes the bytes to standard output and nothing else there", async () => {
    expect(await signer(["state", "export"])).toMatchObject({ exit: 0, out: SIGNED_AT_1000, err: "" })
  })

  it("writes a file, and says where", async () => {
    expect(await signer(["state", "export", "out.json"])).toMatchObject({ exit: 0, out: "main: state 1000/0/2 written to out.json\n" })
    expect(site.deployment.local.texts.get("out.json")).toBe(SIGNED_AT_1000)
  })
})

it.each([
  { argv: [], err: "Usage: gonka-ha signer" },
  { argv: ["state"], err: "Usage: gonka-ha signer state" },
  { argv: ["fence"], err: "required option '--reason <text>' not specified" },
  { argv: ["state", "import"], err: "missing required argument 'file'" },
  { argv: ["state", "seal", "--height", "high"], err: "a height is a whole number above 0" },
  { argv: ["state", "seal", "--height", "-5"], err: "a height is a whole number above 0" },
  { argv: ["state", "lower"], err: "unknown command 'lower'" },
])("signer $argv is a mistake", async ({ argv, err }) => {
  const result = await signer(argv)
  expect([result.exit, result.out]).toEqual([64, ""])
  expect(result.err).toContain(err)
})

it("says of an unknown validator which there are", async () => {
  for (const argv of [["status"], ["fence", "--reason", "x"], ["unfence"], ["state", "seal"], ["state", "export"]])
    expect(await signer([...argv, "--validator", "other"], { yes: true })).toMatchObject({ code: "USAGE", exit: 64 })
  expect(site.did).toEqual([])
})

it("a whole recovery: fenced, its state lost, sealed, unfenced", async () => {
  site.runs()
  const yes = { yes: true }
  expect((await signer(["fence", "--reason", "disk"], yes)).exit).toBe(0)
  site.write(layout.signer.stateFile("main"), "{")
  expect((await signer(["state", "seal"], yes)).exit).toBe(0)
  expect((await signer(["unfence"], yes)).exit).toBe(0)
  expect(site.read(layout.signer.stateFile("main"))).toBe(sealedState(1005))
  expect(site.read(join(site.marks, "floor"))).toBe("1005\n")
  expect(site.read(layout.signer.fence("main"))).toBeUndefined()
  expect(site.signs).toBe(false)
})
