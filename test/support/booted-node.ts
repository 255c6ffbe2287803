import { randomBytes } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import { parse } from "yaml"
import { z } from "zod"
import { insidePort, layout } from "../../src/core/render/layout.ts"
import { type ChainNode, serviceName } from "../../src/core/topology.ts"
import { docker } from "../lab/docker.ts"
import { execInContainer } from "../lab/exec-in-container.ts"
import type { LabIdentity } from "../lab/lab-identity.ts"
import { labelArgs } from "../lab/lab-identity.ts"
import { waitUntil } from "../lab/wait-until.ts"
import type { InstalledGolden } from "./installed-golden.ts"

const STUCK_AFTER_MS = 60_000

const COMPOSE = z.object({
  services: z.record(
    z.string(),
    z.object({
      // Of a node, its shell and its script; a load balancer has options as well.
      entrypoint: z.tuple([z.string(), z.string()]).rest(z.string()),
      volumes: z.array(z.string()),
      tmpfs: z.array(z.string()).default([]),
      cap_drop: z.array(z.string()),
      security_opt: z.array(z.string()),
      pids_limit: z.number(),
      read_only: z.literal(true),
    }),
  ),
})

const STATUS = z.object({
  result: z.object({
    node_info: z.object({
      id: z.string(),
      listen_addr: z.string(),
      network: z.string(),
      moniker: z.string(),
      other: z.object({ tx_index: z.string(), rpc_address: z.string() }),
    }),
    validator_info: z.object({ pub_key: z.object({ value: z.string() }) }),
  }),
})

/** What a node says of itself, and what it does. */
export type BootedNode = {
  readonly info: z.infer<typeof STATUS>["result"]["node_info"]
  /** Of the key that would sign: a signer's, or the node's own. */
  readonly signingKey: string
  /** Ports that are open, sorted. */
  readonly ports: readonly number[]
  /** The kind of answer; empty without one. */
  readonly rest: string
  readonly grpc: string
}

export type Boot = {
  readonly identity: LabIdentity
  readonly images: { readonly node: string; readonly tmkms: string }
  readonly golden: InstalledGolden
  readonly genesis: string
}

const ASK_STATUS = `until curl -fs --max-time 5 http://127.0.0.1:${insidePort.rpc}/status; do sleep 0.1; done`
const ASK_REST = `curl -s -o /dev/null -w '%{content_type}' http://127.0.0.1:${insidePort.rest}/cosmos/base/node/v1beta1/config || true`
/** The frame of an empty message. */
const ASK_GRPC = `printf '\\000\\000\\000\\000\\000' | curl -s --http2-prior-knowledge -o /dev/null -w '%{content_type}' -H 'content-type: application/grpc' -H 'te: trailers' --data-binary @- http://127.0.0.1:${insidePort.grpc}/cosmos.base.node.v1beta1.Service/Config || true`

/**
 * Starts a node, and the parking signer of a candidate, in containers as hard as the rendered compose.yaml makes them, with its mounts
 * and entrypoints. Only three settings are others: the program's name, and that the node begins at the throw-away genesis.
 */
export async function bootNode(boot: Boot, node: ChainNode, wantedPorts: readonly number[]): Promise<BootedNode> {
  prepare(boot, node)
  const container = `${boot.identity.id}-${node.name}-${randomBytes(4).toString("hex")}`
  const parking = `${container}-parking`
  try {
    // Both containers believe that the node's name is their own machine's, since they share a network that has nothing else.
    const network = ["--network", "none", "--add-host", `${node.name}:127.0.0.1`]
    await run(boot, node, serviceName.node(node.name), boot.images.node, container, network)
    if (node.candidateOf.length > 0)
      await run(boot, node, serviceName.parking(node.name), boot.images.tmkms, parking, ["--network", `container:${container}`])
    return await observed(container, wantedPorts)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${boot.golden.name}/${node.name} does not start: ${why}\n${await logOf(container)}\n${await logOf(parking)}`)
  } finally {
    await docker(["rm", "--force", container, parking])
  }
}

function prepare({ golden, genesis }: Boot, node: ChainNode): void {
  const host = join(golden.dir, node.host)
  const home = join(host, layout.node.home(node.name))
  mkdirSync(join(home, "config"), { recursive: true })
  writeFileSync(join(home, "config/genesis.json"), genesis)
  const settings = `${layout.node.config(node.name)}/settings`
  const rendered = golden.files.get(`${node.host}/${settings}`) ?? ""
  const changed = rendered
    .replace(/^binary=.*$/m, "binary=simd")
    .replace(/^bootstrap=.*$/m, "bootstrap=genesis")
    .replace(/^genesis_sha256=.*$/m, "genesis_sha256=")
  writeFileSync(join(host, settings), changed)
  if (node.candidateOf.length === 0) return
  mkdirSync(join(host, layout.parking.state(node.name)), { recursive: true })
  mkdirSync(join(host, layout.parking.control(node.name)), { recursive: true })
  writeFileSync(join(host, layout.parking.owner(node.name)), "parking\n")
}

async function run(
  { identity, golden }: Boot,
  node: ChainNode,
  name: string,
  image: string,
  container: string,
  network: readonly string[],
): Promise<void> {
  const service = COMPOSE.parse(parse(golden.files.get(`${node.host}/${layout.compose}`) ?? "")).services[name]
  if (!service) throw new Error(`compose.yaml of ${node.host} has no service ${name}`)
  const [shell, script] = service.entrypoint
  await docker([
    ...["run", "--detach", "--name", container, ...labelArgs(identity), ...network, "--read-only"],
    ...service.tmpfs.flatMap((path) => ["--tmpfs", path]),
    ...service.cap_drop.flatMap((capability) => ["--cap-drop", capability]),
    ...service.security_opt.flatMap((option) => ["--security-opt", option]),
    ...["--pids-limit", `${service.pids_limit}`],
    ...service.volumes.flatMap((volume) => ["--volume", join(golden.dir, node.host, volume)]),
    ...["--entrypoint", shell, image, script],
  ])
}

async function observed(container: string, wantedPorts: readonly number[]): Promise<BootedNode> {
  const status = await said(container, ASK_STATUS)
  const wanted = wantedPorts.join(" ")
  let ports: readonly number[] = []
  // The SDK opens its own servers a moment after CometBFT's.
  await waitUntil(
    `the open ports are ${wanted}`,
    async () => {
      ports = openPorts(await said(container, "cat /proc/net/tcp /proc/net/tcp6"))
      return wantedPorts.every((port) => ports.includes(port)) ? true : undefined
    },
    { stuckAfterMs: STUCK_AFTER_MS, progress: () => ports.join(" ") },
  )
  const [rest, grpc] = [await said(container, ASK_REST), await said(container, ASK_GRPC)]
  const { node_info: info, validator_info: signer } = STATUS.parse(JSON.parse(status)).result
  return { info, signingKey: signer.pub_key.value, ports, rest, grpc }
}

async function said(container: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await execInContainer(container, ["sh", "-c", script], { timeoutMs: STUCK_AFTER_MS })
  if (code !== 0) throw new Error(`exit ${code} ${stderr}`)
  return stdout
}

/** The local ports in the state LISTEN, of the kernel's tables. */
function openPorts(tables: string): readonly number[] {
  const ports = [...tables.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm)].map(([, port]) =>
    Number.parseInt(port ?? "", 16),
  )
  return [...new Set(ports)].sort((a, b) => a - b)
}

async function logOf(container: string): Promise<string> {
  return (await execa("docker", ["logs", "--tail", "20", container], { all: true, reject: false })).all
}
