import { Duplex } from "node:stream"
import { execa } from "execa"
import { endGroup } from "./streamed-child.ts"

const MAX_SAID_CHARS = 2000

/**
 * A program whose input and output are one stream, as if it were a connection. When it fails before it has said anything, what it wrote to
 * standard error is the stream's error.
 */
export function pipedChild(program: string, argv: readonly string[]): Duplex {
  return new PipedChild(program, argv)
}

class PipedChild extends Duplex {
  readonly #child
  #hasSpoken = false
  #said = ""

  constructor(program: string, argv: readonly string[]) {
    super()
    // A Ctrl-C on the terminal must not reach it: the step that is under way is finished first.
    this.#child = execa(program, argv, { reject: false, buffer: false, stdin: "pipe", detached: true })
    // A write to one that has ended is told by its end.
    this.#child.stdin.on("error", () => {})
    this.#child.stdout.on("data", (piece: Buffer) => {
      this.#hasSpoken = true
      if (!this.push(piece)) this.#child.stdout.pause()
    })
    this.#child.stderr.on("data", (piece: Buffer) => {
      this.#said = `${this.#said}${piece}`.slice(-MAX_SAID_CHARS)
    })
    void this.#child.then(({ exitCode, shortMessage }) => {
      if (exitCode === 0 || this.#hasSpoken) this.push(null)
      else this.destroy(new Error(this.#said.trim().split("\n").at(-1) || shortMessage || `${program} ended with ${exitCode}`))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(piece: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(piece, encoding, () => done())
    else done()
  }

  override _final(done: () => void): void {
    this.#child.stdin.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    endGroup(this.#child.pid)
    // A shared SSH connection holds the far ends open for as long as the command runs over there; they are not waited for.
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
    done(error)
  }
}
