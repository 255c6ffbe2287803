import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { stripVTControlCharacters } from "node:util"

/** A command on a terminal of its own, made by script(1), with a person who reads before typing. */
export class PseudoTerminal {
  readonly #child: ChildProcessWithoutNullStreams
  #screen = ""
  #written = ""
  #read = 0
  /** Called once when there is something new to look at. */
  #wake: () => void = () => {}

  constructor(command: string, options: { readonly cwd: string }) {
    // What whoever runs the tests wants of colours is no matter of this terminal.
    const { NO_COLOR: _, ...env } = process.env
    // A terminal that script(1) makes without having one itself has no columns. The command takes the shell's place: some shells die of a
    // Ctrl-C before the command that it was for has ended, and with them goes its exit code.
    this.#child = spawn("script", ["-qefc", `stty cols 140 rows 50 && exec env ${command}`, "/dev/null"], {
      ...options,
      env: { ...env, TERM: "xterm", SHELL: "/bin/sh" },
    })
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#written += text
      this.#screen += stripVTControlCharacters(text)
      this.#wake()
    })
    this.#child.on("close", () => this.#wake())
  }

  /** Reads on until a text appears that was not read before. */
  async reads(text: string): Promise<void> {
    for (;;) {
      const at = this.#screen.indexOf(text, this.#read)
      if (at >= 0) {
        this.#read = at + text.length
        return
      }
      if (this.#child.exitCode !== null) throw new Error(`the command ended before it said ${text}:\n${this.#screen}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  types(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** The exit code of the command, everything that it showed, and the same with the codes that moved the cursor. */
  async ends(): Promise<{ readonly exit: number | null; readonly screen: string; readonly written: string }> {
    if (this.#child.exitCode === null) await once(this.#child, "close")
    return { exit: this.#child.exitCode, screen: this.#screen, written: this.#written }
  }

  close(): void {
    this.#child.kill("SIGKILL")
  }
}
