import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseTally, type Tally } from "./tally.ts"

const REPORTER = fileURLToPath(new URL("tally-reporter.ts", import.meta.url))
const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url))

export type VitestRun = { readonly code: number; readonly tally: Tally | undefined }

/** Runs vitest in a process of its own, so that whatever ends it, what it counted or did not count is still seen here. */
export async function runVitest(args: readonly string[]): Promise<VitestRun> {
  const dir = mkdtempSync(join(tmpdir(), "gonka-ha-test-"))
  const file = join(dir, "tally.json")
  try {
    const child = spawn(process.execPath, [VITEST, "run", "--reporter=default", `--reporter=${REPORTER}`, ...args], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, GONKA_HA_TALLY: file, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1", FORCE_COLOR: undefined }) },
    })
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal))
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject)
      child.once("exit", (exitCode) => resolve(exitCode ?? 1))
    })
    return { code, tally: tallyIn(file) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function tallyIn(file: string): Tally | undefined {
  try {
    return parseTally(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}
