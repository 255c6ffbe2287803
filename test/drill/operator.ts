import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"

const PROGRAM = fileURLToPath(new URL("../../bin/gonka-ha.js", import.meta.url))

export type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string }

export type Told = { readonly env?: Readonly<Record<string, string>>; readonly killAfterMs?: number }

/** A person with a terminal and an empty directory, who has nothing but the built command line. */
export class Operator {
  readonly dir: string

  private constructor(dir: string) {
    this.dir = dir
  }

  static async sitDown(): Promise<Operator> {
    return new Operator(await mkdtemp(join(tmpdir(), "gonka-ha-operator-")))
  }

  /** Runs one command to its end, whatever its exit code. A command killed by a signal has the code -1. */
  async run(args: readonly string[], told: Told = {}): Promise<Answer> {
    const result = await execa(process.execPath, [PROGRAM, ...args], {
      cwd: this.dir,
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
      env: told.env ?? {},
      ...(told.killAfterMs === undefined ? {} : { timeout: told.killAfterMs, killSignal: "SIGKILL" as const }),
    })
    return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
  }

  /** Runs one command that must succeed. */
  async must(args: readonly string[], told: Told = {}): Promise<Answer> {
    const answer = await this.run(args, told)
    if (answer.code !== 0) throw new Error(`gonka-ha ${args.join(" ")} ended with ${answer.code}:\n${answer.stderr}\n${answer.stdout}`)
    return answer
  }

  /** The `data` of a command's JSON answer, whatever its exit code. */
  async ask(args: readonly string[]): Promise<{ readonly code: number; readonly data: unknown }> {
    const answer = await this.run([...args, "--json"])
    const parsed: unknown = JSON.parse(answer.stdout)
    if (typeof parsed !== "object" || parsed === null || !("data" in parsed))
      throw new Error(`gonka-ha ${args.join(" ")} gave no data: ${answer.stdout}`)
    return { code: answer.code, data: parsed.data }
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  async leave(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}
