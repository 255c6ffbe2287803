import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addValidateCommand } from "../../../../src/cli/commands/validate.ts"
import { EXPLAINED_RULES } from "../../../../src/core/spec/rules/explained.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

/** Validates a file that is the base of the rules with some texts replaced. */
async function validate(changes: Readonly<Record<string, string>>, ...options: readonly string[]) {
  const file = join(temporaryDir(), "gonka-ha.yaml")
  writeFileSync(
    file,
    Object.entries(changes).reduce((text, [from, to]) => text.replace(from, to), RULE_BASE),
  )
  const terminal = aTerminal({ interactive: false })
  const exits: number[] = []
  const program = new Command().exitOverride()
  const env = { file: undefined, destination: undefined, yes: false }
  const now = () => "2026-11-24T12:00:00.000Z"
  addValidateCommand(program, { env, io: terminal.io, now, version: "1.2.3", local: async () => localPorts }, (code) => exits.push(code))
  await program.parseAsync(["validate", "-f", file, ...options], { from: "user" })
  return { file, exits, out: terminal.said.out }
}

/** Line of a text in the base: none of the changes below adds or takes a line before it. */
const lineOf = (marker: string) => RULE_BASE.slice(0, RULE_BASE.indexOf(marker)).split("\n").length

const SMALL = { "node-1: { host: val-1 }": "node-1: { host: val-1, resources: { memory: 1g } }" }
const MISSPELT = { "node-2: { host: val-2 }": "node-2: { host: val-2, config: { p2p: { pexx: true } } }" }
const ACCEPTED = { "api:\n": "suppress:\n  - { rule: GHA-861, reason: a trial with an empty chain }\napi:\n" }

describe("pretty", () => {
  it("shows a warning with its reason and fix, and passes", async () => {
    const { file, exits, out } = await validate(SMALL)
    expect(exits).toEqual([0])
    expect(out).toMatch(
      new RegExp(
        `^${file}:${lineOf("node-1: {")}:39: warning GHA-861: private.node-1.resources.memory: is 1g, .*\\n    why: .*\\n    fix: .*\\n${file} is valid, with one warning\\n$`,
      ),
    )
  })

  it("shows everything at once, in the order of the lines, and fails on an error", async () => {
    const { file, exits, out } = await validate({ ...MISSPELT, ...SMALL })
    expect(exits).toEqual([3])
    expect([...out.matchAll(/GHA-\d+/g)].map(String)).toEqual(["GHA-861", "GHA-516"])
    expect(out).toContain(`${file} has one error and one warning\n`)
  })

  it("fails on a warning with --strict, but not on one that the file accepts", async () => {
    const strict = await validate(SMALL, "--strict")
    expect(strict.exits).toEqual([3])
    expect(strict.out).toContain(" error GHA-861: ")
    const accepted = await validate({ ...SMALL, ...ACCEPTED }, "--strict")
    expect(accepted.exits).toEqual([0])
    expect(accepted.out).toBe(
      `${accepted.file}:${lineOf("node-1: {")}:39: accepted GHA-861: private.node-1.resources.memory: is 1g, less than a node of a real chain needs (a trial with an empty chain)\n${accepted.file} is valid\n`,
    )
  })

  it("says what is wrong with a file that has no meaning yet", async () => {
    const { exits, out } = await validate({ "hosts:": "hosts: [" })
    expect(exits).toEqual([3])
    expect(out).toContain("error GHA-001: ")
  })
})

describe("json", () => {
  it.each([[["--format", "json"]], [["--json"]]])("%s answers in the envelope also when the file is wrong", async (options) => {
    const { file, exits, out } = await validate({ ...MISSPELT, ...SMALL, ...ACCEPTED }, ...options)
    expect(exits).toEqual([3])
    expect(JSON.parse(out)).toMatchObject({
      schema: "gonka-ha/validate/v1",
      exitCode: 3,
      data: {
        file,
        issues: [{ rule: "GHA-516", severity: "error", place: { file, line: lineOf("node-2: {") } }],
        suppressed: [{ reason: "a trial with an empty chain", issue: { rule: "GHA-861" } }],
      },
    })
  })
})

describe("sarif", () => {
  it("has every rule, and every finding at its place", async () => {
    const { file, exits, out } = await validate({ ...MISSPELT, ...SMALL, ...ACCEPTED }, "--format", "sarif")
    expect(exits).toEqual([3])
    const log = JSON.parse(out)
    expect(log).toMatchObject({ version: "2.1.0", runs: [{ tool: { driver: { name: "gonka-ha", version: "1.2.3" } } }] })
    const [{ tool, results }] = log.runs
    const ids: readonly string[] = tool.driver.rules.map(({ id }: { id: string }) => id)
    expect(ids).toEqual(EXPLAINED_RULES.map(({ id }) => id))
    const at = (line: number, startColumn: number) => [
      { physicalLocation: { artifactLocation: { uri: `file://${file}` }, region: { startLine: line, startColumn } } },
    ]
    expect(results).toMatchObject([
      { ruleId: "GHA-516", ruleIndex: ids.indexOf("GHA-516"), level: "error", locations: at(lineOf("node-2: {"), 43) },
      {
        ruleId: "GHA-861",
        level: "warning",
        locations: at(lineOf("node-1: {"), 39),
        suppressions: [{ kind: "inSource", justification: "a trial with an empty chain" }],
      },
    ])
  })
})
