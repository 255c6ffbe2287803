import { rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { execa } from "execa"
import { AppError, EXIT } from "../core/errors.ts"
import type { Feed, RemoteHold, RunOptions, RunResult, StreamOptions } from "../core/ports.ts"
import { printable } from "../core/printable.ts"
import { shellQuote } from "../core/shell-quote.ts"
import { attached } from "./attached-child.ts"
import type { Connection, Endpoint } from "./connection.ts"
import { fed } from "./fed-child.ts"
import { type HeldChild, holdOpen, says, spawnHeld } from "./held-child.ts"
import { MAX_OUTPUT_CHARS, tooMuch } from "./output-limit.ts"
import { pipedChild } from "./piped-child.ts"
import { makeSocketDirectory } from "./socket-directory.ts"
import { sshFault } from "./ssh-fault.ts"
import { streamed } from "./streamed-child.ts"
import { turnstile } from "./turnstile.ts"

/** Seconds to reach a host; a host that is down costs this once. */
const CONNECT_SECONDS = 5
/** And to log in there. */
const LOGIN_SECONDS = CONNECT_SECONDS + 3
const DEFAULT_RUN_MS = 60_000
/** A master that is alive answers at once. */
const CHECK_MS = 5000
/** What ssh ends with when it, and not the command, has failed. */
const SSH_FAILED = 255

const OUR_COMMAND = ["RemoteCommand=none", "RequestTTY=no"]
/** Above everything else: ssh's own words are read here, and a user's settings must not undo what is asked of it. */
const OF_MASTER = ["LogLevel=INFO", "ClearAllForwardings=no", ...OUR_COMMAND, "ExitOnForwardFailure=yes", "StreamLocalBindUnlink=yes"]
/** What ssh says when sshd forbids a connection to one of the host's ports. */
const REFUSED = /open failed: (?:administratively prohibited|unknown channel type)/

/** Its words are looked for. */
const IN_ENGLISH = { LC_ALL: "C" }

/**
 * To connect costs a tenth of a second of this machine's processor. Where many clients begin together on few cores, each takes so long that
 * hosts which are well seem to be silent; so no more of them begin in half a second than the cores can do in it.
 */
const enter = turnstile(Math.max(12, 4 * availableParallelism()), 500)

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
  readonly #config: string | undefined
  readonly #sudo: boolean
  readonly #options: readonly string[]
  readonly #forwards: readonly { readonly key: string; readonly remote: string }[]
  #opening: Promise<Opened> | undefined
  #isShut = false

  constructor(
    name: string,
    target: string,
    config: string | undefined,
    forwards: readonly { readonly key: string; readonly remote: string }[],
    sudo: boolean,
  ) {
    this.#name = name
    this.#target = target
    this.#config = config
    this.#forwards = forwards
    this.#sudo = sudo
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
    const child = execa("ssh", [...this.#over(control), "--", this.#target, this.#remote(argv)], {
      ...(options.stdin === undefined ? { stdin: "ignore" as const } : { input: options.stdin }),
      reject: false,
      stripFinalNewline: false,
      maxBuffer: MAX_OUTPUT_CHARS,
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
    if (result.isMaxBuffer) throw tooMuch(argv, this.#name)
    if (timedOut) throw this.#unreachable(`no answer within ${timeoutMs / 1000} s`)
    if (result.exitCode === undefined || result.exitCode === SSH_FAILED)
      throw this.#unreachable(result.stderr.trim() || "the connection broke")
    return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr }
  }

  async stream(argv: readonly string[], options: StreamOptions): Promise<number | undefined> {
    const { control } = await this.#open()
    const { code, wasEnded } = await streamed("ssh", [...this.#over(control), "--", this.#target, this.#remote(argv)], options)
    if (wasEnded) return undefined
    // ssh's own 255 and a command's look the same; a connection that still stands tells them apart.
    if (code === undefined || (code === SSH_FAILED && !(await this.#stands(control)))) throw this.#unreachable("the connection broke")
    return code
  }

  async feed(argv: readonly string[]): Promise<Feed> {
    const { control } = await this.#open()
    return fed("ssh", [...this.#over(control), "--", this.#target, this.#remote(argv)], async (result) => {
      const { code } = result
      if (code === undefined || (code === SSH_FAILED && !(await this.#stands(control)))) throw this.#unreachable("the connection broke")
      return { ...result, code }
    })
  }

  /** By a connection of its own, without the sockets of the others: it must work where those are forbidden, too. */
  async attach(argv: readonly string[], tty: boolean): Promise<number> {
    const command = argv.length === 0 ? [] : [this.#remote(argv)]
    const own = argv.length === 0 ? [] : ["-o", "RemoteCommand=none"]
    const code = await attached("ssh", [...own, ...this.#options, tty ? "-t" : "-T", "--", this.#target, ...command])
    if (code === undefined) throw this.#unreachable("ssh could not be started")
    if (code === SSH_FAILED) throw this.#unreachable("ssh ended with 255; it has said why")
    return code
  }

  async #stands(control: string): Promise<boolean> {
    const { exitCode } = await execa("ssh", ["-S", control, "-O", "check", "--", this.#target], {
      ...{ reject: false, stdin: "ignore" },
      timeout: CHECK_MS,
    })
    return exitCode === 0
  }

  async hold(argv: readonly string[]): Promise<RemoteHold | RunResult> {
    const { control } = await this.#open()
    return holdOpen(spawnHeld("ssh", [...this.#over(control), "--", this.#target, this.#remote(argv)]), this.#name)
  }

  async pipe(argv: readonly string[]): Promise<Duplex> {
    const { control } = await this.#open()
    return pipedChild("ssh", [...this.#over(control), "--", this.#target, this.#remote(argv)])
  }

  async refusesForwards(): Promise<boolean> {
    // Nobody is knocked at for this: a connection that was closed meanwhile stays closed.
    const opened = await this.#opening?.catch(() => undefined)
    return opened?.told.hasRefused ?? false
  }

  async hasJustRefused(): Promise<boolean> {
    const opened = await this.#opening?.catch(() => undefined)
    if (opened === undefined) return false
    // The master does one thing after the other: what it answers now, it answers behind its word on the connection that it has closed.
    if (!opened.told.hasRefused && (await this.#stands(opened.control))) await setImmediate()
    return opened.told.hasRefused
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    if (!opening) return
    const opened = await opening.catch(() => undefined)
    if (!opened) return
    // Ending its input would let ssh wait for idle forwarded connections to close by themselves.
    opened.master.child.kill("SIGTERM")
    await opened.master.ended
    rmSync(opened.directory, { recursive: true, force: true })
  }

  /** Opened once; a failure is remembered too, so that a host that is down costs one timeout and not one per question. */
  #open(): Promise<Opened> {
    if (!this.#opening) {
      this.#isShut = false
      this.#opening = enter(() => this.#start())
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
    const argv = [
      ...["-M", "-S", control, "-o", "ControlPersist=no", ...this.#options],
      ...OF_MASTER.flatMap((option) => ["-o", option]),
      ...[...forwards.values()].flatMap(({ local, remote }) => ["-L", `${local}:${remote}`]),
      ...["--", this.#target, `${this.#sudo ? SUDO_FIRST : ""}echo ready; exec cat`],
    ]
    const master = spawnHeld("ssh", argv, IN_ENGLISH)
    const told = { hasRefused: false }
    master.child.stderr.on("data", (piece: string) => {
      if (REFUSED.test(piece)) told.hasRefused = true
    })
    if (!(await says(master, "ready", LOGIN_SECONDS * 1000))) {
      const result = await master.ended
      rmSync(directory, { recursive: true, force: true })
      throw await this.#notOpened(result)
    }
    return { control, directory, forwards, master, told }
  }

  async #notOpened({ code, stderr, stdout, shortMessage }: Awaited<HeldChild["ended"]>): Promise<AppError> {
    const tried = { target: this.#target, config: this.#config }
    if (shortMessage?.includes("ENOENT")) return this.#unreachable("ssh is not installed on this machine", "install OpenSSH's client")
    if (this.#sudo && code === NO_SUDO)
      return this.#useless(
        `its user may not use sudo without a password: ${stderr.trim().split("\n").at(-1)}`,
        "allow it there (`USER ALL=(root) NOPASSWD: ALL` in a file of /etc/sudoers.d), or log in as root without `sudo: true`",
      )
    // A login that was refused by ssh ends with its own code; what ends otherwise is a shell there that does not run commands.
    if (code !== undefined && code !== SSH_FAILED) {
      const last = `${stdout}\n${stderr}`.trim().split("\n").at(-1)
      return this.#useless(`its login shell ended with ${code}: ${last}`, "the user there needs a shell that runs commands")
    }
    if (code === undefined && stderr.trim() === "") return this.#unreachable(`no answer within ${LOGIN_SECONDS} s`)
    const fault = sshFault(stderr, tried)
    if (!fault.isUnknownKey) return this.#unreachable(fault.reason, fault.hint)
    const more = await execa("ssh", ["-v", ...this.#options, "--", this.#target, "true"], {
      ...{ reject: false, stdin: "ignore", detached: true, env: IN_ENGLISH, maxBuffer: MAX_OUTPUT_CHARS },
      timeout: LOGIN_SECONDS * 1000,
    })
    const known = sshFault(more.stderr, tried)
    return known.isUnknownKey ? this.#unreachable(known.reason, known.hint) : this.#unreachable(fault.reason, fault.hint)
  }

  /**
   * Through the master or not at all: without it ssh would quietly connect anew, and a command would be carried out for somebody who has
   * lost the lock together with the master. ControlMaster=no, or a user's own setting would make a master of the command.
   */
  #over(control: string): readonly string[] {
    return [
      "-S",
      control,
      "-o",
      "ControlMaster=no",
      "-o",
      "ProxyCommand=false",
      ...OUR_COMMAND.flatMap((option) => ["-o", option]),
      ...this.#options,
    ]
  }

  /** A command as ssh takes it: one text for the shell over there. */
  #remote(argv: readonly string[]): string {
    return `${this.#sudo ? BY_SUDO : ""}${argv.map(shellQuote).join(" ")}`
  }

  /** It has let us in, so it is there and alive. */
  #useless(reason: string, hint: string): AppError {
    return new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${this.#name} cannot be used: ${printable(reason)}`, {
      hint,
      answers: true,
    })
  }

  #unreachable(reason: string, hint = sshFault("", { target: this.#target, config: this.#config }).hint): AppError {
    return new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${this.#name} cannot be reached: ${printable(reason)}`, { hint })
  }
}

type Opened = {
  readonly control: string
  readonly directory: string
  readonly forwards: ReadonlyMap<string, Forward>
  readonly master: HeldChild
  /** What the master has told since. */
  readonly told: { readonly hasRefused: boolean }
}

/** Who asks from where is told on, for audit lines; sudo would keep it to itself. */
const BY_SUDO = 'sudo -n -- env SSH_CLIENT="$SSH_CLIENT" '
const NO_SUDO = 77
const SUDO_FIRST = `sudo -n -- env true || exit ${NO_SUDO}; `
