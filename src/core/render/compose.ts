import {
  type ApiInstance,
  type ChainNode,
  containerName,
  type EdgeEntry,
  type Host,
  hostOf,
  QUERY_SERVICES,
  serviceName,
  type Topology,
  type Validator,
} from "../topology.ts"
import { API_LISTEN_PORT } from "./api-haproxy.ts"
import { EDGE_LISTEN_PORT } from "./edge-haproxy.ts"
import { inside, insidePort, layout, signerMarks } from "./layout.ts"

export const LABEL = {
  deployment: "io.gonka-ha.deployment",
  service: "io.gonka-ha.service",
  role: "io.gonka-ha.role",
  digest: "io.gonka-ha.digest",
} as const

export type ServiceRole = "sentry" | "private" | "parking" | "signer" | "balancer"

type HealthCheck = {
  readonly test: readonly string[]
  readonly interval: string
  readonly timeout: string
  readonly retries: number
  readonly start_period: string
}

export type ComposeService = {
  readonly image: string
  readonly container_name: string
  readonly entrypoint: readonly string[]
  readonly volumes: readonly string[]
  readonly ports?: readonly string[]
  /** By the name of a network of this file; left out for the one that all other services share. */
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] }>>
  readonly restart: "always" | "unless-stopped"
  readonly stop_signal?: string
  readonly stop_grace_period: string
  readonly healthcheck?: HealthCheck
  readonly read_only: true
  readonly tmpfs?: readonly string[]
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly cpu_shares: number
  readonly cpus?: number
  readonly mem_limit?: string
  readonly pids_limit: number
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  readonly labels: Readonly<Record<string, string>>
}

/** A service with what its digest covers: its own definition and the rendered directories that it mounts. */
export type PlannedService = { readonly name: string; readonly definition: PatchedService; readonly configDirs: readonly string[] }

/** A definition above which an operator's patch may lie. */
export type PatchedService = Pick<ComposeService, "labels"> & Readonly<Record<string, unknown>>

/** CometBFT writes about 36 MB of log a day at 5 s blocks, and json-file does not rotate by itself (signing.md 9.7). */
const LOGGING = { driver: "json-file", options: { "max-size": "50m", "max-file": "4" } } as const

/** When a host is short of processor time, signing comes first, then following the chain, then serving others. */
const CPU_SHARES = { signer: 4096, candidate: 2048, other: 1024 } as const

/** Root without any capability: it can use what belongs to root and nothing else, and it cannot get more. */
const CONFINED = { read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] } as const

/** Every service of one host, in the order in which it is written. */
export function servicesOn(topology: Topology, host: Host): PlannedService[] {
  const nodes = topology.nodes.filter((node) => node.host === host.name)
  const validators = topology.validators.filter((validator) => validator.signerHost === host.name)
  return [
    ...nodes.flatMap((node) =>
      node.candidateOf.length > 0 ? [nodeService(topology, node), parkingService(topology, node)] : [nodeService(topology, node)],
    ),
    ...validators.map((validator) => signerService(topology, validator)),
    ...topology.apis.filter((api) => api.host === host.name).map((api) => apiBalancer(topology, api)),
    ...topology.edges.filter((edge) => edge.host === host.name).map((edge) => edgeBalancer(topology, edge)),
  ]
}

function nodeService(topology: Topology, node: ChainNode): PlannedService {
  return service(topology, serviceName.node(node.name), node.role, [layout.node.config(node.name)], {
    image: topology.images.node,
    entrypoint: ["/bin/sh", `${inside.config}/start-node.sh`],
    volumes: [
      `./${layout.node.config(node.name)}:${inside.config}:ro`,
      `./${layout.node.home(node.name)}:${inside.home}`,
      `./${layout.secrets.node(node.name)}:${inside.secrets}:ro`,
      ...(mayBePlain(topology, node) ? [`./${layout.parking.control(node.name)}:${inside.control}:ro`] : []),
    ],
    ports: portsOf(hostOf(topology, node.host), node),
    restart: "always",
    // A node whose signer is gone does not stop on SIGTERM (signing.md 1.3); an orderly stop takes far less.
    stop_grace_period: "30s",
    healthcheck: {
      test: ["CMD", "/bin/sh", `${inside.config}/node-health.sh`],
      interval: "30s",
      timeout: "10s",
      retries: 3,
      // A state sync or a long catch-up is not an illness.
      start_period: "10m",
    },
    ...CONFINED,
    tmpfs: ["/tmp"],
    cpu_shares: node.candidateOf.length > 0 ? CPU_SHARES.candidate : CPU_SHARES.other,
    ...limits(node.resources),
    pids_limit: 4096,
  })
}

