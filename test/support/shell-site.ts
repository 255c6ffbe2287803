import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import protobuf from "protobufjs/minimal.js"
import { AppError, EXIT } from "../../src/core/errors.ts"
import type { ContainerSeen, Vote } from "../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import { inside, layout, marksName } from "../../src/core/render/layout.ts"
import { settingsText } from "../../src/core/render/settings.ts"
import { containerName, type Topology, type Validator } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { aTopology, containerId, filesOf, NOW_MS, seenContainer, theValidator } from "./observed.ts"
import { TEMPLATES_DIR } from "./package-paths.ts"
import { aDeployment, aHost, type PaperDeployment } from "./paper-deployment.ts"
import { shellRun } from "./shell-host.ts"
import { temporaryDir } from "./temporary-dir.ts"

export const SIGNED_AT_1000 = '{"height":"1000","round":"0","step":2,"block_id":{"hash":"AB","part_set_header":{"total":1,"hash":"CD"}}}'

/**
 * The good spec's hosts, of which the signer's has real files: whatever is run there runs here, in a directory of its own. Its signer was
 * stopped after block 1000, and nothing else is wrong. Engines and nodes answer what a test says.
 */
export class ShellSite {
  readonly topology: Topology
  readonly validator: Validator
  readonly deployment: PaperDeployment
  readonly dir: string
  readonly marks: string
  /** The signer's container; undefined when there is none. */
  container: ContainerSeen | undefined
  /** Whether tmkms runs in it. */
  signs = false
  /** Heights that nodes tell; a node that is not there does not answer. */
  readonly heights = new Map<string, number>()
  ageMs = 1500
  readonly votes = new Map<number, Vote>()
  tombstoned = false
  /** Nodes that follow another chain. */
  readonly astray = new Set<string>()
  readonly away = new Set<string>()
  readonly did: string[] = []
  lockedBy: string | undefined
  onKill: () => void = () => this.stop()

