import { writeFileSync } from "node:fs"
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node"
import type { Tally } from "./tally.ts"

const SLOW_PROJECT = "e2e"

/** Counts what really happened, and says which end-to-end test is under way: those take minutes. */
export class TallyReporter implements Reporter {
  onTestCaseReady(test: TestCase): void {
    if (test.project.name === SLOW_PROJECT && test.options.mode === "run") process.stderr.write(`\n▶ ${test.fullName}\n`)
  }

  onTestCaseResult(test: TestCase): void {
    if (test.project.name !== SLOW_PROJECT) return
    const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1)
    process.stderr.write(`${test.result().state === "failed" ? "✗" : "·"} ${test.fullName}: ${test.result().state} after ${seconds} s\n`)
  }

  onTestRunEnd(modules: readonly TestModule[], strayErrors: readonly SerializedError[]): void {
    const file = process.env.GONKA_HA_TALLY
    if (file === undefined) throw new Error("GONKA_HA_TALLY does not say where the tally goes")
    writeFileSync(file, JSON.stringify(tallyOf(modules, strayErrors)))
  }
}

function tallyOf(modules: readonly TestModule[], strayErrors: readonly SerializedError[]): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  return {
    passed: count("passed"),
    // A test that was still under way when the run ended has not passed.
    failed: count("failed") + count("pending"),
    skipped: count("skipped"),
    broken: [
      ...modules.flatMap((module) => module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`)),
      ...modules.flatMap((module) =>
        [...module.children.allSuites()].flatMap((suite) => suite.errors().map(({ message }) => `${suite.fullName}: ${message}`)),
      ),
      ...strayErrors.map(({ message }) => `outside of any test: ${message}`),
    ],
  }
}

// vitest takes a reporter's default export only.
export { TallyReporter as default }
