import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import { cacheDir } from "./cache-dir.ts"
import { SetupError } from "./setup-error.ts"

export type RunOptions = {
  readonly log: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const TAIL_LINES = 15

/** Runs a long build with its output in a log of the cache; a failure shows the end of that log. */
export async function runLogged(argv: readonly string[], options: RunOptions): Promise<void> {
  const [file, ...args] = argv
  if (file === undefined) throw new SetupError("empty command")
  const logPath = join(cacheDir(), `${options.log}.log`)
  const log = openSync(logPath, "w")
  try {
    const result = await execa(file, args, {
      reject: false,
      stdin: "ignore",
      stdout: { file: logPath, append: true },
      stderr: { file: logPath, append: true },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
    })
    if (!result.failed) return
    const tail = readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-TAIL_LINES).join("\n")
    throw new SetupError(`${argv.join(" ")} failed (${result.shortMessage})\n${tail}\nThe whole log: ${logPath}`)
  } finally {
    closeSync(log)
  }
}
