import { privvalAddress } from "../../../src/core/observe/who-signs.ts"
import type { FileSet } from "../../../src/core/render/fileset.ts"
import { layout, signerMarks } from "../../../src/core/render/layout.ts"
import { nodeOf, serviceName, type Topology, type Validator } from "../../../src/core/topology.ts"
import { filesOf, NOW_MS, secretsOf } from "../../support/observed.ts"
import { fate, Random } from "../random.ts"
import { Chain } from "./chain.ts"
import { ChainNode } from "./chain-node.ts"
import type { Service } from "./engine.ts"
import { Host } from "./host.ts"
import type { LaptopSite } from "./laptop.ts"
import type { Surroundings } from "./surroundings.ts"
import { Timeline } from "./timeline.ts"
import { NIL, type SignedState, type Tmkms } from "./tmkms.ts"

export type Violation = { readonly kind: string; readonly what: string }

export type Line = { readonly atMs: number; readonly who: string; readonly what: string }

/** The newest block when a schedule begins. */
const FIRST_TIP = 1000

export type Origin = {
  readonly seed: number
  readonly topology: Topology
  /** Containers that are older than what is rendered, by service. */
  readonly outdated: readonly string[]
  /** Nothing is installed yet, and the first `up` has everything to do. */
  readonly isBare: boolean
  readonly windowBlocks: number
}

/** One deployment on machines that fail, beside a chain that goes on; it watches what must never happen. */
export class World implements Surroundings, LaptopSite {
  readonly seed: number
  readonly topology: Topology
  readonly files: FileSet
  readonly timeline = new Timeline()
  readonly random: Random
  readonly chain: Chain
  readonly startMs = NOW_MS
  readonly violations: Violation[] = []
  readonly story: Line[] = []
  /** Heights that each validator has signed in full, and when. */
  readonly signedAtMs = new Map<string, number>()
  /** The highest thing that any signer of a validator has signed. */
  readonly highest = new Map<string, SignedState>()
  /** Validators whose signer must not sign: since when. */
  readonly fencedSinceMs = new Map<string, number>()
  /** Of them, those whose fence stands among the marks, too, where it holds for every copy of the deployment's directory. */
  readonly #marked = new Set<string>()
  /** A copy of each signer's directory, taken now and then, as a backup would. */
  readonly backups = new Map<string, readonly (readonly [string, string])[]>()
  /** Validators whose signer's state was lost: only a person can say how to go on. */
  readonly lostState = new Set<string>()
  /** Validators whose signer's directory was replaced by an older copy: what it says of a running signer may be wrong, and a person looks. */
  readonly restored = new Set<string>()
  readonly #hosts = new Map<string, Host>()
  readonly #nodes = new Map<string, ChainNode>()
  readonly #signatures = new Map<string, string>()
  readonly #floors = new Map<string, number>()
  readonly #tellsStory: boolean

