import type { SignerState } from "../../src/core/observe/signer-state.ts"
import { type HostSeen, type Observed, type PendingOperation, seen, type TmkmsProcess, unknown } from "../../src/core/observe/state.ts"
import type { PortOwner, Step, StepOf } from "../../src/core/plan/step.ts"
import type { SecretFile } from "../../src/core/ports.ts"
import type { FileSet } from "../../src/core/render/fileset.ts"
import { serviceName, type Topology, type Validator } from "../../src/core/topology.ts"
import {
  aTopology,
  filesOf,
  parkingProcess,
  placeOfSigner,
  secretsOf,
  seenContainer,
  seenNode,
  seenSignerFiles,
  seenSlashing,
  signerProcess,
  TIP,
  TIP_AGE_MS,
  theValidator,
  WELL_HOST,
} from "./observed.ts"

/** What a step ran into; everything else that goes wrong here is a violation, and a violation is a plain Error. */
export class Stopped extends Error {
  readonly retry: boolean
  constructor(reason: string, retry: boolean) {
    super(reason)
    this.retry = retry
  }
}

/** What one run learns on its way, as in the executor. */
export type RunFacts = { stopped?: SignerState; detached?: { readonly after: number | undefined } }

type PaperNode = {
  up: boolean
  outdated: boolean
  hostUp: boolean
  height: number
  owner: PortOwner | undefined
  /** Whether it runs without a privval port, as its owner file said at its last start. */
  isPlain: boolean
  parking: "gone" | "created" | "exited" | "running"
  parkingOutdated: boolean
  /** The process that the node takes its key from; without one a candidate finishes one more block and stands still. */
  port: "parking" | "signer" | undefined
  standsStillAt: number | undefined
}

/** More block times than any wait of a step takes when nothing is wrong. */
const PATIENCE_TICKS = 40
/** The chain goes on while data is copied. */
const COPY_TICKS = 5

/**
 * One validator on paper, with the rules that the planners rely on: a candidate follows the chain only with a signer on its port, the
 * signer's state grows before the chain does, and one port holds one signer. What must never happen throws a plain Error.
 */
export class PaperWorld {
  readonly topology: Topology
  readonly validator: Validator
  readonly #files: FileSet
  readonly #secrets: readonly SecretFile[]
  readonly nodes = new Map<string, PaperNode>()
  readonly installed = new Map<string, Set<string>>()
  tip = TIP
  signer: { container: "gone" | "created" | "exited" | "running"; outdated: boolean; tmkms: boolean } = {
    container: "gone",
    outdated: false,
    tmkms: false,
  }
  state: SignerState | undefined
  aim: string | undefined
  floor: number | undefined
  operation: PendingOperation | undefined
  /** The data that lies beside a node's own. */
  copyOf: { readonly node: string; readonly height: number } | undefined

  private constructor(topology: Topology) {
    this.topology = topology
    this.validator = theValidator(topology)
    this.#files = filesOf(topology)
    this.#secrets = secretsOf(topology)
    for (const { name } of topology.hosts) this.installed.set(name, new Set())
  }

  /** Everything runs, the validator signs through its first node, the other one is parked. */
  static running(topology: Topology = aTopology()): PaperWorld {
    const world = new PaperWorld(topology)
    const { firstActive } = world.validator
    const isPlain = topology.policy.standby === "plain"
    for (const { name, candidateOf } of topology.nodes) {
      const isActive = name === firstActive
      world.nodes.set(name, {
        up: true,
        outdated: false,
        hostUp: true,
        height: TIP,
        owner: candidateOf.length === 0 ? undefined : isActive ? "validator" : isPlain ? "plain" : "parking",
        isPlain: isPlain && candidateOf.length > 0 && !isActive,
        parking: candidateOf.length === 0 ? "gone" : isActive ? "exited" : isPlain ? "created" : "running",
        parkingOutdated: false,
        port: candidateOf.length === 0 ? undefined : isActive ? "signer" : isPlain ? undefined : "parking",
        standsStillAt: undefined,
      })
    }
    for (const { name } of topology.hosts) world.install(name)
    world.signer = { container: "running", outdated: false, tmkms: true }
    world.state = { height: TIP, round: 0, step: 2 }
    world.aim = firstActive
    world.floor = TIP - 100
    return world
  }

