import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import type { Lab } from "../lab/lab.ts"

const PATIENCE_MS = 60_000
const SHELL_CHANGES_MS = 1500

/** A person's shell on one host, over SSH, in which lines are typed one after the other; a shell that a line opens hears the next ones. */
export class Hand {
  readonly #shell: ChildProcessWithoutNullStreams
  #said = ""
  #typed = 0

  constructor(lab: Lab, host: string) {
    this.#shell = spawn("ssh", ["-F", lab.sshConfig, host, "sh"])
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding("utf8")
      stream.on("data", (text: string) => {
        this.#said += text
      })
    }
  }

  /** What a block printed on either stream, and the exit code of its last line. */
  async type(block: string): Promise<{ readonly code: number; readonly text: string }> {
    const lines = block.split("\n")
    const last = lines.at(-1) ?? ""
    if (!/(?: sh|^exit)$/.test(last)) return this.#say(block)
    // A shell reads ahead: what another one is to hear must not be there yet when this one opens it or leaves. So this one is first heard to
    // be there and idle, and then gets its line alone.
    const before = await this.#say(lines.length > 1 ? lines.slice(0, -1).join("\n") : ":")
    this.#shell.stdin.write(`${last}\n`)
    await new Promise((resolve) => setTimeout(resolve, SHELL_CHANGES_MS))
    const after = await this.#say("(exit $?)")
    return { code: after.code, text: `${before.text}\n${after.text}`.trim() }
  }

  async #say(block: string): Promise<{ readonly code: number; readonly text: string }> {
    const mark = `typed-${++this.#typed}`
    const from = this.#said.length
    this.#shell.stdin.write(`${block}\nprintf '\\n%s %s\\n' ${mark} $?\n`)
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      const found = new RegExp(`^${mark} (\\d+)$`, "m").exec(this.#said.slice(from))
      if (found) return { code: Number(found[1]), text: this.#said.slice(from, from + found.index).trim() }
      if (Date.now() > until || this.#shell.exitCode !== null) throw new Error(`no end of: ${block}\n${this.#said.slice(from)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  leave(): void {
    this.#shell.stdin.end()
    this.#shell.kill()
  }
}
