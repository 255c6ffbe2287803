import { parseSignerState } from "../../../src/core/observe/signer-state.ts"
import type { Disk } from "./disk.ts"
import type { Engine } from "./engine.ts"
import type { Locks } from "./locks.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Tmkms } from "./tmkms.ts"

export type SectionHost = {
  readonly name: string
  wallMs(): number
  /** The newest block that a node has. */
  heightOf(node: string): number
  /** Whether somebody has put an older copy in the place of the signer's directory: then the aim may be another one. */
  wasRestored(validator: string): boolean
  /** Whose signer may hold a node's port, as its host says. */
  ownerOf(node: string): string | undefined
  /** Whether the guard of a validator would let its signer start as things stand. */
  mayStart(validator: string): boolean
  readonly disk: Disk
  readonly locks: Locks
  readonly engine: Engine
  readonly processes: ReadonlySet<Tmkms>
}

const STOP_MS = 10_000
/** Seconds for the signer to reach its node, where nothing else is asked for. */
const CONNECT_S = 10

type Started = "connected" | "refused" | "late"

/**
 * The critical section, rule by rule after `templates/move-signer.sh`. It runs on the signer's host: it outlives whoever started it, and
 * ends with the host.
 */
export class Section {
  isAlive = true
  readonly #around: Surroundings
  readonly #host: SectionHost
  readonly #given: ReadonlyMap<string, string>
  readonly #control: string
  readonly #began: number
  readonly #onEnd: () => void
  #left = "untouched"
  #state = ""
  #stoppedMs = ""
  #startedMs = ""
  #connectedMs = ""
  #why = ""

  constructor(around: Surroundings, host: SectionHost, args: readonly string[], onEnd: () => void) {
    this.#around = around
    this.#onEnd = onEnd
    this.#host = host
    this.#given = new Map(args.map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]))
    this.#control = `${this.#arg("dir")}/signers/${this.#arg("validator")}/control`
    this.#began = around.timeline.now
  }

  /** False when another move is at work, as its exit code says. */
  begin(): boolean {
    if (!this.#host.locks.take(`${this.#control}/move.lock`, this)) return false
    void this.#main()
    return true
  }

  /** Its host lost power. */
  die(): void {
    this.isAlive = false
  }

  #arg(name: string): string {
    return this.#given.get(name) ?? ""
  }

