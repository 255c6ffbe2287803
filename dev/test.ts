import { ensurePrograms, TEST_PROGRAMS } from "./setup/ensure-programs.ts"
import { ensureSetup } from "./setup/ensure-setup.ts"
import { startedMs } from "./started-ms.ts"
import { needsSetUp } from "./test/needs-set-up.ts"
import { runVitest } from "./test/run-vitest.ts"
import { verdictOf } from "./test/verdict.ts"

const report = (line: string) => process.stderr.write(`${line}\n`)

/** Every test, with all the set-up that is missing; ends with one line that says what they came to. */
async function test(args: readonly string[]): Promise<void> {
  await ensurePrograms(TEST_PROGRAMS, report)
  if (needsSetUp(args)) await ensureSetup(report)
  const { exitCode, complaints, line } = verdictOf(await runVitest(args))
  for (const complaint of complaints) report(`✗ ${complaint}`)
  report(`${((Date.now() - startedMs()) / 60_000).toFixed(1)} minutes`)
  process.stdout.write(`${line}\n`)
  process.exitCode = exitCode
}

try {
  await test(process.argv.slice(2))
} catch (error) {
  report(error instanceof Error ? error.message : String(error))
  process.stdout.write("0 passed, 1 failed, 0 skipped\n")
  process.exitCode = 1
}