  /** Hosts with nothing on them. */
  static bare(topology: Topology = aTopology()): PaperWorld {
    const world = new PaperWorld(topology)
    for (const { name } of topology.nodes) {
      world.nodes.set(name, {
        up: false,
        outdated: false,
        hostUp: true,
        height: 0,
        owner: undefined,
        isPlain: false,
        parking: "gone",
        parkingOutdated: false,
        port: undefined,
        standsStillAt: undefined,
      })
    }
    return world
  }

  node(name: string): PaperNode {
    const node = this.nodes.get(name)
    if (!node) throw new Error(`there is no node ${name}`)
    return node
  }

  /** The node through which the signer signs right now. */
  signsThrough(): string | undefined {
    return [...this.nodes].find(([, node]) => node.port === "signer" && node.up)?.[0]
  }

  isParked(name: string): boolean {
    const node = this.node(name)
    return node.up && node.owner === "parking" && node.port === "parking"
  }

  /** In order as a standby that waits without a port: the parking signer's container is there and does not run. */
  isPlainStandby(name: string): boolean {
    const node = this.node(name)
    return node.up && node.isPlain && node.owner === "plain" && (node.parking === "created" || node.parking === "exited")
  }

  /** The signer votes for the next block, which is not there yet. */
  vote(step: number): void {
    const through = this.signsThrough()
    if (through === undefined || !this.state) return
    const height = this.node(through).height + 1
    if (height > this.state.height) this.state = { height, round: 0, step }
  }

  /** One block: whoever can follow has it, and our signer has signed it if it was at work. */
  tick(): void {
    this.vote(2)
    this.tip += 1
    for (const [name, node] of this.nodes) {
      if (!node.up) continue
      const isCandidate = this.topology.nodes.some((candidate) => candidate.name === name && candidate.candidateOf.length > 0)
      if (!isCandidate || node.isPlain || node.port !== undefined) {
        node.height = this.tip
        node.standsStillAt = undefined
      } else {
        node.standsStillAt ??= node.height + 1
        node.height = Math.min(this.tip, node.standsStillAt)
      }
    }
    const through = this.signsThrough()
    if (through !== undefined && this.state && this.state.height < this.tip) this.state = { height: this.tip, round: 0, step: 2 }
    this.#settlePorts()
  }

  /** A node and all that runs beside it loses its power; it stays away. */
  kill(name: string, what: "node" | "host"): void {
    const node = this.node(name)
    node.up = false
    node.port = undefined
    if (what === "host") node.hostUp = false
  }

