import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addExplainCommand } from "../../../../src/cli/commands/explain.ts"
import { EXPLAINED_RULES } from "../../../../src/core/spec/rules/explained.ts"

async function explain(...argv: readonly string[]): Promise<string> {
  let out = ""
  const io = {
    out: (text: string) => {
      out += text
    },
  }
  const program = new Command("gonka-ha").exitOverride()
  const env = { file: undefined, destination: undefined, yes: false }
  const withDeployment = () => Promise.reject(new Error("a rule is explained without any host"))
  addExplainCommand(program, { io, env, now: () => "2026-11-23T12:00:00.000Z", withDeployment }, () => {})
  await program.parseAsync(["explain", ...argv], { from: "user" })
  return out
}

describe("explain", () => {
  it("tells why a rule is there and what to do, with a bad and a good example", async () => {
    expect(await explain("GHA-305")).toBe(`GHA-305 warning: The signer runs on a host without candidates.

why: The loss of that host takes the node that signs together with the only
     thing that knows what was signed.
fix: put the signer on a host that runs no candidate

Bad:
    validators:
      main: { signer: { host: val-2 } }
    # and no hosts.sig-1

Good:
    validators:
      main: { signer: { host: sig-1 } }
`)
  })

  it.each(["gha-305", "305", " GHA-305 "])("knows %j", async (typed) => {
    expect(await explain(typed)).toContain("GHA-305 warning: ")
  })

  it("lists every rule once, and nothing is wider than a terminal", async () => {
    const text = await explain()
    for (const { id, severity } of EXPLAINED_RULES) expect(text.match(new RegExp(`^${id}  ${severity} +\\S`, "gm"))).toHaveLength(1)
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  it("answers in JSON, for one rule and for all", async () => {
    const one: unknown = JSON.parse(await explain("GHA-013", "--json"))
    expect(one).toMatchObject({
      schema: "gonka-ha/explain/v1",
      time: "2026-11-23T12:00:00.000Z",
      exitCode: 0,
      data: {
        rules: [{ id: "GHA-013", severity: "warning", title: expect.any(String), bad: { yaml: expect.stringContaining("suppress") } }],
      },
    })
    const all: unknown = JSON.parse(await explain("--json"))
    expect(all).toMatchObject({ data: { rules: EXPLAINED_RULES.map(({ id }) => ({ id })) } })
  })

  it("refuses an id that is none, with what was probably meant", async () => {
    await expect(explain("GHA-35")).rejects.toMatchObject({
      code: "USAGE",
      exit: 64,
      message: "there is no rule GHA-35",
      hint: expect.stringMatching(/^did you mean GHA-\d{3}\? `gonka-ha explain` lists all of them$/),
    })
    await expect(explain("9999")).rejects.toMatchObject({ exit: 64, hint: expect.stringContaining("`gonka-ha explain` lists all of them") })
  })
})
