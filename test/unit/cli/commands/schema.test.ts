import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addSchemaCommand } from "../../../../src/cli/commands/schema.ts"
import { specJsonSchemaText } from "../../../../src/core/spec/json-schema.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

async function schema(file: string, ...argv: readonly string[]): Promise<string> {
  const { io, said } = aTerminal({ interactive: false })
  const program = new Command("gonka-ha").exitOverride()
  addSchemaCommand(program, { io, env: { file, destination: undefined, yes: false }, local: async () => localPorts })
  await program.parseAsync(["schema", ...argv], { from: "user" })
  return said.out
}

describe("schema", () => {
  it("prints the schema and nothing else", async () => {
    expect(await schema("nowhere/gonka-ha.yaml")).toBe(specJsonSchemaText())
  })

  it("writes it where the first line of the topology file looks, in a directory that may hold secrets", async () => {
    const dir = temporaryDir()
    const path = join(dir, ".gonka-ha", "gonka-ha.schema.json")
    expect(await schema(join(dir, "gonka-ha.yaml"), "--write")).toBe(`wrote ${path}\n`)
    expect(readFileSync(path, "utf8")).toBe(specJsonSchemaText())
    expect(statSync(join(dir, ".gonka-ha")).mode & 0o777).toBe(0o700)
    expect(await schema(join(dir, "gonka-ha.yaml"), "--write")).toBe(`${path} is up to date\n`)
    writeFileSync(path, "{}")
    expect(await schema("other.yaml", "--write", "-f", join(dir, "gonka-ha.yaml"))).toBe(`wrote ${path}\n`)
    expect(readFileSync(path, "utf8")).toBe(specJsonSchemaText())
  })
})
