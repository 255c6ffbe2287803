import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { onTestFinished } from "vitest"
import { LAUNCH } from "../../src/app/steps/signer-move.ts"
import { toKernel } from "../../src/core/observe/kernel-address.ts"
import { parseSignerMove, type SignerMove } from "../../src/core/observe/signer-move.ts"
import { TEMPLATES_DIR } from "./package-paths.ts"
import { temporaryDir } from "./temporary-dir.ts"

export const CONTAINER = "lab-main-signer"
/** Ids of the signer's container, before and after it is made anew. */
const OLD_ID = "a".repeat(64)
const NEW_ID = "b".repeat(64)

/** Runs as a process called tmkms: dials one port again and again, as tmkms does. */
const TMKMS = `process.title = "tmkms"
import { connect } from "node:net"
const dial = () => {
  const socket = connect(Number(process.argv[2]), "127.0.0.1")
  socket.on("error", () => {})
  socket.on("close", () => setTimeout(dial, 50))
}
dial()
`

/**
 * Stands in for the engine with one container, whose process is real and holds the key's lock as the guard has it do. A file
 * \`on-VERB\` is read before a verb is done, and may end it. Starting a second process, or one without the key's lock, is a violation.
 */
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")/../engine"
verb=$1
[ "$verb" = inspect ] || [ "$verb" = logs ] || echo "$verb $(cat "$CONTROL/aim" 2>/dev/null)" >>calls
do_start() {
  for pid in ../proc/*; do [ ! -e "$pid/comm" ] || echo "a second process" >>violations; done
  aim=$(cat "$CONTROL/aim")
  if [ -e "guard-refuses-$aim" ]; then cat "guard-refuses-$aim" >log; echo restarting >status; return; fi
  ( exec 9>>"$MARKS/running.lock"; flock -n 9 || echo "the key's lock is held" >>violations
    exec setsid ../bin/tmkms ../engine/tmkms.mjs "$(cat "port-$aim")" ) >/dev/null 2>&1 </dev/null &
  pid=$!
  mkdir -p "../proc/$pid/net"
  ln -s "/proc/$pid/net/tcp" "../proc/$pid/net/tcp"
  echo "0::/system.slice/docker-$(cat id).scope" >"../proc/$pid/cgroup"
  ln -s "/proc/$pid/comm" "../proc/$pid/comm"
  echo "$pid" >pid
  echo running >status
}
do_kill() {
  if [ -e pid ]; then kill -9 "$(cat pid)"; rm -rf "../proc/$(cat pid)" pid; fi
  echo exited >status
}
# One whose process has ended by itself has exited.
[ ! -e pid ] || [ -e "../proc/$(cat pid)/comm" ] || do_kill
[ ! -e "on-$verb" ] || . "./on-$verb"
case $verb in
  inspect)
    if [ -e id ]; then echo "$(cat id) $(cat status)"; else echo; echo "Error response from daemon: No such container: ${CONTAINER}" >&2; exit 1; fi ;;
  kill) do_kill; echo ${CONTAINER} ;;
  start) [ -e id ] || { echo "Error response from daemon: No such container: ${CONTAINER}" >&2; exit 1; }
    [ "$(cat status)" = running ] || do_start ;;
  logs) cat log ;;
  compose) printf '%s\\n' "$*" >composed; echo ${NEW_ID} >id; echo created >status ;;
esac
`

export type MoveEnd = {
  readonly code: number | undefined
  readonly stderr: string
  /** The record that the launcher gave. */
  readonly move: SignerMove | undefined
}

/** A signer's host in a directory: the real section with real locks and processes, and a stand-in for the engine. */
export class MoveHost {
  readonly #root = temporaryDir()
  readonly control = this.path("deployment/signers/main/control")
  readonly #env: NodeJS.ProcessEnv
  readonly #ports = new Map<string, number>()
  #lock: ChildProcess | undefined

