import type { FlatToml } from "../toml-value.ts"
import {
  type ApiInstance,
  type ChainNode,
  type EdgeEntry,
  type NodeRole,
  QUERY_SERVICES,
  type QueryService,
  type Snapshots,
} from "../topology.ts"
import { DEFAULT_PRIORITY, EDGE_DEFAULTS, SNAPSHOT_DEFAULTS } from "./built-in.ts"
import { flatToml, type NestedToml } from "./flat-toml.ts"
import type { NodeSettings, Spec } from "./schema.ts"

/** A node with everything that follows from the spec alone; its host may be missing or unknown, which a rule reports. */
export type ShapeNode = Omit<ChainNode, "id" | "host"> & {
  readonly pool: "sentries" | "private"
  readonly host: string | undefined
}

export type ShapeCandidate = { readonly node: string; readonly priority: number; readonly nofailover: boolean }

export type ShapeValidator = {
  readonly name: string
  /** The most preferred first. */
  readonly candidates: readonly ShapeCandidate[]
  readonly written: Spec["validators"][string]
}

/** What a spec means before keys are looked at. It can be made of any spec of the right form, also of one that breaks rules. */
export type Shape = {
  readonly nodes: readonly ShapeNode[]
  readonly validators: readonly ShapeValidator[]
  readonly apis: readonly ApiInstance[]
  readonly edges: readonly EdgeEntry[]
}

const POOL_ROLE = { sentries: "sentry", private: "private" } as const satisfies Record<string, NodeRole>

/** @param spec expanded: no group and no pool is left in it */
export function shapeOf(spec: Spec): Shape {
  const validators = sortedEntries(spec.validators).map(([name, written]) => ({ name, candidates: candidatesOf(written), written }))
  const apis = apisOf(spec, validators)
  const nodes = (["sentries", "private"] as const).flatMap((pool) =>
    sortedEntries(spec[pool]).map(([name, node]) => shapeNode(spec, pool, name, node, validators, apis)),
  )
  return { nodes, validators, apis, edges: edgesOf(spec, nodes) }
}

function shapeNode(
  spec: Spec,
  pool: "sentries" | "private",
  name: string,
  node: NodeSettings,
  validators: readonly ShapeValidator[],
  apis: readonly ApiInstance[],
): ShapeNode {
  const readBy = pool === "private" ? apis.filter((api) => api.upstreams.includes(name)).map((api) => api.name) : []
  const publicServices = pool === "sentries" ? QUERY_SERVICES.filter((service) => node.public?.[service] === true) : []
  const servedBy = validators.filter(({ candidates }) => candidates.some((candidate) => candidate.node === name))
  const privvalMoves = servedBy.reduce((moves, { written }) => moves + (written.signer.replaces?.length ?? 0), 0)
  const servesUsers = readBy.length > 0 || publicServices.length > 0
  return {
    name,
    pool,
    role: POOL_ROLE[pool],
    host: node.host,
    ports: {
      p2p: node.public?.p2p ?? node.ports?.p2p ?? 0,
      rpc: node.ports?.rpc ?? 0,
      rest: node.ports?.rest ?? 0,
      grpc: node.ports?.grpc ?? 0,
      privval: (node.ports?.privval ?? 0) + privvalMoves,
    },
    candidateOf: servedBy.map((validator) => validator.name),
    privvalMoves,
    publicServices,
    services: servicesOf(spec, node, publicServices, readBy.length > 0),
    readBy,
    snapshots: snapshotsOf(node),
    pruning: {
      keepStates: node.pruning?.keepStates ?? 0,
      intervalBlocks: node.pruning?.interval ?? 0,
      keepBlocks: node.pruning?.keepBlocks ?? 0,
    },
    bootstrap: node.bootstrap ?? "genesis",
    indexer: node.indexer ?? (servesUsers ? "kv" : "null"),
    resources: { memory: node.resources?.memory, cpus: node.resources?.cpus },
    patches: { config: flat(node.config), app: flat(node.app) },
  }
}

function snapshotsOf({ snapshots }: NodeSettings): Snapshots | undefined {
  if (snapshots === undefined || snapshots === false) return undefined
  const { interval, keep } = snapshots === true ? {} : snapshots
  return { intervalBlocks: interval ?? SNAPSHOT_DEFAULTS.intervalBlocks, keep: keep ?? SNAPSHOT_DEFAULTS.keep }
}

/** A service is on where somebody reads it: an api, an entry point, or a private node that asks for a block to trust. */
function servicesOf(spec: Spec, node: NodeSettings, publicServices: readonly QueryService[], isRead: boolean): readonly QueryService[] {
  if (isRead) return QUERY_SERVICES
  const tellsTrust = snapshotsOf(node) !== undefined && Object.values(spec.private).some((other) => other.bootstrap === "sentries")
  return QUERY_SERVICES.filter((service) => publicServices.includes(service) || (service === "rpc" && tellsTrust))
}

function candidatesOf(written: Spec["validators"][string]): readonly ShapeCandidate[] {
  const listed = Array.isArray(written.candidates)
    ? written.candidates.map((node) => ({ node, priority: DEFAULT_PRIORITY, nofailover: false }))
    : sortedEntries(written.candidates).map(([node, { priority, nofailover }]) => ({
        node,
        priority: priority ?? DEFAULT_PRIORITY,
        nofailover: nofailover ?? false,
      }))
  // Sorting is stable: of equal priorities, a list keeps its order, and a map, which has none, the order of the names.
  return listed.sort((a, b) => b.priority - a.priority)
}

function apisOf(spec: Spec, validators: readonly ShapeValidator[]): readonly ApiInstance[] {
  const preferred = upstreamsByDefault(spec, validators)
  return sortedEntries(spec.api ?? {}).map(([name, api]) => ({
    name,
    host: api.host,
    role: api.role,
    upstreams: api.upstreams ?? preferred,
    ports: { rpc: api.ports?.rpc, rest: api.ports?.rest, grpc: api.ports?.grpc },
  }))
}

/** Standbys first: an api that reads from the active node takes time from the signing. */
function upstreamsByDefault(spec: Spec, validators: readonly ShapeValidator[]): readonly string[] {
  const active = new Set(validators.map(({ written }) => written.firstActive))
  const names = Object.keys(spec.private).sort()
  return [...names.filter((name) => !active.has(name)), ...names.filter((name) => active.has(name))]
}

function edgesOf(spec: Spec, nodes: readonly ShapeNode[]): readonly EdgeEntry[] {
  return sortedEntries(spec.edge ?? {}).map(([name, edge]) => {
    const behind = nodes.filter((node) => node.role === "sentry" && (edge.sentries?.includes(node.name) ?? true))
    const offering = (service: QueryService) => behind.filter((node) => node.publicServices.includes(service)).map((node) => node.name)
    return {
      name,
      host: edge.host,
      port: edge.port ?? EDGE_DEFAULTS.port,
      grpcPort: edge.grpcPort,
      sentries: { rpc: offering("rpc"), rest: offering("rest"), grpc: offering("grpc") },
      requestsPer10s: edge.requestsPer10s ?? EDGE_DEFAULTS.requestsPer10s,
      websocket: edge.websocket ?? EDGE_DEFAULTS.websocket,
    }
  })
}

function flat(patch: NestedToml | undefined): FlatToml {
  return patch === undefined ? {} : Object.fromEntries(sortedEntries(flatToml(patch)))
}

/** In the order of the names, so that the same spec renders the same bytes however it is written. */
export function sortedEntries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}