  observed(): Observed {
    const blockTimeMs = (height: number) => height * 1000
    const atMs = blockTimeMs(this.tip) + TIP_AGE_MS
    return {
      atMs,
      hosts: new Map(
        this.topology.hosts.map(({ name }) => {
          const nodes = this.topology.nodes.filter((node) => node.host === name)
          if (nodes.some((node) => !this.node(node.name).hostUp)) return [name, unknown("no route")]
          const installed = this.installed.get(name) ?? new Set()
          const hostSeen: HostSeen = {
            ...WELL_HOST,
            files: new Map([
              ...(this.#files.get(name)?.files ?? [])
                .filter(({ path }) => installed.has(path))
                .map((file) => [file.path, file.sha256] as const),
              ...this.#secrets
                .filter((secret) => secret.host === name && installed.has(secret.path))
                .flatMap((secret) => (secret.sha256 === undefined ? [] : [[secret.path, secret.sha256] as const])),
            ]),
            containers: [...nodes.flatMap((node) => this.#nodeContainers(node.name)), ...this.#signerContainers(name)],
            owners: new Map(
              nodes.flatMap(({ name: node }) => [[node, this.node(node).owner ?? ""] as const]).filter(([, word]) => word !== ""),
            ),
            started: new Map(
              this.topology.policy.standby === "plain"
                ? nodes
                    .filter(({ name: node }) => this.node(node).up || this.node(node).height > 0)
                    .map(({ name: node }) => [node, this.node(node).isPlain ? "plain" : "port"] as const)
                : [],
            ),
            signers: new Map(
              name === this.validator.signerHost && (this.state || this.aim !== undefined || this.operation)
                ? [
                    [
                      this.validator.name,
                      seenSignerFiles(this.validator, this.aim ?? "", {
                        aim: this.aim,
                        floor: this.floor,
                        operation: this.operation,
                        state: this.state ? { kind: "ok", state: this.state, sealed: false } : { kind: "missing" },
                      }),
                    ],
                  ]
                : [],
            ),
            places: name === this.validator.signerHost && installed.size > 0 ? [placeOfSigner(this.topology, this.validator)] : [],
            tmkms: [...nodes.flatMap((node) => this.#parkingProcesses(node.name)), ...this.#signerProcesses(name)],
          }
          return [name, seen(hostSeen)]
        }),
      ),
      nodes: new Map(
        this.topology.nodes.map(({ name }) => {
          const { up, height } = this.node(name)
          return [
            name,
            up ? seen(seenNode(this.topology, name, { height, ageMs: atMs - blockTimeMs(height) })) : unknown("nothing listens"),
          ]
        }),
      ),
      // A key whose signer was never aimed at a node has signed nothing.
      slashing: new Map([[this.validator.name, seen(seenSlashing(this.aim === undefined ? { record: undefined, recent: [] } : {}))]]),
    }
  }

  /** @throws Stopped when the step cannot be done now, Error when it must never be done like this */
  apply(step: Step, facts: RunFacts): void {
    switch (step.kind) {
      case "files.push":
      case "secrets.push":
        for (const path of step.args.paths) this.installed.get(step.args.host)?.add(path)
        break
      case "service.up":
        this.#bringUp(step.args.service, "running")
        break
      case "service.create":
        this.#bringUp(step.args.service, "created")
        break
      case "node.fresh":
        this.#waitUntil(`${step.args.node} is fresh`, () => {
          const { up, height } = this.node(step.args.node)
          return up && height >= this.tip - 1
        })
        break
      case "signer.init":
        if (this.state) throw new Error("a signer's state is overwritten")
        this.state = { height: this.tip + 5, round: 0, step: 0 }
        this.floor = this.tip + 5
        this.aim = step.args.node
        break
      case "port.give":
        this.#reach(step.args.node).owner = step.args.owner
        break
      case "node.restart":
        this.#restart(step.args.node)
        break
      case "data.copy":
        this.#standStill(step.args.from, () => {
          for (let block = 0; block < COPY_TICKS; block++) this.tick()
          this.copyOf = { node: step.args.node, height: this.node(step.args.from).height }
        })
        break
      case "data.renew":
        if (step.args.copied && this.copyOf?.node !== step.args.node) throw new Error("there is no copy to start on")
        this.#standStill(step.args.node, (node) => {
          node.height = step.args.copied ? (this.copyOf?.height ?? 0) : 0
        })
        break
      case "parking.stop":
        this.#stopParking(step.args.node)
        break
      case "standby.park":
        this.#park(step.args.node)
        break
      case "standby.ready":
        this.#waitUntil(`${step.args.node} is ready`, () => {
          const { height } = this.node(step.args.node)
          return height >= (this.state?.height ?? 0) && height >= this.tip - 1
        })
        for (let block = 0; block < (step.args.blocks ?? 0); block++) this.tick()
        break
      case "standby.detach":
        this.#detach(step.args.node, step.args.timing, facts)
        break
      case "signer.move":
        this.#move(step.args, facts)
        break
      case "signer.fence":
      case "chain.silent":
      case "signer.seal":
      case "chain.past-seal":
        throw new Error("this world has no second signer's host")
      case "signer.attached":
        this.#waitUntil(`the signer is connected to ${step.args.node}`, () => this.node(step.args.node).port === "signer")
        break
      case "chain.signing": {
        const from = facts.stopped?.height ?? this.tip
        this.#waitUntil(
          `${step.args.node} signs`,
          () => this.signsThrough() === step.args.node && (this.state?.height ?? 0) >= from + step.args.blocks,
        )
        break
      }
      case "balancer.answers":
      case "balancer.restart":
        throw new Error("this world has no load balancer")
      default:
        step satisfies never
    }
  }

  install(host: string): void {
    for (const file of this.#files.get(host)?.files ?? []) this.installed.get(host)?.add(file.path)
    for (const secret of this.#secrets) if (secret.host === host) this.installed.get(host)?.add(secret.path)
  }

  #bringUp(service: string, status: "created" | "running"): void {
    const node = this.nodes.get(service)
    const parked = [...this.nodes].find(([name]) => serviceName.parking(name) === service)?.[1]
    if (node) {
      if (!node.up || node.outdated) this.#boot(service)
    } else if (parked) {
      // A container that is made anew is stopped; one that is as it should be is left alone.
      if (status === "running" || parked.parkingOutdated || parked.parking === "gone") parked.parking = status
      if (status === "created" && parked.port === "parking" && parked.parking !== "running") parked.port = undefined
      parked.parkingOutdated = false
      this.#settlePorts()
    } else {
      if (this.signer.tmkms) throw new Error("a running signer is recreated")
      if (status === "running") throw new Error("a signer is started by compose")
      this.signer = { container: "created", outdated: false, tmkms: false }
    }
  }

  /** Every start reads the owner file anew; only what is rendered for plain standbys can start as one. */
  #boot(name: string): void {
    const node = this.#reach(name)
    node.up = true
    node.outdated = false
    node.isPlain = this.topology.policy.standby === "plain" && node.owner === "plain"
    node.port = undefined
    node.standsStillAt = undefined
    this.#settlePorts()
  }

  #restart(name: string): void {
    const node = this.#reach(name)
    if (node.port === "signer") throw new Error(`${name} signs, and is restarted`)
    if (node.owner !== "parking" && node.owner !== "plain") throw new Error(`${name} is restarted, and its port belongs to ${node.owner}`)
    if (node.up && !node.isPlain && node.port === undefined) throw new Error(`${name} waits for a signer, and would not stop in order`)
    if (node.owner === "parking" && node.parking !== "running") throw new Error(`${name} is started with a port that nobody dials`)
    const { outdated } = node
    this.#boot(name)
    node.outdated = outdated
    if (node.isPlain && outdated) throw new Error(`${name} cannot be plain on what it was rendered for before`)
    // A start takes a while.
    for (let block = 0; block < 3; block++) this.tick()
  }

  #stopParking(name: string): void {
    const node = this.#reach(name)
    if (node.up && !node.isPlain) throw new Error(`the parking signer of ${name} is stopped, which then stands still`)
    if (node.parking === "running") node.parking = "exited"
  }

  #park(name: string): void {
    const node = this.#reach(name)
    if (node.parking === "gone") throw new Error(`${name} has no parking signer`)
    node.parking = "running"
    if (node.up && node.isPlain) throw new Error(`${name} is parked, and has no port`)
    this.#waitUntil(`${name} is parked`, () => this.isParked(name))
  }

  #detach(name: string, timing: "in-gap" | "at-once", facts: RunFacts): void {
    const node = this.#reach(name)
    if (node.owner !== "validator") throw new Error(`${name} is detached while its port is its parking signer's`)
    if (timing === "in-gap") this.#waitUntil("the pause", () => this.state?.step === 2 && node.height === this.state.height)
    facts.detached = { after: timing === "in-gap" ? this.state?.height : undefined }
    if (node.parking === "running") node.parking = "exited"
    if (node.port === "parking") node.port = undefined
  }

  /** The critical section: what it reaches for is on the signer's host, but for the node that it ends at. */
  #move({ to, from, timing, recreate }: StepOf<"signer.move">["args"], facts: RunFacts): void {
    if (timing === "in-gap") {
      const after = facts.detached?.after
      if (after === undefined) throw new Error("a stop in the pause without a detach in one")
      this.#waitUntil("the next pause", () => {
        if (this.state && this.state.height > after + 1) throw new Stopped("the pause was missed", true)
        return this.state?.height === after + 1 && this.state.step === 2 && this.node(to).height >= this.state.height
      })
    } else this.#waitUntil(`${to} has what the state covers`, () => this.node(to).height >= (this.state?.height ?? 0))
    const gate = this.node(to).height
    if (this.signer.container === "running") this.signer.container = "exited"
    this.signer.tmkms = false
    for (const node of this.nodes.values()) if (node.port === "signer") node.port = undefined
    if (!this.state) throw new Stopped("the state is missing", false)
    facts.stopped = this.state
    if (this.operation) this.operation = { ...this.operation, stopped: this.state }
    if (recreate) this.signer.outdated = false
    try {
      if (this.state.height > gate) throw new Stopped(`${to} is behind`, true)
      this.aim = to
      this.#start(to)
    } catch (error) {
      if (!(error instanceof Stopped) || from === undefined || !this.node(from).hostUp) throw error
      this.signer.tmkms = false
      this.aim = from
      this.signer = { ...this.signer, container: "running", tmkms: true }
      this.#settlePorts()
      throw new Stopped(`back at ${from}: ${error.message}`, true)
    }
  }

  #start(name: string): void {
    const node = this.#reach(name)
    if (this.signer.tmkms) throw new Error("a second signer is started")
    if (this.signer.container === "gone") throw new Error("there is no signer to start")
    if (this.signer.outdated) throw new Error("an outdated signer is started")
    if (!this.state || this.state.height < (this.floor ?? Number.POSITIVE_INFINITY)) throw new Stopped("the guard refuses", false)
    if (node.up && node.height < this.state.height)
      throw new Error(`the signer is attached to ${name} at ${node.height}, below its state ${this.state.height}`)
    if (node.up && node.isPlain) throw new Error(`the signer is started at ${name}, which has no port for it`)
    if (node.port !== undefined) throw new Error(`the signer is started at ${name}, whose port its ${node.port} signer holds`)
    if (node.owner !== "validator") throw new Error(`the signer is started at ${name}, whose port belongs to ${node.owner}`)
    this.signer = { ...this.signer, container: "running", tmkms: true }
    this.floor = Math.max(this.floor ?? 0, this.state.height)
    if (!node.up) throw new Stopped(`${name} does not answer`, false)
    node.port = "signer"
    node.standsStillAt = undefined
  }

  /** A signer that dials a free port gets it; a parking signer only dials when the port is its own. */
  #settlePorts(): void {
    for (const [name, node] of this.nodes) {
      if (!node.up || node.isPlain || node.port !== undefined) continue
      if (this.signer.tmkms && this.aim === name) node.port = "signer"
      else if (node.parking === "running" && node.owner === "parking") node.port = "parking"
      if (node.port !== undefined) node.standsStillAt = undefined
    }
  }

  /** A node is stopped, and starts again; what signs through it must not be. */
  #standStill(name: string, work: (node: PaperNode) => void): void {
    const node = this.#reach(name)
    if (this.signsThrough() === name) throw new Error(`${name} signs, and is stopped`)
    if (node.owner === "validator") throw new Error(`${name} is stopped, and its port is the validator's signer's`)
    node.up = false
    node.port = undefined
    work(node)
    node.up = true
    node.standsStillAt = undefined
    this.#settlePorts()
  }

  #reach(name: string): PaperNode {
    const node = this.node(name)
    if (!node.hostUp) throw new Stopped(`the host of ${name} is away`, false)
    return node
  }

  #waitUntil(what: string, holds: () => boolean): void {
    for (let ticks = 0; !holds(); ticks++) {
      if (ticks > PATIENCE_TICKS) throw new Stopped(`nothing moved: ${what}`, false)
      this.tick()
    }
  }

  #nodeContainers(name: string) {
    const files = this.#files
    const { host } = this.topology.nodes.find((node) => node.name === name) ?? { host: "" }
    const { up, height, parking, outdated, parkingOutdated } = this.node(name)
    const digest = (old: boolean) => (old ? { digest: "old" } : {})
    return [
      ...(up || height > 0
        ? [seenContainer(this.topology, files, host, name, { status: up ? "running" : "exited", ...digest(outdated) })]
        : []),
      ...(parking === "gone"
        ? []
        : [seenContainer(this.topology, files, host, serviceName.parking(name), { status: parking, ...digest(parkingOutdated) })]),
    ]
  }

  #signerContainers(host: string) {
    const { container, outdated } = this.signer
    if (host !== this.validator.signerHost || container === "gone") return []
    const changes = { status: container, ...(outdated ? { digest: "old" } : {}) }
    return [seenContainer(this.topology, this.#files, host, serviceName.signer(this.validator.name), changes)]
  }

  #parkingProcesses(name: string): TmkmsProcess[] {
    // Its process holds the connection, whatever its owner file has said since.
    return this.node(name).port === "parking" ? [parkingProcess(this.topology, name)] : []
  }

  #signerProcesses(host: string): TmkmsProcess[] {
    if (host !== this.validator.signerHost || !this.signer.tmkms || this.aim === undefined) return []
    const process = signerProcess(this.topology, this.validator, this.aim)
    return [this.node(this.aim).port === "signer" ? process : { ...process, connections: [] }]
  }
}