  constructor() {
    for (const dir of ["bin", "engine", "proc", "marks", "deployment/signers/main/control", "deployment/lock/main"])
      mkdirSync(this.path(dir), { recursive: true })
    writeFileSync(this.path("bin/docker"), DOCKER)
    chmodSync(this.path("bin/docker"), 0o755)
    symlinkSync(process.execPath, this.path("bin/tmkms"))
    this.engine("tmkms.mjs", TMKMS)
    this.engine("id", OLD_ID)
    this.engine("status", "created")
    this.write("epoch", "4")
    this.write("aim", "node-1")
    this.state("1000", 2)
    this.#env = {
      PATH: `${this.path("bin")}:${process.env.PATH}`,
      GONKA_HA_PROC: this.path("proc"),
      CONTROL: this.control,
      MARKS: this.path("marks"),
    }
    onTestFinished(async () => {
      for (const pid of execFileSync("ls", [this.path("proc")], { encoding: "utf8" }).split("\n")) if (pid !== "") end(Number(pid))
      await this.letGoOfLock()
    })
  }

  /** Both nodes answer, the signer runs for node-1, and its lock is held. */
  static async running(): Promise<MoveHost> {
    const host = new MoveHost()
    await host.node("node-1")
    await host.node("node-2")
    await host.holdLock()
    await host.docker("start")
    rmSync(host.path("engine/calls"))
    return host
  }

  /** The same with a signer that was killed. */
  static async stopped(): Promise<MoveHost> {
    const host = await MoveHost.running()
    await host.docker("kill")
    rmSync(host.path("engine/calls"))
    return host
  }

  path(...parts: readonly string[]): string {
    return join(this.#root, ...parts)
  }

  /** A file of the control directory; undefined when it is not there. */
  read(name: string): string | undefined {
    return existsSync(join(this.control, name)) ? readFileSync(join(this.control, name), "utf8").trim() : undefined
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.control, name), `${text}\n`)
  }

  engine(name: string, text: string): void {
    writeFileSync(this.path("engine", name), `${text}\n`)
  }

  seen(name: string): string {
    return existsSync(this.path("engine", name)) ? readFileSync(this.path("engine", name), "utf8").trim() : ""
  }

  state(height: string, step: number): void {
    this.stateText(JSON.stringify({ height, round: "0", step, block_id: null }))
  }

  stateText(text: string | undefined): void {
    const path = this.path("deployment/signers/main/state/priv_validator_state.json")
    mkdirSync(dirname(path), { recursive: true })
    if (text === undefined) rmSync(path)
    else writeFileSync(path, text)
  }

  /** What was done to the container, each with the aim at that moment. */
  get did(): readonly string[] {
    return this.seen("calls")
      .split("\n")
      .filter((line) => line !== "")
  }

  get violations(): string {
    return this.seen("violations")
  }

  async node(name: string): Promise<void> {
    const server = createServer((socket) => socket.on("error", () => {}))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    this.#ports.set(name, port)
    this.engine(`port-${name}`, String(port))
    onTestFinished(() => void server.close())
  }

  /** The signer dials there in vain when it is aimed at that node. */
  cutOff(name: string): void {
    this.engine(`port-${name}`, "9")
  }

  async holdLock(): Promise<void> {
    this.#lock = await holding(this.path("deployment/lock/main/lock"))
  }

  async letGoOfLock(): Promise<void> {
    const lock = this.#lock
    if (!lock || lock.exitCode !== null || lock.signalCode !== null) return
    end(-(lock.pid ?? 0))
    await once(lock, "exit")
  }

  docker(...args: readonly string[]) {
    return execa(this.path("bin/docker"), args, { env: this.#env, reject: false, stdin: "ignore" })
  }

  args(changes: Readonly<Record<string, string | undefined>> = {}): readonly string[] {
    const at = (node: string) => toKernel(`127.0.0.1:${this.#ports.get(node)}`)
    const all = {
      dir: this.path("deployment"),
      validator: "main",
      container: CONTAINER,
      service: "main-signer",
      run: "op/1",
      epoch: "4",
      to: "node-2",
      to_address: at("node-2"),
      from: "node-1",
      from_address: at("node-1"),
      gate: "1000",
      recreate: "no",
      marks: this.path("marks"),
      connect_s: "5",
      gone_s: "1",
      ...changes,
    }
    return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  }

  /** Starts the section as it is started on a host, in a process group of the launcher's own. */
  launch(changes: Readonly<Record<string, string | undefined>> = {}, script = SCRIPT, env: NodeJS.ProcessEnv = {}) {
    return execa("sh", ["-c", LAUNCH, "move-signer", this.control, ...this.args(changes)], {
      env: { ...this.#env, ...env },
      input: script,
      reject: false,
      detached: true,
    })
  }

  async move(changes: Readonly<Record<string, string | undefined>> = {}, script = SCRIPT, env: NodeJS.ProcessEnv = {}): Promise<MoveEnd> {
    const { exitCode: code, stdout, stderr } = await this.launch(changes, script, env)
    return { code, stderr: stderr.replaceAll(this.#root, "ROOT"), move: parseSignerMove(stdout) }
  }

  /** Waits for what a test made the stand-in write. */
  async until(name: string): Promise<void> {
    while (!existsSync(this.path("engine", name))) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  /** Whether nobody holds a section's lock. */
  isFree(path = join(this.control, "move.lock")): boolean {
    try {
      execFileSync("flock", ["-n", path, "true"])
      return true
    } catch {
      return false
    }
  }
}

export const SCRIPT = readFileSync(join(TEMPLATES_DIR, "move-signer.sh"), "utf8")

/** A process that holds the lock until it is killed. One that was killed a moment ago may still have it. */
export async function holding(path: string): Promise<ChildProcess> {
  const child = spawn("flock", ["-w", "20", path, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  })
  onTestFinished(() => end(-(child.pid ?? 0)))
  await once(child.stdout, "data")
  return child
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It is gone already.
  }
}
