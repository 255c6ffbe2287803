import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { commandLine } from "./command-line.ts"

export const PROGRAM = fileURLToPath(new URL("../../bin/gonka-ha.js", import.meta.url))

/** Shows what an operator would type, and what the real command line answers, as it answers. */
export class Terminal {
  readonly #dir: string
  readonly #signal: AbortSignal

  constructor(dir: string, signal: AbortSignal) {
    this.#dir = dir
    this.#signal = signal
  }

  /** Prints the command, runs it with this process's own output, and returns its exit code. */
  async type(args: readonly string[]): Promise<number> {
    this.#signal.throwIfAborted()
    process.stdout.write(`\n${commandLine("gonka-ha", args)}\n`)
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.#dir, stdio: ["ignore", "inherit", "inherit"] })
    // The lab is removed right after an interruption, so nothing has to be finished.
    const stop = () => child.kill("SIGKILL")
    this.#signal.addEventListener("abort", stop)
    try {
      // Its end is waited for in any case: what still writes into a directory must not see it removed.
      const code = await new Promise<number>((resolve, reject) => {
        child.once("error", reject)
        child.once("exit", (exitCode) => resolve(exitCode ?? -1))
      })
      this.#signal.throwIfAborted()
      return code
    } finally {
      this.#signal.removeEventListener("abort", stop)
    }
  }

  /** Runs a command that must succeed. */
  async must(args: readonly string[]): Promise<void> {
    const code = await this.type(args)
    if (code !== 0) throw new Error(`gonka-ha ${args[0]} ended with exit code ${code}`)
  }
}

/** A line that explains what comes next. */
export function tell(text: string): void {
  process.stdout.write(`\n# ${text}\n`)
}
