import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { loadSpec, loadTopology, specFile } from "../../../src/app/load.ts"
import { AppError } from "../../../src/core/errors.ts"
import { issueText } from "../../../src/core/issue.ts"
import { goodSpecWith } from "../../support/good-spec.ts"
import { initialised, KNOWN_SETTINGS } from "../../support/initialised.ts"
import { localPorts } from "../../support/local-ports.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

function written(text: string): string {
  const file = join(temporaryDir(), "gonka-ha.yaml")
  writeFileSync(file, text)
  return file
}

describe("specFile", () => {
  it.each([
    ["a.yaml", "b.yaml", "a.yaml"],
    [undefined, "b.yaml", "b.yaml"],
    [undefined, "", "gonka-ha.yaml"],
    [undefined, undefined, "gonka-ha.yaml"],
  ])("of %s and %s is %s", (option, environment, file) => {
    expect(specFile(option, environment)).toBe(file)
  })
})

describe("loadSpec", () => {
  it("says how to make a file that is not there", async () => {
    await expect(loadSpec(localPorts, { file: join(temporaryDir(), "none.yaml") })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      exit: 64,
      hint: "`gonka-ha init` writes one; -f names another file",
    })
  })

  it("refuses a directory", async () => {
    await expect(loadSpec(localPorts, { file: temporaryDir() })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      exit: 64,
      message: expect.stringContaining("it is a directory"),
    })
  })

  it("carries every problem in one error", async () => {
    const file = written(
      goodSpecWith({ "profile: devnet": "profile: venus", "host: sen-2": "host: sen-3", "firstActive: node-1": "firstActive: node-3" }),
    )
    const error = await loadSpec(localPorts, { file }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "SPEC_INVALID", exit: 3, message: `${file} has 3 errors` })
    const errors = error instanceof AppError ? error.issues.filter(({ severity }) => severity === "error") : []
    expect(errors.map(({ path }) => path)).toEqual(["profile", "sentries.sentry-2.host", "validators.main.firstActive"])
  })

  it("writes an issue as file:line:column, with a fix", async () => {
    const file = written(goodSpecWith({ "profile: devnet": "profile: venus" }))
    const error = await loadSpec(localPorts, { file }).catch((thrown: unknown) => thrown)
    const [issue] = error instanceof Error && "issues" in error && Array.isArray(error.issues) ? error.issues : []
    expect(issueText(issue)).toBe(
      [
        `${file}:3:1: error GHA-010: profile: there is no profile venus`,
        "    why: Chain id, prefixes and block time come from it.",
        "    fix: one of: devnet, gonka-mainnet, gonka-testnet",
      ].join("\n"),
    )
  })

  it("does not look for a profile that is not a word", async () => {
    const file = written(goodSpecWith({ "profile: devnet": "profile: [devnet]" }))
    await expect(loadSpec(localPorts, { file })).rejects.toMatchObject({
      issues: [{ path: "profile", message: "is wrong: expected string, received array" }],
    })
  })

  it.each(["../../etc/passwd", "presets/ha-2"])("does not read the profile %s from elsewhere", async (profile) => {
    const file = written(goodSpecWith({ "profile: devnet": `profile: ${profile}` }))
    await expect(loadSpec(localPorts, { file })).rejects.toMatchObject({ code: "SPEC_INVALID" })
  })

  it("gives warnings and goes on", async () => {
    const { issues } = await loadSpec(localPorts, { file: written(goodSpecWith({ "[node-1, node-2]": "[node-1]" })) })
    expect(issues).toMatchObject([{ severity: "warning", path: "validators.main.candidates" }])
  })

  it("shows a broken profile with its own place", async () => {
    const profilesDir = temporaryDir()
    writeFileSync(join(profilesDir, "devnet.yaml"), "chain:\n  binery: simd\n")
    await expect(loadSpec({ ...localPorts, profilesDir }, { file: written(goodSpecWith({})) })).rejects.toMatchObject({
      issues: [{ path: "chain.binery", place: { file: join(profilesDir, "devnet.yaml"), line: 2, column: 3 } }],
    })
  })
})

describe("loadTopology", () => {
  it("finds the ssh config beside the spec", async () => {
    const dir = temporaryDir()
    const { file } = await initialised(dir, { settings: [...KNOWN_SETTINGS, "ssh.config=CONFIG"] })
    const connectionOf = async (config: string) => {
      const other = join(dir, "other.yaml")
      writeFileSync(other, readFileSync(file, "utf8").replace("config: CONFIG", `config: ${config}`))
      return (await loadTopology(localPorts, { file: other })).topology.hosts[0]?.connection
    }
    expect(await connectionOf("ssh/config")).toMatchObject({ config: join(dir, "ssh/config") })
    expect(await connectionOf("/etc/ssh/other")).toMatchObject({ config: "/etc/ssh/other" })
    expect(await connectionOf("~/.ssh/lab")).toMatchObject({ config: "/home/operator/.ssh/lab" })
  })

  it("names every node without a key, and the command that makes it", async () => {
    const dir = temporaryDir()
    const { file } = await initialised(dir)
    rmSync(join(dir, ".gonka-ha/secrets/nodes"), { recursive: true })
    await expect(loadTopology(localPorts, { file })).rejects.toMatchObject({
      code: "KEY_MISSING",
      exit: 3,
      hint: expect.stringContaining("gonka-ha keys generate"),
      issues: ["sentries.sentry-1", "sentries.sentry-2", "private.node-1", "private.node-2"].map((path) => ({ path })),
    })
  })
})