  constructor() {
    const root = temporaryDir()
    const marksRoot = temporaryDir()
    this.topology = aTopology({ dir: join(root, "lab") })
    this.validator = theValidator(this.topology)
    this.dir = this.topology.dir
    this.marks = join(marksRoot, marksName(this.topology, this.validator))
    for (const { name } of this.topology.nodes) this.heights.set(name, 1000)
    this.container = seenContainer(this.topology, filesOf(this.topology), "sig-1", "main-signer", { status: "exited", exitCode: 137 })
    const run = shellRun(marksRoot)
    const hosts = Object.fromEntries(this.topology.hosts.map(({ name }) => [name, this.#host(name, run)]))
    this.deployment = aDeployment(hosts, { topology: this.topology, probeScript: readFileSync(join(TEMPLATES_DIR, "probe.sh"), "utf8") })
    this.write(layout.signer.stateFile("main"), SIGNED_AT_1000)
    this.write(layout.signer.floor("main"), "990\n")
    this.write(layout.signer.aim("main"), "node-1\n")
    this.write(layout.signer.epoch("main"), "3\n")
    this.write(`${layout.signer.config("main")}/settings`, settingsText({ validator: "main", pubkey: this.validator.pubkey }))
    this.write(`${layout.secrets.signer("main")}/consensus.key`, "the key")
    this.mark("floor", "990\n")
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    writeFileSync(join(this.dir, path), content)
  }

  mark(name: string, content: string): void {
    mkdirSync(this.marks, { recursive: true })
    writeFileSync(join(this.marks, name), content)
  }

  /** Undefined when there is no such file. */
  read(path: string): string | undefined {
    try {
      return readFileSync(path.startsWith("/") ? path : join(this.dir, path), "utf8")
    } catch {
      return undefined
    }
  }

  change(chain: Partial<Pick<ShellSite, "ageMs" | "tombstoned">>): void {
    Object.assign(this, chain)
  }

  /** The signer runs and signs, as if nothing had happened. */
  runs(): void {
    if (this.container) this.container = { ...this.container, status: "running", exitCode: undefined }
    this.signs = true
  }

  stop(): void {
    if (this.container) this.container = { ...this.container, status: "exited", exitCode: 137 }
    this.signs = false
  }

  /** Every node is at this height. */
  chainAt(height: number): void {
    for (const name of this.heights.keys()) this.heights.set(name, height)
  }

  /** What was written to the audit log of the signer's host, without the times. */
  audited(): readonly string[] {
    return (this.read(layout.audit) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^\S+ /, ""))
  }

  /** Lines of all journals of this machine. */
  journaled(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.deployment.local.texts]
      .filter(([path]) => path.includes("/journal/"))
      .flatMap(([, text]) => text.split("\n").filter((line) => line !== ""))
      .map((line) => JSON.parse(line))
  }

  #host(name: string, shell: (argv: readonly string[], options?: { readonly stdin?: string }) => Promise<RunResult>): HostAccess {
    const reach = <T>(work: () => T | Promise<T>): Promise<T> =>
      this.away.has(name)
        ? Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${name} cannot be reached: no route`))
        : Promise.resolve().then(work)
    const isSigners = name === "sig-1"
    return aHost({
      run: (argv, options) => reach(() => (isSigners ? this.#run(argv, options, shell) : emptyHost(argv))),
      containers: () => reach(() => (isSigners && this.container ? [this.container] : [])),
      inspect: () => reach(() => this.container),
      kill: (container) =>
        reach(() => {
          this.did.push(`kill ${container}`)
          this.onKill()
        }),
      start: (container) => reach(() => void this.did.push(`start ${container}`)),
      logs: () => reach(() => []),
      hold: () =>
        reach(() =>
          this.lockedBy === undefined
            ? { lost: new Promise<string>(() => {}), release: async () => void this.did.push("unlock") }
            : { code: 75, stdout: "", stderr: "" },
        ),
      rpc: (_, path) => reach(() => this.#rpc(name, path)),
    })
  }

  async #run(
    argv: readonly string[],
    options: { readonly stdin?: string } | undefined,
    shell: (argv: readonly string[], options?: { readonly stdin?: string }) => Promise<RunResult>,
  ): Promise<RunResult> {
    if (argv[0] === "docker") return { code: 0, stdout: "guard: ok, state at height 1000\n", stderr: "" }
    if (argv[0] === "cat" && argv[1]?.endsWith("/owner")) return { code: 0, stdout: `${this.lockedBy}\n`, stderr: "" }
    if (argv[1] !== "-s") return shell(argv, options)
    const seen = await shell([...argv, dirname(this.marks)], options)
    // What runs on this machine is not what runs on the host.
    const rows = seen.stdout.split("\n").filter((row) => !row.startsWith("tmkms\t") && row !== "end" && row !== "")
    if (this.signs) rows.push(`tmkms\t100\t${containerId(this.topology, "main-signer")}\t\t${inside.config}/tmkms-node-1.toml`)
    return { ...seen, stdout: [...rows, "end", ""].join("\n") }
  }

  #rpc(host: string, path: string): unknown {
    const node = this.topology.nodes.find((each) => each.host === host)?.name ?? ""
    const height = this.heights.get(node)
    if (height === undefined) throw new AppError("RPC", EXIT.unreachable, `RPC ${path}: nothing listens`)
    if (path === "/status") {
      return {
        node_info: { id: "f".repeat(40), network: "lab-1", version: "0.38.21" },
        sync_info: {
          latest_block_height: String(height),
          latest_block_time: new Date(NOW_MS - this.ageMs).toISOString(),
          catching_up: false,
        },
      }
    }
    if (path === "/net_info") return { peers: [{ node_info: { id: "e".repeat(40) } }] }
    if (path === "/abci_info") return { response: { version: "1.0", data: "simapp" } }
    if (path.startsWith("/validators")) return { total: "1", validators: [{ address: this.validator.address, voting_power: "100" }] }
    if (path.includes("slashing.v1beta1.Query%2FParams")) return { response: { value: slashingParams() } }
    if (path.includes("slashing.v1beta1.Query%2FSigningInfo")) return { response: { value: signingInfo(this.tombstoned) } }
    const asked = Number(/^\/commit\?height=(\d+)$/.exec(path)?.[1])
    const flag = { signed: 2, nil: 3, absent: 1 }[this.votes.get(asked) ?? "absent"]
    return {
      canonical: asked < height,
      signed_header: {
        header: { height: String(asked) },
        commit: {
          height: String(asked),
          block_id: { hash: sha256(`${this.astray.has(node) ? "other" : "this"} ${asked}`).toUpperCase() },
          signatures: [{ block_id_flag: flag, validator_address: this.validator.address }],
        },
      },
    }
  }
}

export const SIGNER_CONTAINER = containerName(aTopology(), "main-signer")

function emptyHost(argv: readonly string[]): RunResult {
  if (argv[1] !== "-s") throw new Error(`this host does not know: ${argv.join(" ")}`)
  return { code: 0, stdout: "end\n", stderr: "" }
}

function base64(writer: protobuf.Writer): string {
  return Buffer.from(writer.finish()).toString("base64")
}

/** A window of 100 blocks, half of which must be signed. */
function slashingParams(): string {
  const writer = protobuf.Writer.create()
  writer
    .uint32(10)
    .fork()
    .uint32(8)
    .int64(100)
    .uint32(18)
    .string(`${5n * 10n ** 17n}`)
    .ldelim()
  return base64(writer)
}

function signingInfo(tombstoned: boolean): string {
  const writer = protobuf.Writer.create()
  writer.uint32(10).fork().uint32(16).int64(1).uint32(24).int64(500)
  writer.uint32(34).fork().ldelim()
  if (tombstoned) writer.uint32(40).bool(true)
  writer.uint32(48).int64(3).ldelim()
  return base64(writer)
}
