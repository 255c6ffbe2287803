/** How the operator's machine reaches a host. */
export type Connection = { readonly kind: "ssh"; readonly target: string; readonly config?: string } | { readonly kind: "local" }

export type Host = {
  readonly name: string
  readonly connection: Connection
  /** The address that our own nodes and signers use among themselves. */
  readonly privateAddress: string
  readonly publicAddress: string | undefined
}

export type NodeRole = "sentry" | "private"

export type ChainNode = {
  readonly name: string
  readonly role: NodeRole
  readonly host: string
  /** Hex of the first 20 bytes of SHA-256 of the p2p public key; known before the node ever runs. */
  readonly id: string
  /** Ports on the host: p2p on the private (and for sentries public) address, rpc on loopback, privval on the private address. */
  readonly ports: { readonly p2p: number; readonly rpc: number; readonly privval: number }
  /** The validators that this node may sign for; empty for nodes that never hold a privval port. */
  readonly candidateOf: readonly string[]
}

export type Validator = {
  readonly name: string
  readonly candidates: readonly string[]
  /** Used once, when this key has never signed here; afterwards the active node is observed. */
  readonly firstActive: string
  readonly signerHost: string
  /** Base64 of the consensus public key: the pin that the guard compares the key file with. */
  readonly pubkey: string
  /** Upper-case hex address, as it stands in commits. */
  readonly address: string
  /** Bech32 form of the address, as slashing queries want it. */
  readonly consensusAddress: string
}

export type ChainSettings = {
  readonly id: string
  readonly binary: string
  readonly consensusPubkeyPrefix: string
  readonly blockMs: number
  readonly minimumGasPrices: string
  readonly genesisRpc: readonly string[]
  readonly peers: readonly string[]
  readonly seeds: readonly string[]
}

export type Policy = {
  readonly freshnessMs: number
  readonly maxLagBlocks: number
  readonly jailReserveBlocks: number
}

/** The complete, sorted description of a deployment: every default filled in, no secret inside. */
export type Topology = {
  readonly deployment: string
  /** Directory on every host. */
  readonly dir: string
  readonly chain: ChainSettings
  readonly images: { readonly node: string; readonly tmkms: string }
  readonly policy: Policy
  readonly hosts: readonly Host[]
  readonly nodes: readonly ChainNode[]
  readonly validators: readonly Validator[]
}

/** Public halves of the keys that gonka-ha holds: enough to render, nothing to sign with. */
export type Identities = {
  /** Node name to node id. */
  readonly nodeIds: ReadonlyMap<string, string>
  /** Validator name to what its pinned public key means on chain. */
  readonly validators: ReadonlyMap<string, { readonly address: string; readonly consensusAddress: string }>
}

export function hostOf(topology: Topology, name: string): Host {
  return found(topology.hosts, name, "host")
}

export function nodeOf(topology: Topology, name: string): ChainNode {
  return found(topology.nodes, name, "node")
}

export function validatorOf(topology: Topology, name: string): Validator {
  return found(topology.validators, name, "validator")
}

function found<T extends { readonly name: string }>(list: readonly T[], name: string, what: string): T {
  const item = list.find((candidate) => candidate.name === name)
  if (!item) throw new Error(`the resolved topology has no ${what} ${name}`)
  return item
}

/** Names of compose services; they are also the ends of container names. */
export const serviceName = {
  node: (node: string): string => node,
  parking: (node: string): string => `${node}-parking`,
  signer: (validator: string): string => `${validator}-signer`,
}

export function containerName(topology: Topology, service: string): string {
  return `${topology.deployment}-${service}`
}
