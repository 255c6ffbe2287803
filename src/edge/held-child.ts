import { execa } from "execa"
import type { RemoteHold, RunResult } from "../core/ports.ts"

/** What it says is kept no longer than this, and its end counts: it may live for hours. */
const MAX_KEPT_CHARS = 100_000

/**
 * A child whose open input keeps something alive; when this process dies, the input ends and so does the thing.
 * It has a process group of its own: a Ctrl-C on the terminal is for us, and must not cut the connection in the middle of a step.
 */
export function spawnHeld(command: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = execa(command, argv, { reject: false, buffer: false, stdin: "pipe", detached: true, env })
  // Its end is no surprise here: a write to it may fail between its death and our hearing of it.
  child.stdin.on("error", () => {})
  const kept = { stdout: "", stderr: "" }
  for (const output of ["stdout", "stderr"] as const) {
    child[output].setEncoding("utf8").on("data", (piece: string) => {
      kept[output] = `${kept[output]}${piece}`.slice(-MAX_KEPT_CHARS)
    })
  }
  const ended = child.then(({ exitCode, shortMessage }) => ({ code: exitCode, ...kept, shortMessage }))
  return { child, kept, ended }
}

export type HeldChild = ReturnType<typeof spawnHeld>

const WORD_TIMEOUT_MS = 15_000
const SIGN_OF_LIFE_MS = 3000

/** Waits until a child prints a word on a line of its own; what a login script prints before is passed over. False when it ends or says nothing in time. */
export async function says({ child, kept, ended }: HeldChild, word: string, timeoutMs: number = WORD_TIMEOUT_MS): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => child.kill("SIGKILL"), timeoutMs)
    const settle = (said: boolean) => {
      clearTimeout(giveUp)
      child.stdout.off("data", look)
      resolve(said)
    }
    const look = () => {
      const lines = kept.stdout.split("\n").slice(0, -1)
      if (lines.some((line) => line.trim() === word)) settle(true)
    }
    child.stdout.on("data", look)
    void ended.then(() => settle(false))
  })
}

/** Waits for the child to say `held`, then keeps telling it that we live; a child that ends without saying so is a result. */
export async function holdOpen(held: HeldChild, host: string): Promise<RemoteHold | RunResult> {
  const { child, ended } = held
  if (!(await says(held, "held"))) {
    const { code, stdout, stderr } = await ended
    return { code: code ?? 255, stdout, stderr }
  }
  const heartbeat = setInterval(() => child.stdin.write("."), SIGN_OF_LIFE_MS)
  const lost = ended.then(({ stderr }) => {
    clearInterval(heartbeat)
    return stderr.trim() || `the session on ${host} ended`
  })
  return {
    lost,
    release: async () => {
      clearInterval(heartbeat)
      child.stdin.end()
      await lost
    },
  }
}