  constructor(origin: Origin, tellsStory: boolean) {
    this.seed = origin.seed
    this.topology = origin.topology
    this.random = new Random(origin.seed)
    this.files = filesOf(origin.topology)
    this.#tellsStory = tellsStory
    this.chain = new Chain(this, FIRST_TIP, {
      windowBlocks: origin.windowBlocks,
      minSignedBlocks: origin.windowBlocks / 2,
      jailMs: 600_000,
    })
    for (const { name, privateAddress } of this.topology.hosts) {
      const host = new Host(this, {
        name,
        privateAddress,
        bootMs: 12_000 + 30_000 * fate(this.seed, "boot", name),
        wallMs: () => this.wallMs(),
        serviceOf: (service) => this.#serviceOf(name, service),
        node: (node) => this.node(node),
        ownerOf: (node) => this.host(nodeOf(this.topology, node).host).disk.word(`${this.topology.dir}/${layout.parking.owner(node)}`),
        wasRestored: (validator) => this.restored.has(validator),
        nodeBootMs: (node) => 500 + 14_000 * fate(this.seed, "boot", node) ** 2,
        onSigned: (signer, state) => this.#onSigned(signer, state),
        onSignerStarts: (signer) => this.#onSignerStarts(signer),
      })
      this.#hosts.set(name, host)
    }
    for (const { name, host, candidateOf } of this.topology.nodes) {
      const own = this.host(host)
      const node = new ChainNode(this, this.chain, name, candidateOf.length > 0, {
        isConnected: () => own.power !== "off" && this.#hasPeers(name),
        route: (from) => (own.power !== "off" && this.#areJoined(own, this.host(from)) ? "open" : "silent"),
      })
      if (origin.isBare) node.height = 0
      this.#nodes.set(name, node)
      this.chain.members.push(node)
    }
    if (!origin.isBare) this.#install(origin.outdated)
    this.#watchFloors()
    this.#backUp()
  }

  host(name: string): Host {
    return found(this.#hosts, name)
  }

  node(name: string): ChainNode {
    return found(this.#nodes, name)
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()]
  }

  wallMs(): number {
    return this.startMs + this.timeline.now
  }

  addressOf(node: string): string {
    return privvalAddress(this.topology, nodeOf(this.topology, node))
  }

  /** The port of a node is not given away while a validator's signer is connected there, unless it came at this very moment. */
  portGiven(dir: string, owner: string): void {
    const name = /\/nodes\/([^/]+)\/parking\/control$/.exec(dir)?.[1]
    const holder = name === undefined ? undefined : this.node(name).holder
    if (owner === "parking" && holder?.alive && holder.key.validator !== undefined && this.timeline.now - holder.connectedAtMs > 1000)
      this.violation(
        "port given away",
        `the port of ${name} is given to the parking signer, and the signer of ${holder.key.validator} is connected there`,
      )
  }

  note(who: string, what: string): void {
    if (this.#tellsStory) this.story.push({ atMs: this.timeline.now, who, what })
  }

  violation(kind: string, what: string): void {
    this.note("VIOLATION", what)
    this.violations.push({ kind, what })
  }

  /** Ids of the nodes that this one is connected to: private nodes know only sentries. */
  peersOf(name: string): readonly string[] {
    const self = nodeOf(this.topology, name)
    const outside = self.role === "sentry" ? ["1".repeat(40)] : []
    return this.topology.nodes
      .filter((other) => other.name !== name && (self.role === "sentry" || other.role === "sentry"))
      .filter((other) => {
        const [here, there] = [this.host(self.host), this.host(other.host)]
        return this.node(other.name).isUp && !this.node(other.name).paused && there.power !== "off" && this.#areJoined(here, there)
      })
      .map(({ id }) => id)
      .concat(outside)
  }

  signerHost(validator: Validator): Host {
    return this.host(validator.signerHost)
  }

  /** Signers of a validator that run anywhere. */
  signersOf(validator: string): readonly Tmkms[] {
    return this.hosts.flatMap((host) => [...host.processes].filter(({ alive, key }) => alive && key.validator === validator))
  }

  /** The private network does not reach a host, or does again. */
  cut(host: Host, isCut: boolean): void {
    host.isCut = isCut
    if (isCut) {
      for (const other of this.hosts)
        for (const process of other.processes) {
          const peer = process.connectedTo
          if (peer && this.node(peer.name) && !this.#areJoined(other, this.host(nodeOf(this.topology, peer.name).host))) peer.lose(process)
        }
    } else for (const node of this.#nodes.values()) node.reconnected()
  }

  powerOff(host: Host): void {
    for (const node of this.topology.nodes.filter((each) => each.host === host.name)) this.node(node.name).vanish()
    host.powerOff()
  }

  /** As `signer fence` does, or as somebody does who writes the one file that the runbook names; and back. */
  fence(validator: Validator, text: string | undefined, marked = true): void {
    const host = this.signerHost(validator)
    const { control, marks } = host.signerFiles(validator)
    if (text === undefined) {
      host.disk.remove(`${control}/fence`)
      host.disk.remove(`${marks}/fence`)
      this.fencedSinceMs.delete(validator.name)
      this.#marked.delete(validator.name)
    } else {
      host.disk.write(`${control}/fence`, `${text}\n`)
      if (marked) host.disk.write(`${marks}/fence`, `${text}\n`)
      host.engine.kill(`${this.topology.deployment}-${serviceName.signer(validator.name)}`, true)
      // Whoever fences looks for whatever else holds the key on this host.
      for (const [copy, of] of host.copies) if (of.validator === validator.name) host.engine.kill(copy, true)
      this.fencedSinceMs.set(validator.name, this.timeline.now)
      if (marked) this.#marked.add(validator.name)
    }
  }

  /** A fence that stands in the deployment's directory alone goes with it: that is what the marks are for. */
  directoryReplaced(validator: Validator): void {
    this.restored.add(validator.name)
    const { control } = this.signerHost(validator).signerFiles(validator)
    if (!this.#marked.has(validator.name) && !this.signerHost(validator).disk.has(`${control}/fence`))
      this.fencedSinceMs.delete(validator.name)
  }

  /** A private node hears of blocks from sentries alone; these have the outside world. */
  #hasPeers(name: string): boolean {
    const self = nodeOf(this.topology, name)
    if (self.role === "sentry") return true
    const here = this.host(self.host)
    return this.topology.nodes.some(
      (other) =>
        other.role === "sentry" &&
        this.node(other.name).isUp &&
        !this.node(other.name).paused &&
        this.host(other.host).power !== "off" &&
        this.#areJoined(here, this.host(other.host)),
    )
  }

  #areJoined(a: Host, b: Host): boolean {
    return a === b || (!a.isCut && !b.isCut && a.power !== "off" && b.power !== "off")
  }

  #serviceOf(host: string, service: string): Service | undefined {
    const digest = this.files.get(host)?.serviceDigests.get(service)
    if (digest === undefined) return undefined
    const role = this.#roleOf(service)
    return {
      service,
      name: `${this.topology.deployment}-${service}`,
      role,
      digest,
      image: this.topology.nodes.some(({ name }) => name === service) ? this.topology.images.node : this.topology.images.tmkms,
      restart: role === "signer" ? "unless-stopped" : "always",
    }
  }

  #roleOf(service: string): string {
    if (this.topology.validators.some(({ name }) => serviceName.signer(name) === service)) return "signer"
    return this.topology.nodes.find(({ name }) => name === service)?.role ?? "parking"
  }

  /** Everything runs, each validator signs through its first node, the other candidates are parked. */
  #install(outdated: readonly string[]): void {
    const { dir } = this.topology
    for (const host of this.hosts) {
      for (const file of this.files.get(host.name)?.files ?? []) host.disk.write(`${dir}/${file.path}`, file.content)
      for (const secret of secretsOf(this.topology)) if (secret.host === host.name) host.disk.write(`${dir}/${secret.path}`, secret.path)
    }
    const actives = new Set(this.topology.validators.map(({ firstActive }) => firstActive))
    for (const { name, host, candidateOf } of this.topology.nodes) {
      this.#containerAtWork(host, name, outdated.includes(name))
      if (candidateOf.length === 0) continue
      const isActive = actives.has(name)
      this.host(host).disk.write(`${dir}/${layout.parking.owner(name)}`, isActive ? "validator\n" : "parking\n")
      const parking = this.host(host).engine.create(this.#service(host, serviceName.parking(name), outdated))
      if (isActive) {
        parking.status = "exited"
        parking.exitCode = 137
        parking.stoppedByHand = true
      } else this.host(host).engine.start(parking.name)
    }
    for (const validator of this.topology.validators) {
      const host = this.signerHost(validator)
      const at = host.signerFiles(validator)
      const state = { height: String(FIRST_TIP), round: "0", step: 2, block_id: { hash: "B", part_set_header: { total: 1, hash: "B" } } }
      host.disk.write(at.stateFile, JSON.stringify(state))
      host.disk.write(`${at.control}/floor`, `${FIRST_TIP - 4}\n`)
      host.disk.write(`${signerMarks(this.topology, validator)}/floor`, `${FIRST_TIP - 4}\n`)
      host.disk.write(`${at.control}/aim`, `${validator.firstActive}\n`)
      host.disk.write(`${at.control}/epoch`, "3\n")
      host.engine.create(this.#service(host.name, serviceName.signer(validator.name), outdated))
      host.engine.start(`${this.topology.deployment}-${serviceName.signer(validator.name)}`)
    }
  }

  #service(host: string, service: string, outdated: readonly string[]): Service {
    const wanted = this.#serviceOf(host, service)
    if (!wanted) throw new Error(`${service} is not rendered for ${host}`)
    return outdated.includes(service) ? { ...wanted, digest: "older" } : wanted
  }

  /** A node that has run for long. */
  #containerAtWork(host: string, service: string, isOutdated: boolean): void {
    const { engine } = this.host(host)
    const container = engine.create(this.#service(host, service, isOutdated ? [service] : []))
    engine.start(container.name)
    this.node(service).arriveAtTip()
  }

  /** It was started from a copy of the deployment's directory. */
  #isCopy(signer: Tmkms): boolean {
    const host = this.host(signer.host)
    return [...host.copies.keys()].some((name) => host.engine.containers.get(name)?.id === signer.containerId)
  }

  #onSignerStarts(signer: Tmkms): void {
    const { validator } = signer.key
    if (validator === undefined) return
    const alive = this.signersOf(validator)
    if (alive.length > 1)
      this.violation("two signers", `${alive.length} signers of ${validator} are alive: on ${alive.map(({ host }) => host).join(" and ")}`)
    const floor = this.#floors.get(validator) ?? 0
    if (signer.state.height < floor)
      this.violation("below the floor", `a signer of ${validator} starts at height ${signer.state.height}, and ${floor} was recorded`)
  }

