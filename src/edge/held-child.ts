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

/** The first line that a child prints, or undefined when it ends without one. */
export async function firstLine(child: HeldChild): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ""
    child.stdout.on("data", (chunk: Buffer | string) => {
      text += String(chunk)
      const end = text.indexOf("\n")
      if (end >= 0) resolve(text.slice(0, end).trim())
    })
    void child.then(() => resolve(undefined))
  })
}

/** Waits for the child to say `held`; a child that ends without saying so is a result. */
export async function holdOpen(child: HeldChild, host: string): Promise<RemoteHold | RunResult> {
  const first = await firstLine(child)
  if (first !== "held") {
    const result = await child
    return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr }
  }
  return {
    lost: child.then((result) => result.stderr.trim() || `the session on ${host} ended`),
    release: async () => {
      child.stdin.end()
      await child
    },
  }
}
