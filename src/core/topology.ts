import type { SecretRef } from "./secret-ref.ts"
import type { FlatToml } from "./toml-value.ts"

/** How the operator's machine reaches a host. */
export type Connection =
  | {
      readonly kind: "ssh"
      readonly target: string
      readonly config?: string
      /** Commands are given to sudo. */
      readonly sudo?: true
    }
  | { readonly kind: "local" }

export type Host = {
  readonly name: string
  readonly connection: Connection
  /** The address that our own nodes and signers use among themselves. */
  readonly privateAddress: string
  readonly publicAddress: string | undefined
  /** Failure domains, from the largest to the smallest: what they share is lost together. */
  readonly provider: string | undefined
  readonly site: string | undefined
  readonly rack: string | undefined
}

export type NodeRole = "sentry" | "private"

/** Ports on the host. */
export type NodePorts = {
  /** On the private address, and for sentries on the public one. */
  readonly p2p: number
  /** CometBFT's RPC: on loopback always, on the private address where another machine reads it. */
  readonly rpc: number
  /** The SDK's REST server; only where something reads it. */
  readonly rest: number
  /** The SDK's gRPC server; only where something reads it. */
  readonly grpc: number
  /** On the private address, only of nodes that may sign. */
  readonly privval: number
}

/** The services of a node that answer questions about the chain. */
export const QUERY_SERVICES = ["rpc", "rest", "grpc"] as const
export type QueryService = (typeof QUERY_SERVICES)[number]

export type Snapshots = {
  readonly intervalBlocks: number
  readonly keep: number
}

/** What a node keeps of the past. */
export type Pruning = {
  /** Application states, counted back from the newest. */
  readonly keepStates: number
  /** Blocks between two rounds of pruning. */
  readonly intervalBlocks: number
  /** Blocks with their results; 0 keeps all. Evidence needs its own age whatever is set here. */
  readonly keepBlocks: number
}

/** Limits of a container; what is undefined is not limited. */
export type Resources = {
  /** As Compose writes it: `16g`. */
  readonly memory: string | undefined
  readonly cpus: number | undefined
}

export type ChainNode = {
  readonly name: string
  readonly role: NodeRole
  readonly host: string
  /** Hex of the first 20 bytes of SHA-256 of the p2p public key; known before the node ever runs. */
  readonly id: string
  readonly ports: NodePorts
  /** The validators that this node may sign for; empty for nodes that never hold a privval port. */
  readonly candidateOf: readonly string[]
  /**
   * Lost signer hosts that the privval port has moved away from, one port up for each: a node cannot tell signers apart, and what dials an
   * earlier port finds it closed.
   */
  readonly privvalMoves: number
  /** What a public entry point may send to this sentry; always empty for private nodes. */
  readonly publicServices: readonly QueryService[]
  /** Services that are switched on and published on the private address, because an api, an entry point or a node that syncs reads them. */
  readonly services: readonly QueryService[]
  /** The api instances that read from this node. */
  readonly readBy: readonly string[]
  readonly snapshots: Snapshots | undefined
  readonly pruning: Pruning
  /** Where a node without data begins: at the first block, at a snapshot of the network, or at one of our own sentries'. */
  readonly bootstrap: "genesis" | "network" | "sentries"
  readonly indexer: "kv" | "null"
  readonly resources: Resources
  /** Settings of config.toml and app.toml that the operator has put above the role's. */
  readonly patches: { readonly config: FlatToml; readonly app: FlatToml }
}

/** What holds the consensus key. Only softsign has been run; the others are rendered from tmkms's documented form. */
export type SignerProvider =
  | { readonly kind: "softsign" }
  | {
      readonly kind: "yubihsm"
      readonly adapter: { readonly kind: "usb" } | { readonly kind: "http"; readonly address: string }
      /** Object ids inside the device. */
      readonly authKey: number
      readonly signingKey: number
      readonly serialNumber: string | undefined
      /** Of the authentication key. */
      readonly password: SecretRef | undefined
    }
  | { readonly kind: "ledger" }

export type Validator = {
  readonly name: string
  /** The most preferred first. */
  readonly candidates: readonly string[]
  /** Candidates that only a person may choose. */
  readonly noFailover: readonly string[]
  /** Used once, when this key has never signed here; afterwards the active node is observed. */
  readonly firstActive: string
  readonly signerHost: string
  /** Lost hosts that its signer was on before, the first one first; whatever comes back there is fenced. */
  readonly replacedHosts: readonly string[]
  readonly provider: SignerProvider
  /** Where a softsign key comes from that is not in the key store. */
  readonly keyRef: SecretRef | undefined
  readonly signerResources: Resources
  /** Base64 of the consensus public key: the pin that the guard compares the key file with. */
  readonly pubkey: string
  /** Upper-case hex address, as it stands in commits. */
  readonly address: string
  /** Bech32 form of the address, as slashing queries want it. */
  readonly consensusAddress: string
}

/** A place where Gonka's api runs, and the load balancer that gives it one address for the nodes it reads. */
export type ApiInstance = {
  readonly name: string
  readonly host: string
  readonly role: "manager" | "public"
  /** Private nodes, the preferred one first. */
  readonly upstreams: readonly string[]
  /** Where the load balancer also listens on the host's private address; without, only the host's containers reach it. */
  readonly ports: Readonly<Record<QueryService, number | undefined>>
}

