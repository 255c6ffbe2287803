import { layout, signerMarks } from "../../../src/core/render/layout.ts"
import { type ChainNode as NodeOfTopology, serviceName, type Validator } from "../../../src/core/topology.ts"
import type { ChainNode } from "./chain-node.ts"
import { Disk } from "./disk.ts"
import { type Container, Engine, type Process, type Service } from "./engine.ts"
import { guard, raiseFloors, type SignerFilesAt } from "./guard.ts"
import { Locks } from "./locks.ts"
import { Section } from "./section.ts"
import type { Surroundings } from "./surroundings.ts"
import { type KeyHeld, type SignedState, Tmkms } from "./tmkms.ts"

/** Between two runs of Docker's health check of a signer. */
const HEALTH_CHECK_MS = 30_000

export type HostPlan = {
  readonly name: string
  readonly privateAddress: string
  readonly bootMs: number
  wallMs(): number
  serviceOf(service: string): Service | undefined
  node(name: string): ChainNode
  nodeBootMs(name: string): number
  ownerOf(node: string): string | undefined
  wasRestored(validator: string): boolean
  onSigned(signer: Tmkms, state: SignedState): void
  onSignerStarts(signer: Tmkms): void
}

/** One machine: its power, its network, its disk, its engine, and what runs on it. */
export class Host {
  readonly name: string
  readonly plan: HostPlan
  readonly disk = new Disk()
  readonly locks = new Locks()
  readonly engine: Engine
  readonly processes = new Set<Tmkms>()
  /** Signers that somebody has started from a copy of the deployment's directory, by container. */
  readonly copies = new Map<string, { readonly dir: string; readonly validator: string }>()
  power: "on" | "off" | "booting" = "on"
  /** A guard that refuses for a reason of its own; the worlds of schedules leave it as it is. */
  mayStartFor: (node: string) => boolean = () => true
  /** Its engine and its sshd hang, and its containers go on. */
  managementHangs = false
  /** The private network does not reach it. */
  isCut = false
  /** Laptops that cannot reach it. */
  readonly unreachableFor = new Set<string>()
  /** Grows with every power loss. */
  boots = 0
  readonly #around: Surroundings
  readonly #sections = new Set<Section>()
  #pids = 100

  constructor(around: Surroundings, plan: HostPlan) {
    this.#around = around
    this.name = plan.name
    this.plan = plan
    this.engine = new Engine(
      around,
      plan.name,
      (service) => plan.serviceOf(service),
      (container, onExit) => this.#launch(container, onExit),
    )
  }

  get isOn(): boolean {
    return this.power === "on"
  }

  path(relative: string): string {
    return `${this.#around.topology.dir}/${relative}`
  }

  powerOff(): void {
    if (this.power === "off") return
    this.power = "off"
    this.boots++
    for (const section of this.#sections) section.die()
    this.#sections.clear()
    for (const process of this.processes) process.vanish()
    this.processes.clear()
    this.engine.powerOff()
    this.locks.clear()
    this.disk.loseUnsynced(this.#around.timeline.now, this.#around.random)
  }

  powerOn(): void {
    if (this.power !== "off") return
    this.power = "booting"
    const boots = this.boots
    this.#around.timeline.after(this.plan.bootMs, () => {
      if (boots !== this.boots || this.power !== "booting") return
      this.power = "on"
      this.#around.note(this.name, "is up again")
      this.engine.powerOn()
    })
  }

  wallMs(): number {
    return this.plan.wallMs()
  }

  wasRestored(validator: string): boolean {
    return this.plan.wasRestored(validator)
  }

  ownerOf(node: string): string | undefined {
    return this.plan.ownerOf(node)
  }

  heightOf(node: string): number {
    return this.plan.node(node).height
  }

  mayStart(name: string): boolean {
    const validator = this.#around.topology.validators.find((each) => each.name === name)
    if (!validator) return false
    const at = this.signerFiles(validator)
    const says = guard(this.disk, at, this.plan.wallMs(), () => !this.locks.isHeld(`${at.marks}/running.lock`))
    return "aim" in says && this.mayStartFor(says.aim)
  }

