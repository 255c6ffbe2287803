import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { expect, it } from "vitest"
import { addValidateCommand } from "../../../../src/cli/commands/validate.ts"
import { goldenSpec } from "../../../support/golden-specs.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

/** Validates a golden spec in a directory where no key lies. */
async function validate(text: string, ...options: readonly string[]) {
  const file = join(temporaryDir(), "gonka-ha.yaml")
  writeFileSync(file, text)
  const { io, said } = aTerminal({ interactive: false })
  const exits: number[] = []
  const program = new Command().exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  const env = { file: undefined, destination: undefined, yes: false }
  const cli = { env, io, now: () => "2026-11-24T12:00:00.000Z", version: "1.2.3", local: async () => localPorts }
  addValidateCommand(program, cli, (code) => exits.push(code))
  const failed = await program.parseAsync(["validate", "-f", file, "--domains", ...options], { from: "user" }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { file, exits, failed, ...said }
}

const [HA_3] = goldenSpec("ha-3").texts
const [SOLO] = goldenSpec("solo").texts

it("shows the verdict and then the table, and passes where no loss stops signing for good", async () => {
  const { file, exits, out } = await validate(HA_3)
  expect(exits).toEqual([0])
  expect(out).toContain(`${file} is valid`)
  expect(out.indexOf("LOSS OF ")).toBeGreaterThan(out.indexOf("is valid"))
  expect(out).toMatch(/\nNo single loss in this table stops signing for good\.\n$/)
})

it("ends with exit code 4 where one does, as a table and as JSON", async () => {
  expect(await validate(SOLO)).toMatchObject({ exits: [4], out: expect.stringContaining("when one of these is\nlost: host here.") })
  const json = await validate(SOLO, "--json")
  expect(json.exits).toEqual([4])
  expect(JSON.parse(json.out)).toMatchObject({
    schema: "gonka-ha/validate/v1",
    exitCode: 4,
    data: {
      domains: {
        verdict: "signing-for-good",
        losses: [
          { domain: { kind: "host", name: "here", hosts: ["here"] }, verdict: "signing-for-good", stops: [{ affects: ["main"] }, {}] },
        ],
        unplaced: { provider: ["here"] },
      },
    },
  })
})

it("judges no file that has errors", async () => {
  const { exits, out } = await validate(SOLO.replace("firstActive: node-1", "firstActive: node-9"))
  expect(exits).toEqual([3])
  expect(out).not.toContain("LOSS OF")
})

it("refuses a format that has no place for it", async () => {
  const { exits, out, err, failed } = await validate(SOLO, "--format", "sarif")
  expect([exits, out, err]).toEqual([[], "", "error: --domains has no form in sarif\n"])
  expect(failed).toMatchObject({ exitCode: 64 })
})
