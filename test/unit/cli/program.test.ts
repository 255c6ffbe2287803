import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Cli } from "../../../src/cli/cli.ts"
import { runCommand } from "../../../src/cli/program.ts"
import { EXIT } from "../../../src/core/errors.ts"
import { initialised } from "../../support/initialised.ts"
import { localPorts } from "../../support/local-ports.ts"
import { aTopology } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"
import { aTerminal } from "../../support/terminal.ts"

/** Runs one command on a deployment whose hosts are all away. */
async function command(
  argv: readonly string[],
  options: { readonly interactive?: boolean; readonly answer?: string; readonly yes?: boolean } = {},
) {
  const terminal = aTerminal({
    interactive: options.interactive ?? false,
    ...(options.answer === undefined ? {} : { answer: options.answer }),
  })
  const opened: string[] = []
  const hosts = Object.fromEntries(aTopology().hosts.map(({ name }) => [name, aHost({})]))
  const cli: Cli = {
    version: "1.2.3",
    io: terminal.io,
    env: { file: undefined, destination: undefined, yes: options.yes ?? false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: async () => localPorts,
    backups: async () => {
      throw new Error("these tests open no backup")
    },
    withDeployment: async (source, work) => {
      opened.push(source.file)
      return work(aDeployment(hosts))
    },
  }
  const result = await runCommand(cli, argv).then(
    (exit) => ({ exit, error: undefined }),
    (error: unknown) => ({ exit: undefined, error }),
  )
  return { ...result, ...terminal.said, questions: terminal.questions, opened }
}

describe("usage", () => {
  it.each([
    { argv: ["--help"], out: "Usage: gonka-ha" },
    { argv: ["help"], out: "Usage: gonka-ha" },
    { argv: ["promote", "--help"], out: "Usage: gonka-ha promote" },
    { argv: ["--version"], out: "1.2.3\n" },
  ])("$argv answers on stdout with exit code 0", async ({ argv, out }) => {
    const result = await command(argv)
    expect([result.exit, result.err]).toEqual([0, ""])
    expect(result.out).toContain(out)
  })

  it("lists every exit code in the help", async () => {
    const { out } = await command(["--help"])
    const listed = out.slice(out.indexOf("Exit codes:"))
    for (const code of Object.values(EXIT)) expect(listed).toMatch(new RegExp(`(^|\\D)${code} [a-z]`, "m"))
  })

  it.each([
    { argv: [], err: "Usage: gonka-ha" },
    { argv: ["frobnicate"], err: "unknown command 'frobnicate'" },
    { argv: ["status", "--frob"], err: "unknown option '--frob'" },
    { argv: ["status", "extra"], err: "too many arguments" },
    { argv: ["failover"], err: "missing required argument 'node'" },
    { argv: ["promote"], err: "say which node, or --resume" },
    { argv: ["promote", "node-2", "--resume"], err: "it takes no node" },
    { argv: ["keys"], err: "Usage: gonka-ha keys" },
    { argv: ["keys", "forge"], err: "unknown command 'forge'" },
  ])("$argv is a mistake: exit code 64, on stderr, and nothing is opened", async ({ argv, err }) => {
    const result = await command(argv)
    expect([result.exit, result.out, result.opened]).toEqual([64, "", []])
    expect(result.err).toContain(err)
  })
})

describe("a command on files", () => {
  it("validates, with exit code 0", async () => {
    const { file } = await initialised(temporaryDir())
    expect(await command(["validate", "-f", file])).toMatchObject({ exit: 0, out: `${file} is valid\n` })
    const json = await command(["validate", "-f", file, "--json"])
    expect(JSON.parse(json.out)).toEqual({
      schema: "gonka-ha/validate/v1",
      time: "2026-11-23T12:00:00.000Z",
      exitCode: 0,
      data: { file, issues: [], suppressed: [] },
    })
  })

  it("passes an error on, for the composition root to show", async () => {
    const file = join(temporaryDir(), "gonka-ha.yaml")
    expect(await command(["validate", "-f", file])).toMatchObject({ error: { code: "FILE_UNREADABLE", exit: 64 } })
    writeFileSync(file, "apiVersion: gonka-ha/v1\n")
    expect(await command(["render", "-f", file])).toMatchObject({ error: { code: "SPEC_INVALID", exit: 3 } })
  })

  it("renders, and tells a check from a change by its exit code", async () => {
    const { file } = await initialised(temporaryDir())
    expect((await command(["render", "--check", "-f", file])).exit).toBe(2)
    expect((await command(["render", "-f", file])).exit).toBe(0)
    const again = await command(["render", "--check", "-f", file])
    expect([again.exit, again.out]).toEqual([0, expect.stringContaining("is up to date")])
  })

  it("shows public keys", async () => {
    const { file, validators } = await initialised(temporaryDir())
    const shown = await command(["keys", "show", "-f", file, "--json"])
    expect([shown.exit, JSON.parse(shown.out).schema]).toEqual([0, "gonka-ha/keys/v1"])
    expect(shown.out).toContain(validators[0]?.pubkey)
  })
})

describe("a command on hosts", () => {
  it("gives status the exit code of what was seen", async () => {
    const shown = await command(["status"])
    expect([shown.exit, shown.opened]).toEqual([5, ["gonka-ha.yaml"]])
    expect(shown.out).toContain("✗ main: unknown who signs")
    const json = await command(["status", "--json", "--file", "other.yaml"])
    expect([json.exit, json.opened]).toEqual([5, ["other.yaml"]])
    expect(JSON.parse(json.out)).toMatchObject({ schema: "gonka-ha/status/v1", exitCode: 5, data: { deployment: "lab", exitCode: 5 } })
  })

  it("refuses to go up when hosts are away, and writes nothing to stdout", async () => {
    expect(await command(["up", "--yes"])).toMatchObject({ error: { code: "HOST_UNREACHABLE", exit: 9 }, out: "" })
  })

  it("refuses a node that is no candidate, with the candidates", async () => {
    for (const verb of ["promote", "failover"]) {
      expect(await command([verb, "sentry-1", "--yes"])).toMatchObject({
        error: { code: "USAGE", exit: 64, message: "sentry-1 is not a candidate", hint: "candidates: node-1, node-2" },
      })
    }
    expect(await command(["promote", "node-2", "--validator", "other"])).toMatchObject({ error: { code: "USAGE", exit: 64 } })
  })

  it("refuses a move when who signs is not known, before it asks anything", async () => {
    const refused = await command(["promote", "node-2"], { interactive: true, answer: "node-2" })
    expect(refused).toMatchObject({ error: { code: "REFUSED", exit: 6 }, questions: [] })
  })

  it("has nothing to resume when nothing was begun", async () => {
    expect(await command(["promote", "--resume"])).toMatchObject({ error: { exit: expect.any(Number) } })
  })

  it("wants the deployment's name before it goes down", async () => {
    expect(await command(["down"])).toMatchObject({ error: { code: "USAGE", exit: 64 } })
    expect(await command(["down"], { interactive: true, answer: "yes" })).toMatchObject({ error: { code: "CANCELLED", exit: 10 } })
    expect(await command(["down", "--name", "other"])).toMatchObject({ error: { code: "USAGE", exit: 64 } })
    expect(await command(["down"], { yes: true })).toMatchObject({ error: { code: "USAGE", exit: 64 } })
  })
})
