import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"

const PROGRAM = fileURLToPath(new URL("../../bin/gonka-ha.js", import.meta.url))

/** A command killed by a signal has the code -1. */
export type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string }

export type Told = { readonly env?: Readonly<Record<string, string>>; readonly killAfterMs?: number }

/** A command under way. */
export type Command = { readonly answer: Promise<Answer>; kill(): void }

/** A person with a terminal and an empty directory, who has nothing but the built command line. */
export class Operator {
  readonly dir: string
  readonly #heard: { readonly args: readonly string[]; readonly answer: Answer }[] = []

  private constructor(dir: string) {
    this.dir = dir
  }

  /** In a lab's own directory, whoever removes the lab removes what the operator left, too, also after a crash. */
  static async sitDown(parent = tmpdir()): Promise<Operator> {
    return new Operator(await mkdtemp(join(parent, "gonka-ha-operator-")))
  }

  /** Everything that any command has said so far. */
  get heard(): readonly { readonly args: readonly string[]; readonly answer: Answer }[] {
    return this.#heard
  }

  /** Begins one command; the caller awaits its answer. */
  start(args: readonly string[], told: Told = {}): Command {
    const child = execa(process.execPath, [PROGRAM, ...args], {
      cwd: this.dir,
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
      env: told.env ?? {},
      ...(told.killAfterMs === undefined ? {} : { timeout: told.killAfterMs, killSignal: "SIGKILL" as const }),
    })
    const hear = async (): Promise<Answer> => {
      const result = await child
      const answer = { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
      this.#heard.push({ args, answer })
      return answer
    }
    return { answer: hear(), kill: () => void child.kill("SIGKILL") }
  }

  /** Runs one command to its end, whatever its exit code. */
  run(args: readonly string[], told: Told = {}): Promise<Answer> {
    return this.start(args, told).answer
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
    return { code: answer.code, data: dataOf(args, answer) }
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  async leave(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** What a command answers with `--json`: all of it, or the last line where progress comes before it. */
export function answerIn(stdout: string): unknown {
  return JSON.parse(stdout.startsWith("{\n") ? stdout : (stdout.trimEnd().split("\n").at(-1) ?? ""))
}

function dataOf(args: readonly string[], answer: Answer): unknown {
  const said = `gonka-ha ${args.join(" ")} ended with ${answer.code}:\n${answer.stderr}\n${answer.stdout}`
  if (answer.stdout === "") throw new Error(said)
  const parsed = answerIn(answer.stdout)
  if (typeof parsed !== "object" || parsed === null || !("data" in parsed)) throw new Error(said)
  return parsed.data
}
