import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { describe, expect, it } from "vitest"
import type { Cli } from "../../../../src/cli/cli.ts"
import { addInitCommand } from "../../../../src/cli/commands/init.ts"
import { runCommand } from "../../../../src/cli/program.ts"
import { localFiles } from "../../../../src/edge/local-files.ts"
import { answering, type Script } from "../../../support/answering.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../../support/known-keys.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

type Terminal = { readonly interactive?: boolean; readonly yes?: boolean; readonly script?: Script }

async function init(argv: readonly string[], { interactive = false, yes = false, script }: Terminal = {}) {
  const dir = temporaryDir()
  const { io, said } = aTerminal({ interactive })
  const person = answering(script ?? {})
  const cli: Cli = {
    version: "1.2.3",
    io: script ? { ...io, questions: async () => person.questions } : io,
    env: { file: join(dir, "gonka-ha.yaml"), destination: undefined, yes },
    now: () => "2026-11-23T12:00:00.000Z",
    local: async () => localPorts,
    backups: async () => {
      throw new Error("init opens no backup")
    },
    withDeployment: async () => {
      throw new Error("init opens no deployment")
    },
  }
  const program = new Command("gonka-ha").exitOverride()
  addInitCommand(program, cli)
  const error = await program.parseAsync(["init", ...argv], { from: "user" }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { error, ...said, files: await localFiles.list(dir), dir, asked: person.asked }
}

describe("init without a terminal", () => {
  it.each([
    { name: "there is no terminal", argv: [], terminal: {} },
    { name: "--yes is given", argv: ["--yes"], terminal: { interactive: true } },
    { name: "GONKA_HA_YES is set", argv: [], terminal: { interactive: true, yes: true } },
  ])("names the option when $name", async ({ argv, terminal }) => {
    const { error, files } = await init(argv, terminal)
    expect(error).toMatchObject({
      code: "USAGE",
      exit: 64,
      hint: "name one with --preset: compact, ha-2, ha-3, multi-validator, solo",
    })
    expect(files).toEqual([])
  })

  it("asks nothing when the shape is named, also on a terminal", async () => {
    const { error, out, files } = await init(["--preset", "solo", "--name", "lab", "--set", "policy.freshness=30s"], { interactive: true })
    expect([error, files.includes("gonka-ha.yaml")]).toEqual([undefined, true])
    expect(out).toContain("deployment lab\n")
  })

  it("takes a key for the one validator, and keys by name for several", async () => {
    const outside = temporaryDir()
    writeFileSync(join(outside, "a.key"), RFC_8032_KEY.seed)
    writeFileSync(join(outside, "b.json"), COMET_VALIDATOR_KEY)
    const one = await init(["--preset", "ha-2", "--import-consensus-key", join(outside, "a.key")])
    expect(one.out).toContain(`validator main: the consensus key was imported\n  public key ${RFC_8032_KEY.pubkey}`)
    const keys = [`a=${join(outside, "a.key")}`, `b=${join(outside, "b.json")}`].flatMap((file) => ["--import-consensus-key", file])
    const both = await init(["--preset", "multi-validator", ...keys])
    expect(both.out).toContain(`public key ${RFC_8032_KEY.pubkey}`)
    expect(both.out).toContain(`public key ${COMET_VALIDATOR.pubkey}`)
  })
})

describe("init on a terminal", () => {
  it("asks, writes, and prints the command that does the same without questions", async () => {
    const { error, out, err, files, dir } = await init(["--profile", "devnet"], { interactive: true, script: { "Which shape?": "solo" } })
    expect([error, files.includes("gonka-ha.yaml")]).toEqual([undefined, true])
    expect(out).toContain("deployment trial\n")
    expect(err.replace(dir, "DIR")).toBe(
      "The same without questions:\n  gonka-ha init --preset solo --profile devnet --name trial -f DIR/gonka-ha.yaml\n",
    )
  })

  it("writes nothing when it is cancelled", async () => {
    const { error, files } = await init([], { interactive: true, script: { "Which shape?": "^C" } })
    expect([error, files]).toEqual([expect.objectContaining({ code: "CANCELLED", exit: 10 }), []])
  })
})

it("names only commands that exist as the next ones", async () => {
  const { out } = await init(["--preset", "ha-2"])
  const named = [...out.slice(out.indexOf("Next:")).matchAll(/gonka-ha (\w+)/g)].map(([, command]) => command ?? "")
  expect(named).toEqual(["validate", "render", "up"])
  const { io, said } = aTerminal({ interactive: false })
  const cli = {
    version: "1",
    io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "",
    local: async () => localPorts,
  }
  const withDeployment: Cli["withDeployment"] = async () => {
    throw new Error("help opens no deployment")
  }
  const backups: Cli["backups"] = async () => {
    throw new Error("help opens no backup")
  }
  await runCommand({ ...cli, withDeployment, backups }, ["--help"])
  for (const command of named) expect(said.out).toMatch(new RegExp(`^ {2}${command} `, "m"))
})
