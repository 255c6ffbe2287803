import { execa } from "execa"
import type { RemoteHold, RunResult } from "../core/ports.ts"

/**
 * A child whose open input keeps something alive; when this process dies, the input ends and so does the thing.
 * It has a process group of its own: a Ctrl-C on the terminal is for us, and must not cut the connection in the middle of a step.
 */
export function spawnHeld(command: string, argv: readonly string[]) {
  return execa(command, argv, { reject: false, stdin: "pipe", detached: true })
}

export type HeldChild = ReturnType<typeof spawnHeld>

const WORD_TIMEOUT_MS = 15_000
const SIGN_OF_LIFE_MS = 3000

/** Waits until a child prints a word on a line of its own; what a login script prints before is passed over. False when it ends or says nothing in time. */
export async function says(child: HeldChild, word: string, timeoutMs: number = WORD_TIMEOUT_MS): Promise<boolean> {
  return new Promise((resolve) => {
    let text = ""
    const giveUp = setTimeout(() => child.kill("SIGKILL"), timeoutMs)
    const settle = (said: boolean) => {
      clearTimeout(giveUp)
      resolve(said)
    }
    child.stdout.on("data", (chunk: Buffer | string) => {
      text += String(chunk)
      if (
        text
          .split("\n")
          .slice(0, -1)
          .some((line) => line.trim() === word)
      )
        settle(true)
    })
    void child.then(() => settle(false))
  })
}

/** Waits for the child to say `held`, then keeps telling it that we live; a child that ends without saying so is a result. */
export async function holdOpen(child: HeldChild, host: string): Promise<RemoteHold | RunResult> {
  // Its end is no surprise here: a write to it may fail between its death and our hearing of it.
  child.stdin.on("error", () => {})
  if (!(await says(child, "held"))) {
    const result = await child
    return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr }
  }
  const heartbeat = setInterval(() => child.stdin.write("."), SIGN_OF_LIFE_MS)
  const ended = child.then((result) => {
    clearInterval(heartbeat)
    return result.stderr.trim() || `the session on ${host} ended`
  })
  return {
    lost: ended,
    release: async () => {
      clearInterval(heartbeat)
      child.stdin.end()
      await ended
    },
  }
}
