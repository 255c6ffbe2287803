import { durationMs } from "../duration.ts"
import type { ChainNode, Host, Identities, NodeRole, Topology, Validator } from "../topology.ts"
import { DEFAULT_PORTS } from "./rules.ts"
import type { Profile, Spec } from "./schema.ts"

const ROOT_DIR = "/opt/gonka-ha"
const DEFAULT_MAX_LAG_BLOCKS = 3
const DEFAULT_JAIL_RESERVE_BLOCKS = 10
/** A healthy node's newest header is one to two block times old, so the floor of the freshness limit is generous (design, section 6). */
const MIN_FRESHNESS_MS = 20_000

/**
 * Turns a checked spec into the complete topology. This is the only place with defaults.
 * The spec has passed `checkSpec`, so what is missing here is a bug.
 */
export function resolve(spec: Spec, profile: Profile, identities: Identities): Topology {
  const chain = { ...profile.chain, ...spec.chain }
  const images = { ...profile.images, ...spec.images }
  const policy = { ...profile.policy, ...spec.policy }
  const blockMs = durationMs(given(chain.blockTime, "chain.blockTime"))
  return {
    deployment: spec.name,
    dir: `${ROOT_DIR}/${spec.name}`,
    chain: {
      id: given(chain.id, "chain.id"),
      binary: given(chain.binary, "chain.binary"),
      consensusPubkeyPrefix: given(chain.consensusPubkeyPrefix, "chain.consensusPubkeyPrefix"),
      blockMs,
      minimumGasPrices: chain.minimumGasPrices ?? "",
      genesisRpc: given(chain.genesis, "chain.genesis").rpc,
      peers: chain.peers ?? [],
      seeds: chain.seeds ?? [],
    },
    images: { node: given(images.node, "images.node"), tmkms: given(images.tmkms, "images.tmkms") },
    policy: {
      freshnessMs: policy.freshness ? durationMs(policy.freshness) : Math.max(MIN_FRESHNESS_MS, 3 * blockMs),
      maxLagBlocks: policy.maxLagBlocks ?? DEFAULT_MAX_LAG_BLOCKS,
      jailReserveBlocks: policy.jailReserveBlocks ?? DEFAULT_JAIL_RESERVE_BLOCKS,
    },
    hosts: sortedEntries(spec.hosts).map(([name, host]): Host => {
      const config = spec.ssh?.config
      return {
        name,
        connection: host.local
          ? { kind: "local" }
          : { kind: "ssh", target: given(host.ssh, `hosts.${name}.ssh`), ...(config === undefined ? {} : { config }) },
        privateAddress: given(host.private, `hosts.${name}.private`),
        publicAddress: host.public,
      }
    }),
    nodes: [
      ...sortedEntries(spec.sentries).map(([name, node]) =>
        resolveNode(spec, identities, name, "sentry", { ...node, publicP2p: node.public?.p2p }),
      ),
      ...sortedEntries(spec.private).map(([name, node]) =>
        resolveNode(spec, identities, name, "private", { ...node, publicP2p: undefined }),
      ),
    ],
    validators: sortedEntries(spec.validators).map(([name, validator]): Validator => {
      const identity = given(identities.validators.get(name), `address of validator ${name}`)
      return {
        name,
        candidates: validator.candidates,
        firstActive: validator.firstActive,
        signerHost: validator.signer.host,
        pubkey: validator.pubkey,
        address: identity.address,
        consensusAddress: identity.consensusAddress,
      }
    }),
  }
}

type WrittenPorts = { readonly p2p?: number | undefined; readonly rpc?: number | undefined; readonly privval?: number | undefined }
type WrittenNode = { readonly host: string; readonly ports?: WrittenPorts | undefined; readonly publicP2p: number | undefined }

function resolveNode(spec: Spec, identities: Identities, name: string, role: NodeRole, node: WrittenNode): ChainNode {
  return {
    name,
    role,
    host: node.host,
    id: given(identities.nodeIds.get(name), `node id of ${name}`),
    ports: {
      p2p: node.publicP2p ?? node.ports?.p2p ?? DEFAULT_PORTS.p2p,
      rpc: node.ports?.rpc ?? DEFAULT_PORTS.rpc,
      privval: node.ports?.privval ?? DEFAULT_PORTS.privval,
    },
    candidateOf: sortedEntries(spec.validators)
      .filter(([, validator]) => validator.candidates.includes(name))
      .map(([validator]) => validator),
  }
}

function sortedEntries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing after validation`)
  return value
}