/** Such a node looks at every start whether it is to have a privval port. */
function mayBePlain({ policy }: Topology, node: ChainNode): boolean {
  return policy.standby === "plain" && node.candidateOf.length > 0
}

/** Addresses of the host, never all of them but for a sentry's p2p: a published port goes round ufw and most other firewalls. */
function portsOf(host: Host, node: ChainNode): string[] {
  const p2pAddress = node.role === "sentry" ? EVERYWHERE : host.privateAddress
  // On a host whose private address is loopback itself, the second line would be the first one again.
  const isOnLoopback = host.privateAddress === LOOPBACK
  return [
    `${p2pAddress}:${node.ports.p2p}:${insidePort.p2p}`,
    `${LOOPBACK}:${node.ports.rpc}:${insidePort.rpc}`,
    ...node.services
      .filter((name) => name !== "rpc" || !isOnLoopback)
      .map((name) => `${host.privateAddress}:${node.ports[name]}:${insidePort[name]}`),
    ...(node.candidateOf.length > 0 ? [`${host.privateAddress}:${node.ports.privval}:${insidePort.privval}`] : []),
  ]
}

const LOOPBACK = "127.0.0.1"
const EVERYWHERE = "0.0.0.0"

/** tmkms ignores SIGTERM as process 1 and writes its state before each signature, so SIGKILL is its orderly stop (signing.md 9.7). */
const TMKMS = {
  stop_signal: "SIGKILL",
  stop_grace_period: "1s",
  ...CONFINED,
  healthcheck: {
    test: ["CMD", "/bin/sh", `${inside.config}/signer-health.sh`],
    interval: "30s",
    timeout: "5s",
    retries: 3,
    start_period: "1m",
  },
  cpu_shares: CPU_SHARES.signer,
  pids_limit: 128,
} as const

/** tmkms needs about ten megabytes; more than this is a leak, and better the signer than the whole host. */
const TMKMS_MEMORY = "256m"

function parkingService(topology: Topology, node: ChainNode): PlannedService {
  return service(topology, serviceName.parking(node.name), "parking", [layout.parking.config(node.name)], {
    image: topology.images.tmkms,
    entrypoint: ["/bin/sh", `${inside.config}/park.sh`],
    volumes: [
      `./${layout.parking.config(node.name)}:${inside.config}:ro`,
      `./${layout.parking.state(node.name)}:${inside.state}`,
      `./${layout.parking.control(node.name)}:${inside.control}:ro`,
      `./${layout.secrets.parking(node.name)}:${inside.secrets}:ro`,
    ],
    // It must be back after any reboot; whether it may hold the port is decided by the owner file, not by this policy.
    restart: "always",
    ...TMKMS,
    mem_limit: TMKMS_MEMORY,
  })
}

function signerService(topology: Topology, validator: Validator): PlannedService {
  return service(topology, serviceName.signer(validator.name), "signer", [layout.signer.config(validator.name)], {
    image: topology.images.tmkms,
    entrypoint: ["/bin/sh", `${inside.config}/guard.sh`],
    volumes: [
      `./${layout.signer.config(validator.name)}:${inside.config}:ro`,
      `./${layout.signer.state(validator.name)}:${inside.state}`,
      `./${layout.signer.control(validator.name)}:${inside.control}`,
      `./${layout.secrets.signer(validator.name)}:${inside.secrets}:ro`,
      `${signerMarks(topology, validator)}:${inside.marks}`,
    ],
    // Comes back with its host, through the guard; stays down after a deliberate stop, also across a reboot.
    restart: "unless-stopped",
    ...TMKMS,
    ...limits({ ...validator.signerResources, memory: validator.signerResources.memory ?? TMKMS_MEMORY }),
  })
}

/**
 * HAProxy as its own images start it. It ends by itself when it cannot listen, so that it runs says as much as a health check could; whether
 * something is behind it is no illness of its own.
 */
const HAPROXY = {
  entrypoint: ["haproxy", "-W", "-db", "-f", `${inside.config}/haproxy.cfg`],
  restart: "always",
  stop_grace_period: "5s",
  ...CONFINED,
  tmpfs: ["/tmp"],
  cpu_shares: CPU_SHARES.other,
  // 4000 connections of two buffers each and two caches stay below it.
  mem_limit: "1g",
  pids_limit: 1024,
} as const

