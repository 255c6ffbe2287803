import { base64 } from "@scure/base"
import protobuf from "protobufjs/minimal.js"
import { AppError, EXIT } from "../../src/core/errors.ts"
import { toKernel } from "../../src/core/observe/kernel-address.ts"
import { PARAMS_PATH } from "../../src/core/observe/slashing-query.ts"
import { type HostSeen, type NodeSeen, type Observed, type SignerFiles, valueIn } from "../../src/core/observe/state.ts"
import { CURRENT_PLAN_PATH } from "../../src/core/observe/upgrade-query.ts"
import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import type { Topology } from "../../src/core/topology.ts"
import { NOW_MS, theValidator } from "./observed.ts"
import { aHost, type PaperDeployment } from "./paper-deployment.ts"

/** What the hosts say that is not in one look. */
export type Sayings = {
  /** Nodes that gain no block. */
  readonly still?: readonly string[]
  /** The hash of every block of a node, where it is not that of the others. */
  readonly hashes?: ReadonlyMap<string, string>
  /** Protobuf of the upgrade plan, in base64. */
  readonly upgrade?: string
  /** How long a host takes for its first answer, as one does to which there is no connection yet. */
  readonly firstAnswerMs?: ReadonlyMap<string, number>
  /** What the guard says on stderr when it is asked; it refuses then. */
  readonly guard?: string
}

const failed = (what: string) => new AppError("RPC", EXIT.unreachable, what)
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })

/** Hosts that answer in the words of the probe, the engine and the nodes what was seen, and whose chain goes on with the clock. */
export function speakingHosts(
  topology: Topology,
  observed: Observed,
  clock: () => PaperDeployment["clock"],
  sayings: Sayings = {},
): Readonly<Record<string, HostAccess>> {
  const waits = new Map(sayings.firstAnswerMs)
  return Object.fromEntries(
    topology.hosts.map(({ name }) => {
      const reading = observed.hosts.get(name)
      if (reading?.kind !== "seen") {
        const away = () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${name}: ${reading?.reason ?? "away"}`))
        return [name, aHost({ run: away, containers: away, rpc: away })]
      }
      const node = topology.nodes.find((each) => each.host === name)
      const seenNode = node === undefined ? undefined : observed.nodes.get(node.name)
      return [
        name,
        aHost({
          run: async (argv) => {
            clock().advance(waits.get(name) ?? 0)
            waits.delete(name)
            if (argv[0] === "sh" && argv[1] === "-s") return ok(probeText(reading.value, clock().wallMs()))
            if (argv[0] === "docker" && argv[1] === "exec")
              return sayings.guard === undefined ? ok() : { code: 1, stdout: "", stderr: sayings.guard }
            throw new Error(`this host does not know: ${argv.join(" ")}`)
          },
          containers: async () => reading.value.containers,
          rpc: async (_, path) => {
            if (node === undefined || seenNode === undefined) throw failed("no node is here")
            if (seenNode.kind === "unknown") throw failed(seenNode.reason)
            const gained = sayings.still?.includes(node.name) ? 0 : Math.floor(clock().monoMs() / topology.chain.blockMs)
            return rpcAnswer(topology, observed, seenNode.value, gained, sayings.hashes?.get(node.name) ?? "A".repeat(64), sayings, path)
          },
        }),
      ]
    }),
  )
}

function probeText(host: HostSeen, wallMs: number): string {
  const rows: (readonly (string | number)[])[] = [
    ...[...host.files].map((file) => ["file", ...file]),
    ...[...host.owners].map((owner) => ["owner", ...owner]),
    ...[...host.signers].flatMap(([validator, files]) => signerRows(files).map((row) => ["signer", validator, ...row])),
    ...host.places.flatMap(({ deployment, validator, pubkey, holdsKey }) => [
      ["pin", deployment, validator, pubkey ?? ""],
      ...(holdsKey ? [["key", deployment, validator]] : []),
    ]),
    ...host.tmkms.map(({ pid, containerId, connections, config }) => [
      "tmkms",
      pid,
      containerId ?? "",
      connections.map(toKernel).join(" "),
      config,
    ]),
  ]
  for (const [fact, value] of Object.entries({ epoch: host.lock.epoch, held: host.lock.heldBy, kept: host.lock.kept }))
    if (value !== undefined) rows.push(["lock", fact, value])
  const disk = valueIn(host.disk)
  if (host.isRoot !== undefined) rows.push(["user", host.isRoot ? 0 : 1000])
  if (disk) rows.push(["disk", Math.floor(disk.totalBytes / 1024), Math.floor(disk.freeBytes / 1024)])
  const offset = valueIn(host.clock)?.offsetMs
  if (offset !== undefined) rows.push(["clock", wallMs + offset, 1])
  return `${[...rows, ["end"]].map((row) => row.join("\t")).join("\n")}\n`
}

function signerRows({ aim, floor, fence, lockedBy, epoch, operation, state }: SignerFiles): readonly (readonly [string, string])[] {
  const facts = { aim, floor, fence, locked: lockedBy, epoch, "operation.json": operation && JSON.stringify(operation), state: undefined }
  const rows = Object.entries(facts).flatMap(([fact, value]) => (value === undefined ? [] : [[fact, String(value)] as const]))
  if (state.kind !== "ok") return rows
  const { height, round, step } = state.state
  return [...rows, ["state", JSON.stringify({ height: String(height), round: String(round), step, block_id: { hash: "A".repeat(64) } })]]
}

function rpcAnswer(
  topology: Topology,
  observed: Observed,
  node: NodeSeen,
  gained: number,
  hash: string,
  sayings: Sayings,
  path: string,
): unknown {
  const validator = theValidator(topology)
  const slashing = valueIn(observed.slashing.get(validator.name))
  const height = node.height + gained
  if (path === "/status")
    return {
      node_info: { id: "f".repeat(40), network: node.network, version: node.version },
      sync_info: {
        latest_block_height: String(height),
        latest_block_time: new Date(NOW_MS - node.ageMs + gained * topology.chain.blockMs).toISOString(),
        catching_up: node.catchingUp,
      },
    }
  if (path === "/net_info") return { peers: node.peerIds.map((id) => ({ node_info: { id } })) }
  if (path === "/abci_info") return { response: {} }
  if (path === CURRENT_PLAN_PATH) return { response: { code: 0, value: sayings.upgrade ?? "" } }
  if (path.startsWith("/validators"))
    return { total: "1", validators: [{ address: validator.address, voting_power: String(slashing?.votingPower ?? 0) }] }
  if (path === PARAMS_PATH) return { response: { code: 0, value: paramsOf(slashing?.windowBlocks ?? 100) } }
  if (path.includes("SigningInfo")) return { response: { code: 0, value: recordOf(slashing?.record?.missedBlocks ?? 0) } }
  const asked = Number(/^\/commit\?height=(\d+)$/.exec(path)?.[1])
  const vote = slashing?.recent.find((each) => each.height === asked)?.vote ?? "signed"
  return {
    canonical: asked < height,
    signed_header: {
      header: { height: String(asked) },
      commit: {
        height: String(asked),
        block_id: { hash },
        signatures: [{ block_id_flag: { signed: 2, nil: 3, absent: 1 }[vote], validator_address: validator.address }],
      },
    },
  }
}

/** cosmos.slashing.v1beta1.QueryParamsResponse, of whose window half must be signed. */
function paramsOf(windowBlocks: number): string {
  return inside((writer) => writer.uint32(8).int64(windowBlocks).uint32(18).string("500000000000000000"))
}

/** cosmos.slashing.v1beta1.QuerySigningInfoResponse. */
function recordOf(missedBlocks: number): string {
  return inside((writer) => writer.uint32(16).int64(1).uint32(24).int64(5000).uint32(48).int64(missedBlocks))
}

function inside(write: (writer: protobuf.Writer) => protobuf.Writer): string {
  return base64.encode(write(protobuf.Writer.create().uint32(10).fork()).ldelim().finish())
}