  #onSigned(signer: Tmkms, state: SignedState): void {
    const { validator } = signer.key
    if (validator === undefined) return
    const { height, round, step, content = NIL } = state
    const at = `${validator} ${height}/${round}/${step}`
    const before = this.#signatures.get(at)
    if (before !== undefined && before !== content)
      this.violation("double sign", `${validator} signed ${before || "nil"} and ${content || "nil"} at ${height}/${round}/${step}`)
    this.#signatures.set(at, content)
    const fenced = this.fencedSinceMs.get(validator)
    if (fenced !== undefined && (this.#marked.has(validator) || !this.#isCopy(signer)))
      this.violation("fenced signer signs", `${validator} is fenced and signed at ${height}/${round}/${step}`)
    const highest = this.highest.get(validator)
    if (
      !highest ||
      height > highest.height ||
      (height === highest.height && (round > highest.round || (round === highest.round && step > highest.step)))
    )
      this.highest.set(validator, state)
    if (step === 2) this.signedAtMs.set(validator, this.timeline.now)
  }

  #backUp(): void {
    for (const { name, signerHost } of this.topology.validators)
      this.backups.set(name, this.host(signerHost).disk.below(`${this.topology.dir}/signers/${name}/`))
    this.timeline.after(25_000, () => this.#backUp())
  }

  /** What no backup of the deployment brings back may only grow. */
  #watchFloors(): void {
    for (const validator of this.topology.validators) {
      const floor = Number(this.signerHost(validator).disk.word(`${signerMarks(this.topology, validator)}/floor`) ?? 0)
      const before = this.#floors.get(validator.name) ?? 0
      if (floor < before) this.violation("floor lowered", `the floor of ${validator.name} went from ${before} to ${floor}`)
      this.#floors.set(validator.name, floor)
    }
    this.timeline.after(1000, () => this.#watchFloors())
  }
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const item = map.get(name)
  if (!item) throw new Error(`there is no ${name}`)
  return item
}