/** The name that Gonka's programs have for their node. */
const NODE_ALIAS = "node"

function apiBalancer(topology: Topology, api: ApiInstance): PlannedService {
  const { privateAddress } = hostOf(topology, api.host)
  const ports = QUERY_SERVICES.flatMap((name) => {
    const port = api.ports[name]
    return port === undefined ? [] : [`${privateAddress}:${port}:${API_LISTEN_PORT[name]}`]
  })
  return balancerService(topology, { kind: "api", name: api.name, aliases: [NODE_ALIAS] }, ports, {
    // At once: the api's websocket never ends by itself, and it dials again after ten seconds, when this is back.
    stop_signal: "SIGTERM",
  })
}

function edgeBalancer(topology: Topology, edge: EdgeEntry): PlannedService {
  const ports = [
    `${EVERYWHERE}:${edge.port}:${EDGE_LISTEN_PORT.http}`,
    ...(edge.grpcPort === undefined ? [] : [`${EVERYWHERE}:${edge.grpcPort}:${EDGE_LISTEN_PORT.grpc}`]),
  ]
  return balancerService(topology, { kind: "edge", name: edge.name, aliases: [] }, ports, {
    // Users get the answers to what they have asked; what takes longer than the grace asks again.
    stop_signal: "SIGUSR1",
  })
}

/** In a network of its own: neither users nor Gonka's programs may stand beside a node, whose signing port is open to its neighbours. */
function balancerService(
  topology: Topology,
  { kind, name, aliases }: { readonly kind: "api" | "edge"; readonly name: string; readonly aliases: readonly string[] },
  ports: readonly string[],
  stop: Pick<ComposeService, "stop_signal">,
): PlannedService {
  const dir = layout.haproxy(kind, name)
  // The rule about images makes sure that there is one.
  const image = topology.images.haproxy ?? ""
  return service(topology, serviceName.balancer(name), "balancer", [dir], {
    image,
    ...HAPROXY,
    ...stop,
    volumes: [`./${dir}:${inside.config}:ro`],
    ...(ports.length === 0 ? {} : { ports }),
    networks: { [serviceName.balancer(name)]: aliases.length === 0 ? {} : { aliases } },
  })
}

/** Networks that services of a file are in besides the one that they share; each has the name of its one container. */
export function networksOf(topology: Topology, services: readonly PlannedService[]): Readonly<Record<string, { readonly name: string }>> {
  const names = services.flatMap(({ definition }) => (isMap(definition.networks) ? Object.keys(definition.networks) : []))
  return Object.fromEntries(names.map((name) => [name, { name: containerName(topology, name) }]))
}

function limits({ memory, cpus }: ChainNode["resources"]): Pick<ComposeService, "mem_limit" | "cpus"> {
  return { ...(memory === undefined ? {} : { mem_limit: memory }), ...(cpus === undefined ? {} : { cpus }) }
}

type Definition = Omit<ComposeService, "container_name" | "labels" | "logging">

function service(
  topology: Topology,
  name: string,
  role: ServiceRole,
  configDirs: readonly string[],
  definition: Definition,
): PlannedService {
  const ours: ComposeService = {
    ...definition,
    container_name: containerName(topology, name),
    logging: LOGGING,
    labels: { [LABEL.deployment]: topology.deployment, [LABEL.service]: name, [LABEL.role]: role },
  }
  const patched = mergedMaps(ours, topology.composePatches.get(name) ?? {})
  return { name, configDirs, definition: { ...patched, labels: { ...stringsIn(patched.labels), ...ours.labels } } }
}

/** Maps merge, everything else is replaced: the rule of the whole language. */
function mergedMaps(below: Readonly<Record<string, unknown>>, above: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])]
  return Object.fromEntries(
    keys.map((key) => {
      const [under, over] = [below[key], above[key]]
      return [key, over === undefined ? under : isMap(under) && isMap(over) ? mergedMaps(under, over) : over]
    }),
  )
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Labels are written as a map, or as a list of `NAME=VALUE`. */
function stringsIn(labels: unknown): Readonly<Record<string, string>> {
  if (Array.isArray(labels)) return Object.fromEntries(labels.map((item) => pairIn(String(item))))
  return isMap(labels) ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value ?? "")])) : {}
}

function pairIn(text: string): readonly [name: string, value: string] {
  const [name = "", ...value] = text.split("=")
  return [name, value.join("=")]
}