  /** Starts the critical section, or says that another one is at work. */
  section(args: readonly string[], onEnd: () => void): boolean {
    const section = new Section(this.#around, this, args, onEnd)
    if (!section.begin()) return false
    this.#sections.add(section)
    return true
  }

  signerFiles(validator: Validator, dir: string = this.#around.topology.dir): SignerFilesAt {
    const { topology } = this.#around
    return {
      control: `${dir}/${layout.signer.control(validator.name)}`,
      marks: signerMarks(topology, validator),
      stateFile: `${dir}/${layout.signer.stateFile(validator.name)}`,
      keyFile: `${dir}/${layout.secrets.signer(validator.name)}/consensus.key`,
      pinnedKey: keyText(validator),
      candidates: validator.candidates,
      blockMs: topology.chain.blockMs,
    }
  }

  #launch(container: Container, onExit: (code: number) => void): Process {
    const { topology } = this.#around
    const { service } = container.definition
    const validator = topology.validators.find(({ name }) => serviceName.signer(name) === service)
    if (validator) return this.#launchSigner(container, validator, this.copies.get(container.name)?.dir ?? topology.dir, onExit)
    const parked = topology.nodes.find(({ name }) => serviceName.parking(name) === service)
    if (parked) return this.#launchParking(container, parked, onExit)
    const node = this.plan.node(service)
    node.start(this.plan.nodeBootMs(service), onExit)
    return { kill: () => node.stop() }
  }

  /** `guard.sh` as the entrypoint of a signer of whatever deployment directory. */
  #launchSigner(container: Container, validator: Validator, dir: string, onExit: (code: number) => void): Process {
    const { timeline, random } = this.#around
    const at = this.signerFiles(validator, dir)
    const running = `${at.marks}/running.lock`
    let signer: Tmkms | undefined
    const timer = timeline.after(random.between(120, 350), () => {
      const verdict = guard(this.disk, at, this.plan.wallMs(), () => this.locks.take(running, container))
      const says = "aim" in verdict && !this.mayStartFor(verdict.aim) ? { refusal: "a reason of its own" } : verdict
      if ("refusal" in says) {
        this.locks.release(running, container)
        const line = `guard: the signer does not start: ${says.refusal}`
        container.log.push(line)
        this.#around.note(container.name, line)
        return onExit(1)
      }
      raiseFloors(this.disk, at, says.height)
      const config = `/gonka-ha/config/tmkms-${says.aim}.toml`
      signer = this.#startTmkms(container, { validator: validator.name }, config, at.stateFile, says.aim, onExit)
      if (signer) this.#checkHealth(signer, at)
    })
    return {
      kill: () => {
        timer.cancel()
        this.locks.release(running, container)
        if (signer) this.#end(signer)
      },
    }
  }

  /** `park.sh`: it waits until the owner file gives it the port, and never looks again once it has it. */
  #launchParking(container: Container, node: NodeOfTopology, onExit: (code: number) => void): Process {
    const { timeline } = this.#around
    const owner = this.path(layout.parking.owner(node.name))
    let signer: Tmkms | undefined
    let isWanted = true
    const look = () => {
      if (!isWanted) return
      if (this.disk.word(owner) !== "parking") timeline.after(1000, look)
      else {
        const stateFile = this.path(`${layout.parking.state(node.name)}/priv_validator_state.json`)
        const key: KeyHeld = { validator: undefined, parking: node.name }
        const says = this.disk.word(owner)
        if (says !== "parking")
          this.#around.violation("port taken", `the parking signer of ${node.name} starts, and the port belongs to ${says ?? "nobody"}`)
        signer = this.#startTmkms(container, key, "/gonka-ha/config/tmkms.toml", stateFile, node.name, onExit)
      }
    }
    timeline.after(150, look)
    return {
      kill: () => {
        isWanted = false
        if (signer) this.#end(signer)
      },
    }
  }

  #startTmkms(
    container: Container,
    key: KeyHeld,
    config: string,
    stateFile: string,
    target: string,
    onExit: (code: number) => void,
  ): Tmkms | undefined {
    try {
      const signer = new Tmkms(this.#around, {
        pid: this.#pids++,
        key,
        host: this.name,
        containerId: container.id,
        config,
        disk: this.disk,
        stateFile,
        listener: this.plan.node(target),
        log: (line) => {
          container.log.push(line)
          if (container.log.length > 400) container.log.splice(0, 200)
        },
        onSigned: (process, state) => this.plan.onSigned(process, state),
      })
      this.processes.add(signer)
      this.plan.onSignerStarts(signer)
      signer.start()
      return signer
    } catch (error) {
      container.log.push(error instanceof Error ? error.message : String(error))
      onExit(1)
      return undefined
    }
  }

  #end(signer: Tmkms): void {
    this.processes.delete(signer)
    signer.die()
  }

  /** `signer-health.sh`: what the state has reached is on the disk, and recorded. */
  #checkHealth(signer: Tmkms, at: SignerFilesAt): void {
    this.#around.timeline.after(HEALTH_CHECK_MS, () => {
      if (!signer.alive) return
      raiseFloors(this.disk, at, Number(/"height":"(\d+)"/.exec(this.disk.read(at.stateFile) ?? "")?.[1] ?? 0))
      this.#checkHealth(signer, at)
    })
  }
}

/** Stands for the one key file that belongs to a validator's pinned public key. */
export function keyText(validator: Validator): string {
  return `${layout.secrets.signer(validator.name)}/consensus.key`
}
