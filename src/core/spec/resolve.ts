import { durationMs } from "../duration.ts"
import { secretRef } from "../secret-ref.ts"
import { sortedMap } from "../sorted-value.ts"
import type { ChainNode, Host, Identities, SignerProvider, Topology, Validator } from "../topology.ts"
import { freshnessByDefaultMs } from "./freshness.ts"
import type { Spec } from "./schema.ts"
import { type ShapeNode, type ShapeValidator, shapeOf, sortedEntries } from "./shape.ts"

const ROOT_DIR = "/opt/gonka-ha"

/**
 * Turns a checked and expanded spec into the complete topology. What is missing here is a bug, since the spec has passed `checkSpec`.
 */
export function resolve(spec: Spec, identities: Identities): Topology {
  const shape = shapeOf(spec)
  const chain = chainOf(spec)
  const images = spec.images
  return {
    deployment: spec.name,
    dir: `${ROOT_DIR}/${spec.name}`,
    chain,
    versions: { node: given(spec.versions?.node, "versions.node"), tmkms: given(spec.versions?.tmkms, "versions.tmkms") },
    images: { node: given(images?.node, "images.node"), tmkms: given(images?.tmkms, "images.tmkms"), haproxy: images?.haproxy },
    policy: policyOf(spec, chain.blockMs),
    hosts: sortedEntries(spec.hosts).map(([name, host]) => resolveHost(spec, name, host)),
    nodes: shape.nodes.map((node) => resolveNode(node, identities)),
    validators: shape.validators.map((validator) => resolveValidator(validator, identities)),
    apis: shape.apis,
    edges: shape.edges,
    composePatches: new Map(sortedEntries(spec.compose ?? {}).map(([service, patch]) => [service, sortedMap(patch)])),
  }
}

function chainOf(spec: Spec): Topology["chain"] {
  const chain = spec.chain ?? {}
  const genesisRpc = chain.genesis?.rpc ?? []
  return {
    id: given(chain.id, "chain.id"),
    binary: given(chain.binary, "chain.binary"),
    consensusPubkeyPrefix: given(chain.consensusPubkeyPrefix, "chain.consensusPubkeyPrefix"),
    blockMs: durationMs(given(chain.blockTime, "chain.blockTime")),
    minimumGasPrices: given(chain.minimumGasPrices, "chain.minimumGasPrices"),
    genesisRpc,
    genesisSha256: chain.genesis?.sha256,
    stateSyncRpc: chain.stateSync?.rpc ?? genesisRpc,
    stateSyncTrustBlocks: given(chain.stateSync?.trustBlocks, "chain.stateSync.trustBlocks"),
    stateSyncTrustMs: durationMs(given(chain.stateSync?.trustPeriod, "chain.stateSync.trustPeriod")),
    peers: chain.peers ?? [],
    seeds: chain.seeds ?? [],
    epochBlocks: given(chain.epochBlocks, "chain.epochBlocks"),
    slashing: {
      windowBlocks: given(chain.slashing?.windowBlocks, "chain.slashing.windowBlocks"),
      minSignedPercent: given(chain.slashing?.minSignedPercent, "chain.slashing.minSignedPercent"),
    },
  }
}

function policyOf({ policy }: Spec, blockMs: number): Topology["policy"] {
  return {
    freshnessMs: policy?.freshness ? durationMs(policy.freshness) : freshnessByDefaultMs(blockMs),
    maxLagBlocks: given(policy?.maxLagBlocks, "policy.maxLagBlocks"),
    jailReserveBlocks: given(policy?.jailReserveBlocks, "policy.jailReserveBlocks"),
    failover: "manual",
    standby: given(policy?.standby, "policy.standby"),
  }
}

function resolveHost(spec: Spec, name: string, host: Spec["hosts"][string]): Host {
  const config = spec.ssh?.config
  return {
    name,
    connection: host.local
      ? { kind: "local" }
      : {
          kind: "ssh",
          target: given(host.ssh, `hosts.${name}.ssh`),
          ...(config === undefined ? {} : { config }),
          ...(host.sudo === undefined ? {} : { sudo: host.sudo }),
        },
    privateAddress: given(host.private, `hosts.${name}.private`),
    publicAddress: host.public,
    provider: host.provider,
    site: host.site,
    rack: host.rack,
  }
}

function resolveNode({ pool: _, host, ...node }: ShapeNode, identities: Identities): ChainNode {
  return { ...node, host: given(host, `host of ${node.name}`), id: given(identities.nodeIds.get(node.name), `node id of ${node.name}`) }
}

function resolveValidator({ name, candidates, written }: ShapeValidator, identities: Identities): Validator {
  const identity = given(identities.validators.get(name), `address of validator ${name}`)
  return {
    name,
    candidates: candidates.map((candidate) => candidate.node),
    noFailover: candidates.filter((candidate) => candidate.nofailover).map((candidate) => candidate.node),
    firstActive: written.firstActive,
    signerHost: written.signer.host,
    replacedHosts: written.signer.replaces ?? [],
    provider: providerOf(name, written.signer),
    keyRef: secretRef(written.signer.key),
    signerResources: { memory: written.signer.resources?.memory, cpus: written.signer.resources?.cpus },
    pubkey: written.pubkey,
    address: identity.address,
    consensusAddress: identity.consensusAddress,
  }
}

function providerOf(name: string, { provider, yubihsm }: Spec["validators"][string]["signer"]): SignerProvider {
  switch (provider) {
    case undefined:
    case "softsign":
      return { kind: "softsign" }
    case "ledger":
      return { kind: "ledger" }
    case "yubihsm":
      return {
        kind: "yubihsm",
        adapter:
          yubihsm?.adapter === "http"
            ? { kind: "http", address: given(yubihsm.address, `address of the yubihsm connector of ${name}`) }
            : { kind: "usb" },
        authKey: given(yubihsm?.authKey, `authKey of ${name}`),
        signingKey: given(yubihsm?.signingKey, `signingKey of ${name}`),
        serialNumber: yubihsm?.serialNumber,
        password: secretRef(yubihsm?.password),
      }
  }
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing after validation`)
  return value
}
