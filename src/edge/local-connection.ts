import type { Duplex } from "node:stream"
import { execa } from "execa"
import { AppError, EXIT } from "../core/errors.ts"
import type { Feed, RemoteHold, RunOptions, RunResult, StreamOptions } from "../core/ports.ts"
import { attached } from "./attached-child.ts"
import { type Connection, DOCKER_SOCKET, type Endpoint } from "./connection.ts"
import { fed } from "./fed-child.ts"
import { holdOpen, spawnHeld } from "./held-child.ts"
import { MAX_OUTPUT_CHARS, tooMuch } from "./output-limit.ts"
import { pipedChild } from "./piped-child.ts"
import { streamed } from "./streamed-child.ts"

const DEFAULT_RUN_MS = 60_000

/** This machine as a host of the deployment. */
export class LocalConnection implements Connection {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const [command = "true", ...rest] = argv
    const result = await execa(command, rest, {
      ...(options.stdin === undefined ? { stdin: "ignore" as const } : { input: options.stdin }),
      timeout: options.timeoutMs ?? DEFAULT_RUN_MS,
      // A Ctrl-C on the terminal must not reach it: the step that is under way is finished first.
      detached: true,
      reject: false,
      maxBuffer: MAX_OUTPUT_CHARS,
      stripFinalNewline: false,
    })
    if (result.isMaxBuffer) throw tooMuch(argv, this.#name)
    if (result.exitCode === undefined) {
      throw new AppError("REMOTE_COMMAND", EXIT.unreachable, `${command} cannot be run on ${this.#name}: ${result.shortMessage}`)
    }
    return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr }
  }

  async stream(argv: readonly string[], options: StreamOptions): Promise<number | undefined> {
    const [command = "true", ...rest] = argv
    const { code, wasEnded } = await streamed(command, rest, options)
    if (code === undefined && !wasEnded) throw this.#cannotRun(command)
    return wasEnded ? undefined : code
  }

  async feed(argv: readonly string[]): Promise<Feed> {
    const [command = "true", ...rest] = argv
    return fed(command, rest, async (result) => {
      if (result.code === undefined) throw this.#cannotRun(command)
      return { ...result, code: result.code }
    })
  }

  async attach(argv: readonly string[]): Promise<number> {
    const [command = process.env.SHELL ?? "sh", ...rest] = argv
    const code = await attached(command, rest)
    if (code === undefined) throw this.#cannotRun(command)
    return code
  }

  #cannotRun(command: string): AppError {
    return new AppError("REMOTE_COMMAND", EXIT.unreachable, `${command} cannot be run on ${this.#name}`)
  }

  async hold(argv: readonly string[]): Promise<RemoteHold | RunResult> {
    const [command = "true", ...rest] = argv
    return holdOpen(spawnHeld(command, rest), this.#name)
  }

  async endpoint(key: string): Promise<Endpoint> {
    return key === "docker" ? { socketPath: DOCKER_SOCKET } : { port: Number(key) }
  }

  async pipe(argv: readonly string[]): Promise<Duplex> {
    const [command = "true", ...rest] = argv
    return pipedChild(command, rest)
  }

  async refusesForwards(): Promise<boolean> {
    return false
  }

  async hasJustRefused(): Promise<boolean> {
    return false
  }

  async close(): Promise<void> {}
}
