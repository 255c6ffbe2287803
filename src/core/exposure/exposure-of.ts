import {
  type ApiInstance,
  type ChainNode,
  type EdgeEntry,
  hostOf,
  QUERY_SERVICES,
  type QueryService,
  type Topology,
  validatorOf,
} from "../topology.ts"
import type { Exposure, Reach } from "./exposure.ts"

const EVERYWHERE = "0.0.0.0"
const LOOPBACK = "127.0.0.1"

/** Every port that a deployment opens, and who may reach it: the one source of the firewall's rules and of the port tables. */
export function exposureOf(topology: Topology): readonly Exposure[] {
  return [
    ...topology.nodes.flatMap((node) => nodeExposure(topology, node)),
    ...topology.apis.flatMap((api) => apiExposure(topology, api)),
    ...topology.edges.flatMap(edgeExposure),
  ]
}

export function exposureOn(topology: Topology, host: string): readonly Exposure[] {
  return exposureOf(topology).filter((exposure) => exposure.host === host)
}

/** Of every host at once: who writes the files of all hosts asks only once who may reach what. */
export function exposureByHost(topology: Topology): ReadonlyMap<string, readonly Exposure[]> {
  const found = new Map<string, Exposure[]>(topology.hosts.map((host) => [host.name, []]))
  for (const exposure of exposureOf(topology)) found.get(exposure.host)?.push(exposure)
  return found
}

function nodeExposure(topology: Topology, node: ChainNode): readonly Exposure[] {
  const owner = { host: node.host, protocol: "tcp", owner: node.name } as const
  const privateAddress = hostOf(topology, node.host).privateAddress
  return [
    { ...owner, ...p2pExposure(topology, node, privateAddress), port: node.ports.p2p, service: "p2p" },
    {
      ...owner,
      address: LOOPBACK,
      port: node.ports.rpc,
      service: "rpc",
      from: { kind: "this host" },
      why: "gonka-ha and whoever is logged in look at the node here",
    },
    // On a host whose private address is loopback, its RPC would stand here twice.
    ...node.services
      .filter((service) => service !== "rpc" || privateAddress !== LOOPBACK)
      .map((service): Exposure => {
        const { hosts, why } = readersOf(topology, node, service)
        return { ...owner, address: privateAddress, port: node.ports[service], service, from: only(topology, hosts), why }
      }),
    ...(node.candidateOf.length > 0 ? [{ ...owner, ...privvalExposure(topology, node, privateAddress) }] : []),
  ]
}

function p2pExposure(topology: Topology, node: ChainNode, privateAddress: string): Pick<Exposure, "address" | "from" | "why"> {
  switch (node.role) {
    case "sentry":
      return { address: EVERYWHERE, from: { kind: "anyone" }, why: "a sentry meets the network here" }
    case "private":
      return {
        address: privateAddress,
        from: only(
          topology,
          topology.nodes.filter((other) => other.name !== node.name).map((other) => other.host),
        ),
        why: "sentries and other private nodes, and nobody else, are its peers",
      }
  }
}

/** Who puts itself between a node and its signer decides what is signed, so nobody else may even try. */
function privvalExposure(topology: Topology, node: ChainNode, address: string): Omit<Exposure, "host" | "owner" | "protocol"> {
  const hosts = node.candidateOf.map((validator) => validatorOf(topology, validator).signerHost)
  return {
    address,
    port: node.ports.privval,
    service: "privval",
    from: only(topology, hosts),
    why: `the node takes the first signer that connects, so only the signer of ${listed(node.candidateOf)} may`,
  }
}

type Readers = { readonly hosts: readonly string[]; readonly why: string }

function readersOf(topology: Topology, node: ChainNode, service: QueryService): Readers {
  const apis = topology.apis.filter((api) => node.readBy.includes(api.name))
  const edges = topology.edges.filter((edge) => edge.sentries[service].includes(node.name))
  const syncing =
    service === "rpc" && node.snapshots !== undefined && node.role === "sentry"
      ? topology.nodes.filter((other) => other.role === "private" && other.bootstrap === "sentries")
      : []
  const reasons = [
    ...apis.map((api) => `the api ${api.name} reads it`),
    ...edges.map((edge) => `the entry point ${edge.name} sends users here`),
    ...(syncing.length > 0
      ? [
          `${listed(syncing.map((other) => other.name))} ${syncing.length === 1 ? "asks" : "ask"} it for a block to trust before a state sync`,
        ]
      : []),
  ]
  return {
    hosts: [...apis, ...edges, ...syncing].map((reader) => reader.host),
    why: reasons.join("; ") || "it is switched on, and nobody of this deployment reads it",
  }
}

/** Containers of its own host reach an api's load balancer without a port of the host. */
function apiExposure(topology: Topology, api: ApiInstance): readonly Exposure[] {
  const address = hostOf(topology, api.host).privateAddress
  return QUERY_SERVICES.flatMap((service): readonly Exposure[] => {
    const port = api.ports[service]
    if (port === undefined) return []
    const hosts = topology.hosts.map((host) => host.name)
    const why = `the nodes behind ${api.name} as one, for programs on the deployment's other hosts`
    return [
      { host: api.host, address, port, protocol: "tcp", service: `api-${service}`, owner: api.name, from: only(topology, hosts), why },
    ]
  })
}

function edgeExposure(edge: EdgeEntry): readonly Exposure[] {
  const open = { host: edge.host, address: EVERYWHERE, protocol: "tcp", owner: edge.name, from: { kind: "anyone" } } as const
  return [
    { ...open, port: edge.port, service: "edge-http", why: "users ask the chain's RPC and REST here" },
    ...(edge.grpcPort === undefined
      ? []
      : [{ ...open, port: edge.grpcPort, service: "edge-grpc", why: "users ask by gRPC here" } as const]),
  ]
}

function only(topology: Topology, hosts: readonly string[]): Reach {
  const wanted = new Set(hosts)
  const addresses = topology.hosts
    .filter((host) => wanted.has(host.name))
    .map(({ name, privateAddress }) => ({ host: name, address: privateAddress }))
  // A rule that forgets a host would cut it off.
  if (addresses.length !== wanted.size) throw new Error(`the resolved topology lacks one of the hosts ${[...wanted].join(", ")}`)
  return { kind: "hosts", addresses }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}
