import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addGraphCommand } from "../../../../src/cli/commands/graph.ts"
import { goldenSpec } from "../../../support/golden-specs.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { publishedNames } from "../../../support/published-schema.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

/** Draws a golden spec in a directory where no key lies. */
async function graph(options: readonly string[], text: string = goldenSpec("ha-2").texts[0]) {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, text)
  const { io, said } = aTerminal({ interactive: false })
  const program = new Command().exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  const env = { file, destination: undefined, yes: false }
  addGraphCommand(program, { env, io, local: async () => localPorts, now: () => "2026-11-23T12:00:00.000Z" })
  const failed = await program.parseAsync(["graph", ...options.map((option) => option.replace("DIR", dir))], { from: "user" }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { dir, failed, ...said }
}

describe("on standard output", () => {
  it.each([
    { options: [], start: "%%{init" },
    { options: ["--format", "mermaid"], start: "%%{init" },
    { options: ["--format", "dot"], start: "digraph {" },
    { options: ["--format", "svg"], start: "<?xml " },
  ])("$options", async ({ options, start }) => {
    const { out, err, failed } = await graph(options)
    expect([out.slice(0, start.length), out.endsWith("\n"), err, failed]).toEqual([start, true, "", undefined])
  })
})

describe("in a file", () => {
  it.each([
    { name: "picture.svg", options: [], start: "<?xml " },
    { name: "picture.dot", options: [], start: "digraph {" },
    { name: "picture.gv", options: [], start: "digraph {" },
    { name: "picture.md", options: [], start: "%%{init" },
    { name: "picture.svg", options: ["--format", "dot"], start: "digraph {" },
  ])("$name $options", async ({ name, options, start }) => {
    const { dir, out, err } = await graph(["-o", `DIR/${name}`, ...options])
    const file = join(dir, name)
    expect([out, err]).toEqual(["", `the picture is in ${file}\n`])
    expect(readFileSync(file, "utf8").startsWith(start)).toBe(true)
  })
})

it("puts no file in the place of a device", async () => {
  const { failed, out } = await graph(["-o", "/dev/null"])
  expect(failed).toMatchObject({ code: "USAGE", exit: 64 })
  expect(out).toBe("")
})

it("draws no file that has errors, and writes nothing", async () => {
  const { dir, failed } = await graph(["-o", "DIR/picture.svg"], "apiVersion: gonka-ha/v1\n")
  expect(failed).toMatchObject({ code: "SPEC_INVALID", exit: 3 })
  expect(existsSync(join(dir, "picture.svg"))).toBe(false)
})

it("knows three languages", async () => {
  const { failed, err } = await graph(["--format", "png"])
  expect(failed).toMatchObject({ code: "commander.invalidArgument" })
  expect(err).toContain("Allowed choices are mermaid, dot, svg")
})

describe("--json", () => {
  it("answers with nodes and edges, as schema/graph.schema.json has it", async () => {
    const { out, err } = await graph(["--json"])
    expect([publishedNames(out), err]).toEqual([["graph"], ""])
    expect(JSON.parse(out).data.nodes).toContainEqual({ id: "signer/main", kind: "signer", name: "main", host: "sig-1" })
  })

  it.each([[["--format", "dot"]], [["-o", "DIR/graph.json"]]])("is no picture, so it goes with no %s", async (options) => {
    const { failed, out } = await graph(["--json", ...options])
    expect([failed, out]).toMatchObject([{ code: "commander.conflictingOption" }, ""])
  })
})
