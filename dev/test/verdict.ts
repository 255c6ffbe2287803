import type { VitestRun } from "./run-vitest.ts"

export type TestVerdict = { readonly exitCode: 0 | 1; readonly complaints: readonly string[]; readonly line: string }

/** The last line of a run and its exit code. The line never claims 0 failed when the exit code is not 0 because of a failure. */
export function verdictOf({ code, tally }: VitestRun): TestVerdict {
  if (tally === undefined) return verdict([`vitest ended with ${code} and counted nothing`], 0, 1, 0)
  const { passed, failed, skipped, broken } = tally
  const failures = failed + broken.length
  if (failures > 0) return verdict(broken, passed, failures, skipped)
  if (passed === 0) return { exitCode: 1, complaints: ["no test ran"], line: lineOf(0, 0, skipped) }
  return code === 0
    ? { exitCode: 0, complaints: [], line: lineOf(passed, 0, skipped) }
    : verdict([`vitest ended with ${code}`], passed, 1, skipped)
}

function verdict(complaints: readonly string[], passed: number, failed: number, skipped: number): TestVerdict {
  return { exitCode: 1, complaints, line: lineOf(passed, failed, skipped) }
}

function lineOf(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
