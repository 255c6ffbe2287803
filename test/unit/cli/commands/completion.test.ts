import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { SCRIPTS } from "../../../../src/cli/completion/scripts.ts"
import { initialised } from "../../../support/initialised.ts"
import { REPOSITORY_DIR } from "../../../support/package-paths.ts"
import { spoken } from "../../../support/spoken-command.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

// Each press of the key starts the program from its sources.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "gonka-ha-unit-"))
  await initialised(dir)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe("completion", () => {
  it.each(["bash", "zsh", "fish"] as const)("prints the script for %s", async (shell) => {
    expect(await spoken(["completion", shell])).toEqual({ exit: 0, out: SCRIPTS[shell], err: "" })
  })

  it.each([[[]], [["powershell"]], [["bash", "zsh"]]])("of %j is a mistake", async (words) => {
    const { exit, out, err } = await spoken(["completion", ...words])
    expect([exit, out]).toEqual([64, ""])
    expect(err).toContain("say for which shell: bash, zsh or fish")
  })

  it("offers names from the topology file, without any key", async () => {
    const candidates = async (...words: readonly string[]) => (await spoken(["completion", "--candidates", "--", ...words])).out
    const file = join(dir, "gonka-ha.yaml")
    expect(await candidates("promote", "-f", file, "")).toBe("node-1\t\nnode-2\t\n")
    expect(await candidates("ssh", "-f", file, "se")).toBe("sen-1\t\nsen-2\t\n")
  })

  it("says nothing about a topology file that is missing or wrong", async () => {
    const file = join(temporaryDir(), "gonka-ha.yaml")
    const asked = ["completion", "--candidates", "--", "promote", "-f", file, ""]
    expect(await spoken(asked)).toEqual({ exit: 0, out: "", err: "" })
    writeFileSync(file, "hosts: [\n")
    expect(await spoken(asked)).toEqual({ exit: 0, out: "", err: "" })
  })
})

/** What bash would put there: the script is read as people read it, and the key is pressed at the end of the line. */
async function pressed(line: string): Promise<readonly string[]> {
  const program = `
gonka-ha() { "${process.execPath}" --import tsx "${join(REPOSITORY_DIR, "test/support/command-line.ts")}" "$@"; }
eval "$(gonka-ha completion bash)"
complete -p gonka-ha >/dev/null || exit 3
COMP_LINE=$1 COMP_POINT=\${#1}
_gonka_ha
printf '%s\\n' "\${COMPREPLY[@]}"`
  // tsx is found from the working directory, the topology file by its variable.
  const { stdout, stderr } = await execa("bash", ["--norc", "-c", program, "bash", line], {
    cwd: REPOSITORY_DIR,
    env: { GONKA_HA_FILE: join(dir, "gonka-ha.yaml") },
  })
  expect(stderr).toBe("")
  return stdout.split("\n").filter((word) => word !== "")
}

describe("bash", () => {
  it.each([
    { line: "gonka-ha sta", words: ["status"] },
    { line: "gonka-ha restart ", words: ["sentry-1", "sentry-2", "node-1", "node-2"] },
    { line: "gonka-ha promote --validator ", words: ["main"] },
    { line: "gonka-ha check-image --host=v", words: ["val-1", "val-2"] },
    { line: "gonka-ha promote --dry", words: ["--dry-run"] },
  ])("completes $line", async ({ line, words }) => {
    expect(await pressed(line)).toEqual(words)
  })
})
