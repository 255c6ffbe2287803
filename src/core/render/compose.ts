import { type ChainNode, containerName, type Host, hostOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { inside, insidePort, layout } from "./layout.ts"

export const LABEL = {
  deployment: "io.gonka-ha.deployment",
  service: "io.gonka-ha.service",
  role: "io.gonka-ha.role",
  digest: "io.gonka-ha.digest",
} as const

export type ServiceRole = "sentry" | "private" | "parking" | "signer"

export type ComposeService = {
  readonly image: string
  readonly container_name: string
  readonly entrypoint: readonly string[]
  readonly volumes: readonly string[]
  readonly ports?: readonly string[]
  readonly restart: "always" | "unless-stopped"
  readonly stop_signal?: string
  readonly stop_grace_period: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt: readonly string[]
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  readonly labels: Readonly<Record<string, string>>
}

/** A service with what its digest covers: its own definition and the rendered directories that it mounts. */
export type PlannedService = { readonly name: string; readonly definition: ComposeService; readonly configDirs: readonly string[] }

/** CometBFT writes about 36 MB of log a day at 5 s blocks, and json-file does not rotate by itself (signing.md 9.7). */
const LOGGING = { driver: "json-file", options: { "max-size": "50m", "max-file": "4" } } as const

/** Every service of one host, in the order in which it is written. */
export function servicesOn(topology: Topology, host: Host): PlannedService[] {
  const nodes = topology.nodes.filter((node) => node.host === host.name)
  const validators = topology.validators.filter((validator) => validator.signerHost === host.name)
  return [
    ...nodes.flatMap((node) =>
      node.candidateOf.length > 0 ? [nodeService(topology, node), parkingService(topology, node)] : [nodeService(topology, node)],
    ),
    ...validators.map((validator) => signerService(topology, validator)),
  ]
}

function nodeService(topology: Topology, node: ChainNode): PlannedService {
  const host = hostOf(topology, node.host)
  const p2pAddress = node.role === "sentry" ? "0.0.0.0" : host.privateAddress
  return service(topology, serviceName.node(node.name), node.role, [layout.node.config(node.name)], {
    image: topology.images.node,
    entrypoint: ["/bin/sh", `${inside.config}/start-node.sh`],
    volumes: [
      `./${layout.node.config(node.name)}:${inside.config}:ro`,
      `./${layout.node.home(node.name)}:${inside.home}`,
      `./${layout.secrets.node(node.name)}:${inside.secrets}:ro`,
    ],
    ports: [
      `${p2pAddress}:${node.ports.p2p}:${insidePort.p2p}`,
      `127.0.0.1:${node.ports.rpc}:${insidePort.rpc}`,
      ...(node.candidateOf.length > 0 ? [`${host.privateAddress}:${node.ports.privval}:${insidePort.privval}`] : []),
    ],
    restart: "always",
    // A node whose signer is gone does not stop on SIGTERM (signing.md 1.3); an orderly stop takes far less.
    stop_grace_period: "30s",
    security_opt: ["no-new-privileges:true"],
  })
}

/** tmkms ignores SIGTERM as process 1 and writes its state before each signature, so SIGKILL is its orderly stop (signing.md 9.7). */
const TMKMS = {
  stop_signal: "SIGKILL",
  stop_grace_period: "1s",
  read_only: true,
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
} as const

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
    ],
    // Comes back with its host, through the guard; stays down after a deliberate stop, also across a reboot.
    restart: "unless-stopped",
    ...TMKMS,
  })
}

type Definition = Omit<ComposeService, "container_name" | "labels" | "logging">

function service(
  topology: Topology,
  name: string,
  role: ServiceRole,
  configDirs: readonly string[],
  definition: Definition,
): PlannedService {
  return {
    name,
    configDirs,
    definition: {
      ...definition,
      container_name: containerName(topology, name),
      logging: LOGGING,
      labels: { [LABEL.deployment]: topology.deployment, [LABEL.service]: name, [LABEL.role]: role },
    },
  }
}
