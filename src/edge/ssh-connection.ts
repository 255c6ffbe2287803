import { rmSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import { AppError, EXIT } from "../core/errors.ts"
import type { RemoteHold, RunOptions, RunResult, StreamOptions } from "../core/ports.ts"
import { shellQuote } from "../core/shell-quote.ts"
import { attached } from "./attached-child.ts"
import type { Connection, Endpoint } from "./connection.ts"
import { type HeldChild, holdOpen, says, spawnHeld } from "./held-child.ts"
import { makeSocketDirectory } from "./socket-directory.ts"
import { streamed } from "./streamed-child.ts"

/** Seconds to reach a host; a host that is down costs this once. */
const CONNECT_SECONDS = 5
const DEFAULT_RUN_MS = 60_000
/** What ssh ends with when it, and not the command, has failed. */
const SSH_FAILED = 255

type Forward = { readonly local: string; readonly remote: string }

/**
 * One OpenSSH master per host with everything else multiplexed over it. The user's ssh config, agent, jump hosts and known_hosts apply.
 *
 * The master runs `cat` on the host and holds its input open: when this process dies, however it dies, the input ends, and with it
 * the master and everything that runs over it. Nothing is left behind on either side.
 */
export class SshConnection implements Connection {
  readonly #name: string
  readonly #target: string
  readonly #options: readonly string[]
  readonly #forwards: readonly { readonly key: string; readonly remote: string }[]
  #opening: Promise<Opened> | undefined
  #isShut = false

  constructor(
    name: string,
    target: string,
    config: string | undefined,
    forwards: readonly { readonly key: string; readonly remote: string }[],
  ) {
    this.#name = name
    this.#target = target
    this.#forwards = forwards
    this.#options = [
      ...(config === undefined ? [] : ["-F", config]),
      ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"],
      ...["-o", `ConnectTimeout=${CONNECT_SECONDS}`, "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2"],
    ]
  }

  async endpoint(key: string): Promise<Endpoint> {
    const { forwards } = await this.#open()
    const forward = forwards.get(key)
    if (!forward) throw new Error(`nothing is forwarded for ${key} on ${this.#name}`)
    return { socketPath: forward.local }
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    if (options.anew && this.#isShut) this.#opening = undefined
    const { control } = await this.#open()
    const timeoutMs = options.timeoutMs ?? DEFAULT_RUN_MS
    const child = execa("ssh", [...this.#over(control), "--", this.#target, remote(argv)], {
      ...(options.stdin === undefined ? { stdin: "ignore" as const } : { input: options.stdin }),
      reject: false,
      stripFinalNewline: false,
      // A Ctrl-C on the terminal must not reach it: the step that is under way is finished first.
      detached: true,
    })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill("SIGKILL")
      // The master holds the outputs, too, for as long as the command runs over there; they are not waited for.
      child.stdout.destroy()
      child.stderr.destroy()
    }, timeoutMs)
    const result = await child
    clearTimeout(timer)
    if (timedOut) throw this.#unreachable(`no answer within ${timeoutMs / 1000} s`)
    if (result.exitCode === undefined || result.exitCode === SSH_FAILED)
      throw this.#unreachable(result.stderr.trim() || "the connection broke")
    return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr }
  }

  async stream(argv: readonly string[], options: StreamOptions): Promise<number | undefined> {
    const { control } = await this.#open()
    const { code, wasEnded } = await streamed("ssh", [...this.#over(control), "--", this.#target, remote(argv)], options)
    if (wasEnded) return undefined
    // ssh's own 255 and a command's look the same; a connection that still stands tells them apart.
    if (code === undefined || (code === SSH_FAILED && !(await this.#stands(control)))) throw this.#unreachable("the connection broke")
    return code
  }

  /** By a connection of its own, without the sockets of the others: it must work where those are forbidden, too. */
  async attach(argv: readonly string[], tty: boolean): Promise<number> {
    const command = argv.length === 0 ? [] : [remote(argv)]
    const code = await attached("ssh", [...this.#options, tty ? "-t" : "-T", "--", this.#target, ...command])
    if (code === undefined) throw this.#unreachable("ssh could not be started")
    if (code === SSH_FAILED) throw this.#unreachable("ssh ended with 255; it has said why")
    return code
  }

  async #stands(control: string): Promise<boolean> {
    const { exitCode } = await execa("ssh", ["-S", control, "-O", "check", "--", this.#target], { reject: false, stdin: "ignore" })
    return exitCode === 0
  }

  async hold(argv: readonly string[]): Promise<RemoteHold | RunResult> {
    const { control } = await this.#open()
    return holdOpen(spawnHeld("ssh", [...this.#over(control), "--", this.#target, remote(argv)]), this.#name)
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    if (!opening) return
    const opened = await opening.catch(() => undefined)
    if (!opened) return
    // Ending its input would let ssh wait for idle forwarded connections to close by themselves.
    opened.master.kill("SIGTERM")
    await opened.master
    rmSync(opened.directory, { recursive: true, force: true })
  }

  /** Opened once; a failure is remembered too, so that a host that is down costs one timeout and not one per question. */
  #open(): Promise<Opened> {
    if (!this.#opening) {
      this.#isShut = false
      this.#opening = this.#start()
      this.#opening.catch(() => {
        this.#isShut = true
      })
    }
    return this.#opening
  }

  async #start(): Promise<Opened> {
    const directory = makeSocketDirectory()
    const control = join(directory, "m")
    const forwards = new Map<string, Forward>(
      this.#forwards.map(({ key, remote }, index) => [key, { local: join(directory, `f${index}`), remote }]),
    )
    const master = spawnHeld("ssh", [
      ...["-M", "-S", control, "-o", "ControlPersist=no", ...this.#options],
      ...["-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes"],
      ...[...forwards.values()].flatMap(({ local, remote }) => ["-L", `${local}:${remote}`]),
      ...["--", this.#target, "echo ready; exec cat"],
    ])
    if (!(await says(master, "ready", (CONNECT_SECONDS + 3) * 1000))) {
      const result = await master
      rmSync(directory, { recursive: true, force: true })
      throw this.#unreachable(reasonFrom(result.stderr) || "ssh gave no reason")
    }
    return { control, directory, forwards, master }
  }

  /**
   * Through the master or not at all: without it ssh would quietly connect anew, and a command would be carried out for somebody who has
   * lost the lock together with the master. ControlMaster=no, or a user's own setting would make a master of the command.
   */
  #over(control: string): readonly string[] {
    return ["-S", control, "-o", "ControlMaster=no", "-o", "ProxyCommand=false", ...this.#options]
  }

  #unreachable(reason: string): AppError {
    return new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${this.#name} cannot be reached: ${reason}`, {
      hint: `try: ssh ${this.#target} true`,
    })
  }
}

type Opened = {
  readonly control: string
  readonly directory: string
  readonly forwards: ReadonlyMap<string, Forward>
  readonly master: HeldChild
}

/** A command as ssh takes it: one text for the shell over there. */
function remote(argv: readonly string[]): string {
  return argv.map(shellQuote).join(" ")
}

/** ssh's last line says what failed; warnings come before it. */
function reasonFrom(stderr: string): string {
  return stderr.trim().split("\n").at(-1)?.trim() ?? ""
}
