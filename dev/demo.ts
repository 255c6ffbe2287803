import { openSite, type Site } from "../test/drill/site.ts"
import { Lab } from "../test/lab/lab.ts"
import { interruption } from "./demo/interruption.ts"
import { lookAround } from "./demo/look-around.ts"
import { type DemoOptions, demoOptions } from "./demo/options.ts"
import { closing, playStory } from "./demo/story.ts"
import { Terminal } from "./demo/terminal.ts"
import { ensureSetup } from "./setup/ensure-setup.ts"
import { SetupError } from "./setup/setup-error.ts"
import { startedMs } from "./started-ms.ts"

/** Long enough that a planned move fits between two blocks, short enough that nobody waits for long. */
const BLOCK_MS = 3000

const report = (line: string) => process.stderr.write(`${line}\n`)

async function demo({ keep }: DemoOptions): Promise<void> {
  await ensureSetup(report)
  const interrupted = interruption()
  try {
    await Lab.cleanStale(report)
    interrupted.throwIfAborted()
    const site = await openSite({ label: "demo", blockMs: BLOCK_MS, report })
    const kept = await withTearDown(site, keep, async () => {
      const promotion = await playStory(site, new Terminal(site.operator.dir, interrupted), BLOCK_MS)
      print(["", ...(await closing(site, promotion)), "", `From the command to this receipt: ${elapsed()}`])
    })
    if (kept) print(["", ...lookAround(site)])
  } catch (error) {
    // Only the interruption itself is expected: a tear-down that failed has to be seen.
    if (error !== interrupted.reason) throw error
    process.exitCode = 130
  }
}

/** @returns whether the lab is left running: only where that was asked for and everything went well */
async function withTearDown(site: Site, keep: boolean, work: () => Promise<void>): Promise<boolean> {
  let finished = false
  try {
    await work()
    finished = true
  } finally {
    if (finished && keep) site.lab.keep()
    else await site.down()
  }
  return keep
}

function elapsed(): string {
  const seconds = Math.round((Date.now() - startedMs()) / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`)
}

const options = demoOptions(process.argv.slice(2))
if (options === undefined) {
  report("usage: npm run demo [-- --keep]")
  process.exitCode = 64
} else {
  try {
    await demo(options)
  } catch (error) {
    report(error instanceof SetupError ? error.message : String(error instanceof Error ? error.stack : error))
    process.exitCode = 1
  }
}
