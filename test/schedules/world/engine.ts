import type { ContainerSeen } from "../../../src/core/observe/state.ts"
import type { Surroundings } from "./surroundings.ts"

/** A running program inside a container. */
export type Process = { kill(): void }

/** What the rendered compose file says of a service. */
export type Service = {
  readonly service: string
  readonly name: string
  readonly role: string
  readonly digest: string
  readonly image: string
  readonly restart: "always" | "unless-stopped"
}

export class Container {
  readonly id: string
  readonly definition: Service
  status: "created" | "running" | "exited" | "restarting" | "paused" = "created"
  exitCode: number | undefined
  /** Killed or stopped through the engine, and not started since. */
  stoppedByHand = false
  process: Process | undefined
  readonly log: string[] = []
  /** Grows with every start and every end, so that what belongs to an earlier life is told apart. */
  life = 0
  failures = 0
  startedAtMs = 0

  constructor(id: string, definition: Service) {
    this.id = id
    this.definition = definition
  }

  get name(): string {
    return this.definition.name
  }
}

const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 60_000
const SLOW_DEATHS = 0.03
/** A container that ran for this long starts again without a pause. */
const HEALTHY_MS = 10_000

/** One host's Docker engine, with the rules of its restart policies (`signing.md` 9.7). */
export class Engine {
  readonly containers = new Map<string, Container>()
  readonly #around: Surroundings
  readonly #host: string
  readonly #launch: (container: Container, onExit: (code: number) => void) => Process
  readonly #serviceOf: (service: string) => Service | undefined
  #ids = 0
  #isUp = true

  constructor(
    around: Surroundings,
    host: string,
    serviceOf: (service: string) => Service | undefined,
    launch: (container: Container, onExit: (code: number) => void) => Process,
  ) {
    this.#around = around
    this.#host = host
    this.#serviceOf = serviceOf
    this.#launch = launch
  }

  seen(): ContainerSeen[] {
    return [...this.containers.values()].map(seenAs)
  }

  inspect(name: string): ContainerSeen | undefined {
    const container = this.containers.get(name)
    return container && seenAs(container)
  }

  /** A container of a service, made and never started. */
  create(definition: Service): Container {
    const id = `${this.#host}${definition.name}${this.#ids++}`
    const container = new Container(hexOf(id), definition)
    this.containers.set(definition.name, container)
    return container
  }

  start(name: string): boolean {
    const container = this.containers.get(name)
    if (!container) return false
    if (container.status === "running") return true
    container.stoppedByHand = false
    container.failures = 0
    this.#run(container)
    return true
  }

  kill(name: string, atOnce = false): void {
    const container = this.containers.get(name)
    if (!container) return
    container.stoppedByHand = true
    if (container.status === "created" || container.status === "exited") return
    const { life } = container
    const end = () => {
      if (container.life === life) this.#end(container, 137)
    }
    // Now and then a process hangs in the kernel and is gone a while later.
    if (!atOnce && this.#around.random.chance(SLOW_DEATHS)) this.#around.timeline.after(this.#around.random.between(100, 4000), end)
    else end()
  }

  /** The process ends by itself; the restart policy decides what comes then. */
  crash(name: string): void {
    const container = this.containers.get(name)
    if (container?.status === "running") this.#exited(container, container.life, 139)
  }

  /** `docker compose up --no-deps SERVICE`. */
  up(service: string): boolean {
    const wanted = this.#serviceOf(service)
    if (!wanted) return false
    const present = this.containers.get(wanted.name)
    if (present?.definition.digest !== wanted.digest) {
      if (present) this.#end(present, 137)
      this.create(wanted)
    }
    return this.start(wanted.name)
  }

  /** `docker compose create SERVICE`: what is outdated is replaced, and nothing is started. */
  recreate(service: string): boolean {
    const wanted = this.#serviceOf(service)
    if (!wanted) return false
    const present = this.containers.get(wanted.name)
    if (present?.definition.digest === wanted.digest) return true
    if (present) this.#end(present, 137)
    this.create(wanted)
    return true
  }

  /** Everything on the host is gone at once; what ran before is remembered. */
  powerOff(): void {
    this.#isUp = false
    for (const container of this.containers.values()) {
      container.life++
      container.process?.kill()
      container.process = undefined
    }
  }

  powerOn(): void {
    this.#isUp = true
    for (const container of this.containers.values()) {
      if (container.status === "created") continue
      const comesBack = container.definition.restart === "always" || !container.stoppedByHand
      container.failures = 0
      if (comesBack) this.#run(container)
      else container.status = "exited"
    }
  }

  #run(container: Container): void {
    if (!this.#isUp) return
    const life = ++container.life
    container.status = "running"
    container.exitCode = undefined
    container.startedAtMs = this.#around.timeline.now
    container.process = this.#launch(container, (code) => this.#exited(container, life, code))
  }

  #end(container: Container, code: number): void {
    container.life++
    const process = container.process
    container.process = undefined
    container.status = "exited"
    container.exitCode = code
    process?.kill()
  }

  #exited(container: Container, life: number, code: number): void {
    if (life !== container.life) return
    this.#end(container, code)
    container.status = "restarting"
    const { timeline } = this.#around
    if (timeline.now - container.startedAtMs > HEALTHY_MS) container.failures = 0
    const pause = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** container.failures++)
    const waiting = container.life
    timeline.after(pause, () => {
      if (container.life === waiting) this.#run(container)
    })
  }
}

function seenAs({ id, definition, status, exitCode }: Container): ContainerSeen {
  const { name, service, role, digest, image } = definition
  const deployment = name.slice(0, name.length - service.length - 1)
  return { id, name, deployment, service, role, digest, image, status, exitCode }
}

/** Something as long and as hexadecimal as the engine's own ids. */
function hexOf(text: string): string {
  let hex = ""
  for (let index = 0; hex.length < 64; index++) {
    let hash = index
    for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
    hex += (hash >>> 0).toString(16).padStart(8, "0")
  }
  return hex.slice(0, 64)
}
