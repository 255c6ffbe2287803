import { AppError, EXIT } from "../../src/core/errors.ts"
import type { ContainerSeen, TmkmsProcess, Vote } from "../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import { layout } from "../../src/core/render/layout.ts"
import { aTopology, containerId, filesOf, seenContainer, theValidator } from "./observed.ts"
import { aHost } from "./paper-deployment.ts"

const topology = aTopology()
const ok = (stdout: string): RunResult => ({ code: 0, stdout, stderr: "" })
const failed = (stderr: string): RunResult => ({ code: 1, stdout: "", stderr })

/** The hosts of the good spec as they answer to a step's handler; a test changes what they say. */
export class PaperSite {
  /** Text of the signer's state file; undefined when there is none. */
  state: string | undefined = stateText(1000, 2)
  readonly containers = new Map<string, ContainerSeen[]>([
    ["sig-1", [seenContainer(topology, filesOf(topology), "sig-1", "main-signer")]],
    ["val-1", [seenContainer(topology, filesOf(topology), "val-1", "node-1-parking", { status: "exited" })]],
    ["val-2", [seenContainer(topology, filesOf(topology), "val-2", "node-2-parking")]],
  ])
  readonly tmkms = new Map<string, Pick<TmkmsProcess, "pid" | "containerId" | "connections">[]>([
    ["sig-1", [{ pid: 100, containerId: containerId(topology, "main-signer"), connections: [] }]],
    ["val-2", [{ pid: 200, containerId: containerId(topology, "node-2-parking"), connections: ["172.18.0.2:26658"] }]],
  ])
  /** Heights that nodes tell; a node that is not there does not answer. */
  readonly heights = new Map(topology.nodes.map(({ name }) => [name, 1000]))
  /** What a node's consensus works on; one that waits for a signer does not say. */
  readonly working = new Map(topology.nodes.map(({ name }) => [name, 1001]))
  readonly votes = new Map<number, Vote>()
  readonly logs: string[] = []
  readonly away = new Set<string>()
  readonly did: string[] = []
  /** What happens when the signer's container is started. */
  onStart: () => void = () => {}
  onKill: (container: string) => void = (container) => this.exit(container)
  /** What happens while a node is asked. */
  onRpc: (path: string) => void = () => {}
  /** Arguments of the critical sections that were started. */
  readonly moves: Readonly<Record<string, string>>[] = []
  /** What the section comes to. */
  onMove: (settings: Readonly<Record<string, string>>) => RunResult = (settings) => moved(settings, "to", { state: "1000/0/2" })

  hosts(): Readonly<Record<string, HostAccess>> {
    return Object.fromEntries(topology.hosts.map(({ name }) => [name, this.#host(name)]))
  }

  /** The container of that name, and its process, are gone. */
  exit(container: string): void {
    for (const [host, list] of this.containers) {
      const found = list.find(({ name }) => name === container)
      if (!found) continue
      this.containers.set(
        host,
        list.map((each) => (each === found ? { ...each, status: "exited" } : each)),
      )
      this.tmkms.set(
        host,
        (this.tmkms.get(host) ?? []).filter(({ containerId: id }) => id !== found.id),
      )
    }
  }

  setStatus(container: string, status: string): void {
    for (const [host, list] of this.containers)
      this.containers.set(
        host,
        list.map((each) => (each.name === container ? { ...each, status } : each)),
      )
  }

  #host(name: string): HostAccess {
    const reach = <T>(work: () => T): Promise<T> =>
      this.away.has(name)
        ? Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${name} cannot be reached: no route`))
        : Promise.resolve().then(work)
    return aHost({
      run: (argv) => reach(() => this.#run(name, argv)),
      containers: () => reach(() => this.containers.get(name) ?? []),
      inspect: (container) => reach(() => this.containers.get(name)?.find((each) => each.name === container)),
      kill: (container) =>
        reach(() => {
          this.did.push(`kill ${container}`)
          this.onKill(container)
        }),
      start: (container) =>
        reach(() => {
          this.did.push(`start ${container}`)
          this.onStart()
        }),
      logs: () => reach(() => this.logs),
      rpc: (_, path) => reach(() => this.#rpc(name, path)),
    })
  }

  #run(host: string, argv: readonly string[]): RunResult {
    if (argv[3] === "move-signer") {
      const settings = Object.fromEntries(argv.slice(5).map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]))
      this.did.push(`move on ${host}`)
      this.moves.push(settings)
      return this.onMove(settings)
    }
    if (argv[0] === "sh" && argv[1] === "-s") return ok(this.#probe(host))
    if (argv[0] === "cat" && argv[1]?.endsWith(layout.signer.stateFile("main")))
      return this.state === undefined ? failed("No such file or directory") : ok(this.state)
    throw new Error(`this site does not know: ${argv.join(" ")}`)
  }

  #probe(host: string): string {
    const rows = (this.tmkms.get(host) ?? []).map(({ pid, containerId: id, connections }) =>
      ["tmkms", pid, id ?? "", connections.map(asKernelWrites).join(" "), "/gonka-ha/config/tmkms-node-1.toml"].join("\t"),
    )
    if (host === "sig-1" && this.state !== undefined) rows.push(["signer", "main", "state", this.state].join("\t"))
    return [...rows, "end", ""].join("\n")
  }

  #rpc(host: string, path: string): unknown {
    this.onRpc(path)
    const node = topology.nodes.find((each) => each.host === host)?.name ?? ""
    const height = this.heights.get(node)
    if (height === undefined) throw new AppError("RPC", EXIT.unreachable, `RPC ${path}: nothing listens`)
    if (path === "/status")
      return {
        node_info: { id: "f".repeat(40), network: "lab-1", version: "0.38.21" },
        sync_info: { latest_block_height: String(height), latest_block_time: "2026-11-23T12:00:00Z", catching_up: false },
      }
    if (path === "/consensus_state") {
      const working = this.working.get(node)
      if (working === undefined) throw new AppError("RPC", EXIT.unreachable, "RPC /consensus_state: no answer within 3000 ms")
      return { round_state: { "height/round/step": `${working}/0/1` } }
    }
    const asked = Number(/^\/commit\?height=(\d+)$/.exec(path)?.[1])
    const flag = { signed: 2, nil: 3, absent: 1 }[this.votes.get(asked) ?? "absent"]
    return {
      canonical: asked < height,
      signed_header: {
        header: { height: String(asked) },
        commit: { signatures: [{ block_id_flag: flag, validator_address: theValidator(topology).address }] },
      },
    }
  }
}

/** The record of a critical section. */
export function moved(
  settings: Readonly<Record<string, string>>,
  at: string,
  fields: Readonly<Record<string, string | number>> = {},
): RunResult {
  const lines = { run: settings.run, at, stopped_ms: 100, started_ms: 400, connected_ms: 900, ...fields }
  const { reason = "", ...others } = { reason: "", ...lines }
  return ok([...Object.entries(others), ["reason", reason]].map(([name, value]) => `${name}=${value}\n`).join(""))
}

export function stateText(height: number, step: number, round = 0): string {
  return JSON.stringify({ height: String(height), round: String(round), step, block_id: { hash: "A".repeat(64) } })
}

/** `10.0.0.21:26658` as /proc/net/tcp has it. */
function asKernelWrites(address: string): string {
  const [ip = "", port = ""] = address.split(":")
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0")
  const bytes = ip.split(".").map((byte) => hex(Number(byte), 2))
  return `${bytes.reverse().join("")}:${hex(Number(port), 4)}`
}
