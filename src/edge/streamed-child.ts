import { execa } from "execa"
import type { StreamOptions, TakePiece } from "../core/ports.ts"

/** How a command ended, and what it last wrote to standard error. */
export type Streamed = {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  /** True when we ended it: by the signal, or because nobody wanted more. */
  readonly wasEnded: boolean
}

/**
 * Runs a program and hands on what it prints, piece by piece. Where pieces are taken slowly, the pipe fills and the program waits: nothing
 * is kept here. Its open input tells a far side that we live; it ends together with this process.
 */
export async function streamed(program: string, argv: readonly string[], { out, err, signal }: StreamOptions): Promise<Streamed> {
  const child = execa(program, argv, {
    reject: false,
    buffer: false,
    stdin: "pipe",
    // A Ctrl-C on the terminal is for us, and we end it by the signal.
    detached: true,
  })
  child.stdin.on("error", () => {})
  let wasEnded = false
  const end = () => {
    wasEnded = true
    endGroup(child.pid)
    // A shared SSH connection holds the far ends open for as long as the command runs over there; they are not waited for.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  if (signal?.aborted) end()
  signal?.addEventListener("abort", end)
  const hand = async (pieces: AsyncIterable<Uint8Array>, take: TakePiece) => {
    // Leaving the loop closes the pipe, so that a program that goes on writing ends, too.
    for await (const piece of pieces) if (!(await take(piece))) return end()
  }
  try {
    await Promise.all([hand(child.stdout, out), hand(child.stderr, err)])
  } catch (error) {
    end()
    // A pipe that breaks while we end the program is no news.
    if (!isBrokenPipe(error)) throw error
  } finally {
    signal?.removeEventListener("abort", end)
  }
  const { exitCode } = await child
  return { code: exitCode, wasEnded }
}

/** Ends a program that leads a group, with everything that it has started on this machine; what runs on a host ends with its connection. */
export function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, "SIGTERM")
  } catch {
    // It has ended by itself.
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return code === "ERR_STREAM_PREMATURE_CLOSE" || code === "EPIPE" || code === "ABORT_ERR"
}