  async #main(): Promise<void> {
    const { disk, locks, engine } = this.#host
    if ((disk.word(`${this.#control}/epoch`) ?? "0") !== this.#arg("epoch"))
      return this.#finish("untouched", "another operation has begun since")
    if (!locks.isHeld(`${this.#arg("dir")}/lock/${this.#arg("validator")}/lock`))
      return this.#finish("untouched", "the lock on this signer was lost meanwhile")
    for (const fence of [`${this.#control}/fence`, `${this.#arg("marks")}/fence`])
      if (disk.has(fence)) return this.#finish("untouched", `the signer is fenced: ${disk.word(fence)}`)
    if (!(await this.#stop())) return this.#finish(this.#left, this.#why)
    this.#stoppedMs = this.#elapsed()
    if (!this.#readState()) return this.#finish("stopped", "the signer's state is missing or damaged")
    if (this.#stateHeight() > Number(this.#arg("gate")))
      return this.#goBack(`the signer's state is at ${this.#state}, and ${this.#arg("to")} was only seen at height ${this.#arg("gate")}`)
    disk.write(`${this.#control}/tip`, `${this.#arg("gate")} ${Math.floor(this.#host.wallMs() / 1000)}\n`)
    if (this.#arg("recreate") === "yes") {
      await this.#pause(300, 600)
      engine.recreate(this.#arg("service"))
    }
    const started = await this.#start(this.#arg("to"))
    if (started === "connected") return this.#finish("to", "")
    if (started === "late" && this.#arg("from") === "") return this.#finish("to", this.#why)
    return this.#goBack(this.#why)
  }

  async #goBack(because: string): Promise<void> {
    const from = this.#arg("from")
    if (from === "") return this.#endDown(because)
    if (!(await this.#stop())) return this.#finish(this.#left, `${because}; ${this.#why}`)
    const before = this.#state
    if (!this.#readState()) return this.#finish("stopped", `${because}; then its state was missing or damaged`)
    if (this.#state !== before) return this.#endAt("to", this.#arg("to"), `${because}, but it has signed there since`)
    return this.#endAt("from", from, because)
  }

  async #endAt(at: string, node: string, because: string): Promise<void> {
    const started = await this.#start(node)
    if (started === "connected") return this.#finish(at, because)
    if (started === "late") return this.#finish(at, `${because}; ${this.#why}`)
    return this.#endDown(`${because}; at ${node}: ${this.#why}`)
  }

  #endDown(because: string): void {
    const status = this.#host.engine.inspect(this.#arg("container"))?.status
    this.#finish(status === undefined || ["created", "exited", "restarting"].includes(status) ? "stopped" : this.#left, because)
  }

  async #stop(): Promise<boolean> {
    const { engine, processes, locks } = this.#host
    const container = this.#arg("container")
    await this.#pause(20, 60)
    const gone = engine.inspect(container)?.id
    this.#watchRight()
    if (!isDown(engine.inspect(container)?.status)) {
      this.#left = "unclear"
      await this.#pause(40, 120)
      engine.kill(container)
    }
    const limit = this.#around.timeline.now + STOP_MS
    for (;;) {
      await this.#pause(30, 80)
      const { status } = engine.inspect(container) ?? { status: undefined }
      if (isDown(status)) break
      this.#why = `its container is ${status} after SIGKILL`
      if (this.#around.timeline.now >= limit) return false
    }
    const process = [...processes].find((each) => each.alive && each.containerId === gone)
    if (process) {
      this.#why = `tmkms still runs as process ${process.pid}`
      return false
    }
    if (locks.isHeld(`${this.#arg("marks")}/running.lock`)) {
      this.#why = "another process on this host signs with this key"
      return false
    }
    return true
  }

  /** False when it is missing or damaged, and then what was last read stays. */
  #readState(): boolean {
    const text = this.#host.disk.read(`${this.#arg("dir")}/signers/${this.#arg("validator")}/state/priv_validator_state.json`)
    const parsed = text === undefined ? undefined : parseSignerState(text)
    if (parsed?.kind !== "ok") return false
    this.#state = `${parsed.state.height}/${parsed.state.round}/${parsed.state.step}`
    return true
  }

  #stateHeight(): number {
    return Number(this.#state.split("/")[0])
  }

  async #start(node: string): Promise<Started> {
    const { disk, engine, processes } = this.#host
    const container = this.#arg("container")
    disk.write(`${this.#control}/aim`, `${node}\n`)
    this.#left = "unclear"
    await this.#pause(100, 350)
    if (!engine.start(container)) {
      this.#why = "the engine did not start it"
      return "refused"
    }
    if (this.#startedMs === "") this.#startedMs = this.#elapsed()
    const limit = this.#around.timeline.now + Number(this.#arg("connect_s") || CONNECT_S) * 1000
    for (;;) {
      const seen = engine.inspect(container)
      const process = [...processes].find((each) => each.alive && each.containerId === seen?.id)
      if (process?.connectedTo?.name === node) {
        this.#connectedMs = this.#elapsed()
        this.#watchHeight(node)
        return "connected"
      }
      if (seen?.status !== "running") {
        const said = engine.containers.get(container)?.log.findLast((line) => line.startsWith("guard: "))
        this.#why =
          seen?.status === "exited" || seen?.status === "restarting"
            ? `the signer did not start: ${said ?? "it said nothing"}`
            : `its container is ${seen?.status} after its start`
        return "refused"
      }
      this.#why = `the signer did not reach ${node} within ${CONNECT_S} s`
      if (this.#around.timeline.now >= limit) return "late"
      await this.#pause(50, 90)
    }
  }

  /** Nobody who was overtaken, or has lost the lock, touches a signer. */
  #watchRight(): void {
    const { disk, locks } = this.#host
    const epoch = disk.word(`${this.#control}/epoch`) ?? "0"
    // A lower one is that of an old backup, under which nobody has begun anything.
    if (Number(epoch) > Number(this.#arg("epoch")))
      this.#around.violation("overtaken", `a command of epoch ${this.#arg("epoch")} stops the signer, and the epoch is ${epoch}`)
    if (!locks.isHeld(`${this.#arg("dir")}/lock/${this.#arg("validator")}/lock`) && this.#stoppedMs === "")
      this.#around.violation("no lock", "the signer is stopped by somebody who has lost the lock")
    const aim = disk.word(`${this.#control}/aim`)
    if (/-up\//.test(this.#arg("run")) && aim !== this.#arg("to"))
      this.#around.violation("up moves", `up starts the signer at ${this.#arg("to")}, and it was aimed at ${aim}`)
  }

  /** The signer is never attached to a node that is below its state. */
  #watchHeight(node: string): void {
    // The node that it was just at works on the block after its newest one, and has asked for votes there itself.
    const owner = this.#host.ownerOf(node)
    if (node === this.#arg("to") && owner !== "validator")
      this.#around.violation(
        "port not given",
        `the signer came to ${node}, whose port belongs to ${owner ?? "nobody"}: after a reboot it would not have it`,
      )
    const height = this.#host.heightOf(node) + (node === this.#arg("from") ? 1 : 0)
    if (this.#stateHeight() > height && !this.#host.wasRestored(this.#arg("validator")))
      this.#around.violation("attached below", `the signer, at ${this.#state}, was attached to ${node}, which is at ${height}`)
  }

  /** Whoever asked may be gone: a signer that could run is not left standing. */
  #watchEnd(at: string): void {
    if (at === "stopped" && this.#arg("from") !== "" && this.#host.mayStart(this.#arg("validator")))
      this.#around.violation("left stopped", `the section left the signer stopped, and nothing speaks against its start`)
  }

  #elapsed(): string {
    return String(Math.round(this.#around.timeline.now - this.#began))
  }

  #finish(at: string, reason: string): void {
    const { disk, locks } = this.#host
    const record = {
      run: this.#arg("run"),
      at,
      state: this.#state,
      stopped_ms: this.#stoppedMs,
      started_ms: this.#startedMs,
      connected_ms: this.#connectedMs,
      reason,
    }
    const lines = Object.entries(record).map(([name, value]) => `${name}=${value}\n`)
    disk.write(`${this.#control}/move`, lines.join(""))
    this.#watchEnd(at)
    locks.release(`${this.#control}/move.lock`, this)
    this.isAlive = false
    this.#around.note(`section on ${this.#host.name}`, `ends at ${at}${reason === "" ? "" : `: ${reason}`}`)
    this.#around.timeline.settle(this.#onEnd)
  }

  /** Time passes on the host; a section whose host is gone never comes back from here. */
  #pause(low: number, high: number): Promise<void> {
    const { timeline, random } = this.#around
    return new Promise((resolve) => {
      timeline.after(random.between(low, high), () => {
        if (this.isAlive) timeline.settle(resolve)
      })
    })
  }
}

function isDown(status: string | undefined): boolean {
  return status === undefined || status === "created" || status === "exited"
}