/** A public entry point: a load balancer in front of the sentries that answer users. */
export type EdgeEntry = {
  readonly name: string
  readonly host: string
  /** HTTP: /chain-rpc/ and /chain-api/. */
  readonly port: number
  /** gRPC over HTTP/2 without TLS; undefined where no sentry offers it. */
  readonly grpcPort: number | undefined
  /** Sentries by what they offer. */
  readonly sentries: Readonly<Record<QueryService, readonly string[]>>
  /** Requests that one client address may make in ten seconds. */
  readonly requestsPer10s: number
  /** Whether users may open a websocket, through which a sentry answers to everything. */
  readonly websocket: boolean
}

export type ChainSettings = {
  readonly id: string
  readonly binary: string
  readonly consensusPubkeyPrefix: string
  readonly blockMs: number
  readonly minimumGasPrices: string
  readonly genesisRpc: readonly string[]
  /** Digest of the genesis file with sorted keys, when it is pinned. */
  readonly genesisSha256: string | undefined
  /** Servers that tell height and hash of a trusted block; at least two must agree. */
  readonly stateSyncRpc: readonly string[]
  /** How far below the tip the trusted block lies. */
  readonly stateSyncTrustBlocks: number
  /** How long a trusted block stays trusted: shorter than the unbonding time. */
  readonly stateSyncTrustMs: number
  readonly peers: readonly string[]
  readonly seeds: readonly string[]
  /** Blocks of an epoch: how far back Gonka's api may ask for a state. */
  readonly epochBlocks: number
  /** What slashing looked like when the profile was written; the live values win. */
  readonly slashing: { readonly windowBlocks: number; readonly minSignedPercent: number }
}

/** The versions whose configuration files are written; each is a key of a table. */
export type Versions = { readonly node: string; readonly tmkms: string }

export type Policy = {
  readonly freshnessMs: number
  readonly maxLagBlocks: number
  readonly jailReserveBlocks: number
  readonly failover: "manual"
  /** How a standby waits: `hot` with a parking signer at its privval port, `plain` without a privval port. */
  readonly standby: "hot" | "plain"
}

/** The complete, sorted description of a deployment: every default filled in, no secret inside. */
export type Topology = {
  readonly deployment: string
  /** Directory on every host. */
  readonly dir: string
  readonly chain: ChainSettings
  readonly versions: Versions
  readonly images: { readonly node: string; readonly tmkms: string; readonly haproxy: string | undefined }
  readonly policy: Policy
  readonly hosts: readonly Host[]
  readonly nodes: readonly ChainNode[]
  readonly validators: readonly Validator[]
  readonly apis: readonly ApiInstance[]
  readonly edges: readonly EdgeEntry[]
  /** Compose settings that the operator has put above ours, by service. */
  readonly composePatches: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** Public halves of the keys that gonka-ha holds: enough to render, nothing to sign with. */
export type Identities = {
  /** Node name to node id. */
  readonly nodeIds: ReadonlyMap<string, string>
  /** Validator name to what its pinned public key means on chain. */
  readonly validators: ReadonlyMap<string, { readonly address: string; readonly consensusAddress: string }>
}

export function hostOf(topology: Pick<Topology, "hosts">, name: string): Host {
  return found(topology.hosts, name, "host")
}

export function nodeOf(topology: Pick<Topology, "nodes">, name: string): ChainNode {
  return found(topology.nodes, name, "node")
}

export function validatorOf(topology: Pick<Topology, "validators">, name: string): Validator {
  return found(topology.validators, name, "validator")
}

function found<T extends { readonly name: string }>(list: readonly T[], name: string, what: string): T {
  const item = list.find((candidate) => candidate.name === name)
  if (!item) throw new Error(`the resolved topology has no ${what} ${name}`)
  return item
}

/** What gonka-ha runs of an api instance and of an entry point: its load balancer. */
export type Balancer = { readonly kind: "api" | "edge"; readonly name: string; readonly host: string }

/** Those of the api instances come first: the deployment's own duties need them. */
export function balancersOf({ apis, edges }: Pick<Topology, "apis" | "edges">): readonly Balancer[] {
  return [
    ...apis.map(({ name, host }) => ({ kind: "api" as const, name, host })),
    ...edges.map(({ name, host }) => ({ kind: "edge" as const, name, host })),
  ]
}

/** The nodes that a load balancer leads to. */
export function upstreamsOf({ apis, edges }: Pick<Topology, "apis" | "edges">, { kind, name }: Balancer): readonly string[] {
  if (kind === "api") return apis.find((api) => api.name === name)?.upstreams ?? []
  const edge = edges.find((each) => each.name === name)
  return edge === undefined ? [] : [...new Set(QUERY_SERVICES.flatMap((service) => edge.sentries[service]))]
}

/** Names of compose services; they are also the ends of container names. */
export const serviceName = {
  node: (node: string): string => node,
  parking: (node: string): string => `${node}-parking`,
  signer: (validator: string): string => `${validator}-signer`,
  /** Of an api instance or an entry point. */
  balancer: (of: string): string => `${of}-balancer`,
}

export function containerName(topology: Pick<Topology, "deployment">, service: string): string {
  return `${topology.deployment}-${service}`
}
