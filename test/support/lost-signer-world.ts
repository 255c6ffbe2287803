import type { Deployment } from "../../src/app/deployment.ts"
import { AppError, EXIT } from "../../src/core/errors.ts"
import type { Event } from "../../src/core/events.ts"
import { toKernel } from "../../src/core/observe/kernel-address.ts"
import type { Fleet, HostAccess, RunResult } from "../../src/core/ports.ts"
import { layout, signerMarks } from "../../src/core/render/layout.ts"
import { Secret } from "../../src/core/secret.ts"
import { hostOf } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import type { Host } from "../schedules/world/host.ts"
import { Laptop, ownFiles } from "../schedules/world/laptop.ts"
import { World } from "../schedules/world/world.ts"
import { replacedTopology } from "./lost-signer.ts"
import { secretsOf, theValidator } from "./observed.ts"

const SIGNER = "lab-main-signer"
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })

/**
 * The fake world of the schedules with a signer on sig-1 that the file says is replaced by sig-2, which is there and empty. Every candidate's
 * container still has the old port.
 */
export class LostSignerWorld {
  readonly topology = replacedTopology()
  readonly validator = theValidator(this.topology)
  readonly world = new World(
    { seed: 7, topology: this.topology, outdated: ["node-1", "node-2"], isBare: false, windowBlocks: 10_000 },
    true,
  )
  readonly files = ownFiles()
  readonly events: Event[] = []
  /** Whether the lost host's connections still stand at a candidate. */
  connected: string | undefined
  /** A host whose signer no candidate sees at its port. */
  unseen: string | undefined

  constructor() {
    const { world, validator } = this
    const [lost, fresh] = [world.host("sig-1"), world.host("sig-2")]
    // Set up as if it had always been on the host that is lost now.
    const container = fresh.engine.containers.get(SIGNER)
    if (!container) throw new Error("the world has no signer")
    fresh.engine.kill(SIGNER)
    fresh.engine.containers.delete(SIGNER)
    for (const [path, text] of fresh.disk.below("/")) {
      lost.disk.write(path, text)
      fresh.disk.remove(path)
    }
    lost.engine.create(container.definition)
    lost.engine.start(SIGNER)
    if (!lost.disk.has(`${this.topology.dir}/${layout.signer.aim(validator.name)}`)) throw new Error("the signer has no aim")
    world.chain.start()
  }

  /** Lets virtual time pass until the work has ended, however it ends. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const guarded = work.finally(() => {
      ended = true
    })
    guarded.catch(() => {})
    await this.world.timeline.runUntil(() => ended, this.world.timeline.now + 3_600_000)
    return guarded
  }

  async blocks(count: number): Promise<void> {
    await this.world.timeline.runUntil(() => false, this.world.timeline.now + count * this.topology.chain.blockMs)
  }

  /** One command on one machine; it dies after the step that is named. */
  deployment(options: { readonly dieAfter?: string; readonly secrets?: Deployment["secrets"] } = {}): Deployment {
    const { world, topology } = this
    const laptop = new Laptop(world, world, "anna", "anna@desk", this.files)
    const died = () => laptop.die("as the test wants")
    return {
      topology,
      files: world.files,
      secrets: options.secrets ?? secretsOf(topology),
      specDigests: [{ file: "gonka-ha.yaml", sha256: sha256("the topology file") }],
      keys: { readSecret: async ({ path }) => new Secret(path), importedState: async () => undefined },
      fleet: this.#fleet(laptop),
      clock: laptop,
      local: laptop.files,
      stateDir: ".gonka-ha",
      recordsDir: ".gonka-ha/signer-records",
      sha256,
      probeScript: "the probe",
      moveScript: "the section",
      report: (event) => {
        this.events.push(event)
      },
      signal: new AbortController().signal,
      operator: "anna@desk",
      crashAfter: (step) => {
        if (step === options.dieAfter) died()
      },
    }
  }

  /** Runs a command until it ends or its machine has died. */
  async untilDeath(work: Promise<unknown>): Promise<void> {
    work.catch(() => {})
    await this.blocks(60)
  }

  steps(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === "step-done" ? [event.title] : []))
  }

  /** What must never happen, besides floors, which a host that was emptied by hand has lost. */
  violations(): readonly string[] {
    return this.world.violations.filter(({ kind }) => kind !== "floor lowered").map(({ kind, what }) => `${kind}: ${what}`)
  }

  #fleet(laptop: Laptop): Fleet {
    return {
      close: async () => {},
      host: (name) => {
        const access = laptop.fleet.host(name)
        return { ...access, run: (argv, options) => this.#program(access, this.world.host(name), argv) ?? access.run(argv, options) }
      },
    }
  }

  /** The programs of a replacement, after their shell texts; undefined for any other. */
  #program(access: HostAccess, host: Host, argv: readonly string[]): Promise<RunResult> | undefined {
    const [name, ...args] = argv.slice(3)
    // A host that is away answers nothing.
    const reach = (work: () => RunResult) => access.run(["cat", "/nothing"]).then(work)
    switch (argv[0] === "sh" && argv[1] === "-c" ? name : undefined) {
      case "answers":
        return reach(() => ok()).catch((error: unknown) => {
          if (!(error instanceof AppError) || error.code !== "HOST_UNREACHABLE") throw error
          throw new AppError(
            "HOST_UNREACHABLE",
            EXIT.unreachable,
            `host ${host.name} cannot be reached: ssh: connect to host ${host.name} port 22: No route to host`,
          )
        })
      case "ping":
        return reach(() => ok("silent\n"))
      case "at-port":
        return reach(() => ok([...this.#signersAt(args[0] ?? ""), "end\n"].join("")))
      case "quarantine":
        return reach(() => this.#quarantine(host, args))
      default:
        return undefined
    }
  }

  /** Rows of the signers that are connected to a node, which is named by its container. */
  #signersAt(container: string): readonly string[] {
    const node = container.slice(`${this.topology.deployment}-`.length)
    const real = this.world.hosts
      .filter(({ name }) => name !== this.unseen)
      .flatMap(({ name, processes }) =>
        [...processes]
          .filter(({ alive, key, connectedTo }) => alive && key.validator !== undefined && connectedTo?.name === node)
          .map(() => toKernel(`${hostOf(this.topology, name).privateAddress}:50000`)),
      )
    return [...(this.connected === undefined ? [] : [this.connected]), ...real].map((end) => `at\t${end}\n`)
  }

  #quarantine(host: Host, [dir = "", marks = "", , , fence = "", time = ""]: readonly string[]): RunResult {
    if (marks !== signerMarks(this.topology, this.validator)) throw new Error(`the marks are elsewhere: ${marks}`)
    const { control, keyFile } = host.signerFiles(this.validator)
    for (const place of [marks, control]) host.disk.write(`${place}/fence`, `${fence}\n`)
    host.engine.kill(SIGNER)
    const key = host.disk.read(keyFile)
    if (key !== undefined) host.disk.write(`${dir}/quarantine/${time}/main-consensus.key`, key)
    host.disk.remove(keyFile)
    const status = host.engine.inspect(SIGNER)?.status
    return status === "running" ? { code: 1, stdout: "", stderr: `container ${SIGNER} is running after SIGKILL` } : ok("changed\n")
  }
}

/** The reasons of a refusal, or its message where it has none. */
export async function refusal(work: Promise<unknown>): Promise<{ readonly exit: number; readonly says: readonly string[] }> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const says = error.issues.length > 0 ? error.issues.map(({ path, message }) => `${path}: ${message}`) : [error.message]
    return { exit: error.exit, says }
  }
  throw new Error("it was not refused")
}
