import { execa } from "execa"
import type { Feed, RunResult } from "../core/ports.ts"
import { MAX_OUTPUT_CHARS } from "./output-limit.ts"

/** How a program ended; its code is undefined when a signal ended it or when it could not be started. */
export type Fed = Omit<RunResult, "code"> & { readonly code: number | undefined }

/**
 * Runs a program whose input comes piece by piece. Where it reads slowly, whoever writes waits: nothing is kept here.
 * @param judge makes a result of how it ended, or throws
 */
export function fed(program: string, argv: readonly string[], judge: (result: Fed) => Promise<RunResult>): Feed {
  const child = execa(program, argv, {
    reject: false,
    stdin: "pipe",
    stripFinalNewline: false,
    maxBuffer: MAX_OUTPUT_CHARS,
    // A Ctrl-C on the terminal is for us, and we end it by `abort`.
    detached: true,
  })
  // Its end shows in its result; a write that comes too late is no news.
  child.stdin.on("error", () => {})
  let hasEnded = false
  void child.then(() => {
    hasEnded = true
  })
  return {
    async write(piece) {
      if (hasEnded || child.stdin.destroyed) return false
      if (!child.stdin.write(piece)) await roomIn(child.stdin)
      return !hasEnded && !child.stdin.destroyed
    },
    async end() {
      child.stdin.end()
      const { exitCode: code, stdout, stderr } = await child
      return judge({ code, stdout, stderr })
    },
    abort() {
      child.kill("SIGTERM")
      // A shared SSH connection holds the far ends open for as long as the command runs over there; they are not waited for.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
    },
  }
}

/** Until it takes more, or will never take any again. */
async function roomIn(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = () => {
      for (const event of ["drain", "close", "error"]) stream.off(event, settle)
      resolve()
    }
    for (const event of ["drain", "close", "error"]) stream.on(event, settle)
  })
}
