import {
  type ContainerSeen,
  type HostSeen,
  type NodeSeen,
  type Observed,
  type SignerFiles,
  type SignerPlace,
  type SlashingSeen,
  seen,
  type TmkmsProcess,
  unknown,
  valueIn,
} from "../../src/core/observe/state.ts"
import { privvalAddress } from "../../src/core/observe/who-signs.ts"
import type { SecretFile } from "../../src/core/ports.ts"
import { type FileSet, renderFiles } from "../../src/core/render/fileset.ts"
import { inside, layout } from "../../src/core/render/layout.ts"
import { balancersOf, type ChainNode, containerName, nodeOf, serviceName, type Topology, type Validator } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { goldenTopology } from "./golden-topology.ts"
import { GOOD_SPEC } from "./good-spec.ts"
import { STAND_IN_SCRIPTS } from "./scripts.ts"

/** The moment of every look in these tests. */
export const NOW_MS = Date.UTC(2026, 10, 23, 12)
/** The newest block at that moment, one and a half seconds old. */
export const TIP = 1000
export const TIP_AGE_MS = 1500

const good = goldenTopology(GOOD_SPEC)

/** The good spec's topology: two sentries, two candidates, one validator, each on a host of its own. */
export function aTopology(changes?: Partial<Topology>): Topology {
  return changes ? { ...good, ...changes } : good
}

export function theValidator(topology: Topology): Validator {
  const [validator] = topology.validators
  if (!validator) throw new Error("the topology has no validator")
  return validator
}

const rendered = new WeakMap<Topology, FileSet>()

/** Rendered files with stand-ins for the scripts; each topology is rendered once. */
export function filesOf(topology: Topology): FileSet {
  const files = rendered.get(topology) ?? renderFiles(topology, STAND_IN_SCRIPTS, sha256)
  rendered.set(topology, files)
  return files
}

/** A secret for every place that has one. */
export function secretsOf(topology: Topology): readonly SecretFile[] {
  const secret = (host: string, path: string): SecretFile => ({
    host,
    path,
    sha256: sha256(path),
    source: { kind: "local", path: `keys/${path}` },
  })
  return [
    ...topology.nodes.flatMap((node) => [
      secret(node.host, `${layout.secrets.node(node.name)}/node_key.json`),
      ...(node.candidateOf.length > 0 ? [secret(node.host, `${layout.secrets.parking(node.name)}/consensus.key`)] : []),
    ]),
    ...topology.validators.map((validator) => secret(validator.signerHost, `${layout.secrets.signer(validator.name)}/consensus.key`)),
  ]
}

export function containerId(topology: Topology, service: string): string {
  return sha256(containerName(topology, service))
}

export function seenNode(topology: Topology, name: string, changes: Partial<NodeSeen> = {}): NodeSeen {
  return {
    height: TIP,
    ageMs: TIP_AGE_MS,
    network: topology.chain.id,
    version: "0.38.21 simapp 1.0",
    peerIds: topology.nodes.filter((node) => node.name !== name).map((node) => node.id),
    catchingUp: false,
    ...changes,
  }
}

export function seenContainer(
  topology: Topology,
  files: FileSet,
  host: string,
  service: string,
  changes: Partial<ContainerSeen> = {},
): ContainerSeen {
  return {
    id: containerId(topology, service),
    name: containerName(topology, service),
    deployment: topology.deployment,
    service,
    role: service.endsWith("-signer")
      ? "signer"
      : service.endsWith("-parking")
        ? "parking"
        : service.endsWith("-balancer")
          ? "balancer"
          : "node",
    digest: files.get(host)?.serviceDigests.get(service) ?? "not rendered",
    image: /-(signer|parking)$/.test(service) ? topology.images.tmkms : topology.images.node,
    status: "running",
    exitCode: undefined,
    ...changes,
  }
}

export function seenSignerFiles(validator: Validator, active: string, changes: Partial<SignerFiles> = {}): SignerFiles {
  return {
    aim: active,
    floor: TIP - 100,
    fence: undefined,
    lockedBy: undefined,
    move: undefined,
    epoch: 3,
    operation: undefined,
    state: { kind: "ok", state: { height: TIP, round: 0, step: 2 }, sealed: false },
    keySha256: sha256(`${layout.secrets.signer(validator.name)}/consensus.key`),
    ...changes,
  }
}

/** A clock that agrees with ours as far as the answer's time tells, room on the disk, and no node that could be plain. */
export const WELL_HOST: Pick<HostSeen, "isRoot" | "lock" | "clock" | "disk" | "started" | "privvalPorts"> = {
  isRoot: true,
  lock: { epoch: 0, heldBy: undefined, kept: undefined },
  clock: seen({ offsetMs: 0, withinMs: 100 }),
  disk: seen({ totalBytes: 500e9, freeBytes: 200e9 }),
  started: new Map(),
  privvalPorts: new Map(),
}

/** A host as it should be: its files, its containers, its signers. */
export function seenHost(topology: Topology, files: FileSet, name: string, active: string): HostSeen {
  const nodes = topology.nodes.filter((node) => node.host === name)
  const validators = topology.validators.filter((validator) => validator.signerHost === name)
  const parkings = nodes.filter((node) => node.candidateOf.length > 0)
  const isActive = (node: ChainNode) => node.name === active
  return {
    ...WELL_HOST,
    files: new Map([
      ...(files.get(name)?.files ?? []).map((file) => [file.path, file.sha256] as const),
      ...secretsOf(topology).flatMap((secret) =>
        secret.host === name && secret.sha256 !== undefined ? [[secret.path, secret.sha256] as const] : [],
      ),
    ]),
    containers: [
      ...nodes.map((node) => seenContainer(topology, files, name, serviceName.node(node.name))),
      ...parkings.map((node) =>
        seenContainer(topology, files, name, serviceName.parking(node.name), isActive(node) ? { status: "exited", exitCode: 137 } : {}),
      ),
      ...validators.map((validator) => seenContainer(topology, files, name, serviceName.signer(validator.name))),
      ...balancersOf(topology)
        .filter((balancer) => balancer.host === name)
        .map((balancer) => seenContainer(topology, files, name, serviceName.balancer(balancer.name))),
    ],
    owners: new Map(parkings.map((node) => [node.name, isActive(node) ? "validator" : "parking"])),
    signers: new Map(validators.map((validator) => [validator.name, seenSignerFiles(validator, active)])),
    places: validators.map((validator) => placeOfSigner(topology, validator)),
    tmkms: [
      ...parkings.filter((node) => !isActive(node)).map((node) => parkingProcess(topology, node.name)),
      ...validators.map((validator) => signerProcess(topology, validator, active)),
    ],
  }
}

/** A signer's place as it is once it was set up: its guard pins the key that lies there. */
export function placeOfSigner(topology: Topology, validator: Validator, changes: Partial<SignerPlace> = {}): SignerPlace {
  return { deployment: topology.deployment, validator: validator.name, pubkey: validator.pubkey, holdsKey: true, ...changes }
}

/** A tmkms process of somebody else, unless said otherwise. */
export function aProcess(changes: Partial<TmkmsProcess> = {}): TmkmsProcess {
  return { pid: 77, containerId: undefined, connections: [], config: "/etc/tmkms.toml", ...changes }
}

export function parkingProcess(topology: Topology, node: string): TmkmsProcess {
  return aProcess({
    pid: 200,
    containerId: containerId(topology, serviceName.parking(node)),
    connections: ["172.18.0.2:26658"],
    config: `${inside.config}/tmkms.toml`,
  })
}

export function signerProcess(topology: Topology, validator: Validator, active: string): TmkmsProcess {
  return aProcess({
    pid: 100,
    containerId: containerId(topology, serviceName.signer(validator.name)),
    connections: [privvalAddress(topology, nodeOf(topology, active))],
    config: `${inside.config}/tmkms-${active}.toml`,
  })
}

export function seenSlashing(changes: Partial<SlashingSeen> = {}): SlashingSeen {
  return {
    votingPower: 100,
    windowBlocks: 100,
    minSignedBlocks: 50,
    record: { startHeight: 1, missedBlocks: 0, countedBlocks: 5000, jailedUntilMs: 0, tombstoned: false },
    recent: Array.from({ length: 10 }, (_, index) => ({ height: TIP - 1 - index, vote: "signed" as const })),
    ...changes,
  }
}

/** Everything as it should be, the validator active at its first node unless said otherwise. */
export function healthy(topology: Topology, active?: string): Observed {
  const files = filesOf(topology)
  const node = active ?? theValidator(topology).firstActive
  return {
    atMs: NOW_MS,
    hosts: new Map(topology.hosts.map(({ name }) => [name, seen(seenHost(topology, files, name, node))])),
    nodes: new Map(topology.nodes.map(({ name }) => [name, seen(seenNode(topology, name))])),
    slashing: new Map(topology.validators.map(({ name }) => [name, seen(seenSlashing())])),
  }
}

/** Hosts that answer and have nothing on them. */
export function bare(topology: Topology): Observed {
  const nothing: HostSeen = { ...WELL_HOST, files: new Map(), containers: [], owners: new Map(), signers: new Map(), places: [], tmkms: [] }
  return {
    atMs: NOW_MS,
    hosts: new Map(topology.hosts.map(({ name }) => [name, seen(nothing)])),
    nodes: new Map(topology.nodes.map(({ name }) => [name, unknown("nothing listens")])),
    slashing: new Map(topology.validators.map(({ name }) => [name, unknown("no node answers")])),
  }
}

/** A change of what was seen; changes are applied in order. */
export type Change = (observed: Observed) => Observed

export function changed(observed: Observed, ...changes: readonly Change[]): Observed {
  return changes.reduce((now, change) => change(now), observed)
}

export const host =
  (name: string, change: (host: HostSeen) => Partial<HostSeen>): Change =>
  (observed) => {
    const before = valueIn(observed.hosts.get(name))
    if (!before) throw new Error(`host ${name} is not seen`)
    return { ...observed, hosts: new Map([...observed.hosts, [name, seen({ ...before, ...change(before) })]]) }
  }

export const hostAway =
  (name: string, reason = "no route"): Change =>
  (observed) => ({ ...observed, hosts: new Map([...observed.hosts, [name, unknown(reason)]]) })

/** A node that is not seen stays so. */
export const node =
  (name: string, changes: Partial<NodeSeen>): Change =>
  (observed) => {
    const before = valueIn(observed.nodes.get(name))
    if (!before) return observed
    return { ...observed, nodes: new Map([...observed.nodes, [name, seen({ ...before, ...changes })]]) }
  }

export const nodeAway =
  (name: string, reason = "nothing listens"): Change =>
  (observed) => ({ ...observed, nodes: new Map([...observed.nodes, [name, unknown(reason)]]) })

/** The newest block of a node is this old. */
export const aged = (name: string, ageMs: number): Change => node(name, { ageMs })

/** The files of the validator `main` on `sig-1`. */
export const signer = (changes: Partial<SignerFiles>): Change =>
  host("sig-1", ({ signers }) => {
    const before = signers.get("main")
    if (!before) throw new Error("there is no signer")
    return { signers: new Map([...signers, ["main", { ...before, ...changes }]]) }
  })

export const slashing =
  (changes: Partial<SlashingSeen>): Change =>
  (observed) => ({ ...observed, slashing: new Map([["main", seen(seenSlashing(changes))]]) })

export const record = (changes: Partial<NonNullable<SlashingSeen["record"]>>): Change =>
  slashing({ record: { startHeight: 1, missedBlocks: 0, countedBlocks: 5000, jailedUntilMs: 0, tombstoned: false, ...changes } })

/** One container is another way; one that does not run has no process. */
export const container = (on: string, service: string, changes: Partial<ContainerSeen> | "gone"): Change =>
  host(on, ({ containers, tmkms }) => {
    const before = containers.find((candidate) => candidate.service === service)
    if (!before) throw new Error(`${on} has no container of ${service}`)
    const runs = changes !== "gone" && (changes.status ?? before.status) === "running"
    return {
      containers: containers.flatMap((candidate) =>
        candidate !== before ? [candidate] : changes === "gone" ? [] : [{ ...before, ...changes }],
      ),
      tmkms: tmkms.filter((process) => process.containerId !== before.id || runs),
    }
  })

/** The signer is not running, as after a kill. */
export const signerStopped: Change = container("sig-1", "main-signer", { status: "exited", exitCode: 137 })

/** The parking signer of a standby is not running, as after a detach. */
export const unparked = (name: string, on: string): Change => container(on, serviceName.parking(name), { status: "exited", exitCode: 137 })

export const owner = (name: string, on: string, word: string | undefined): Change =>
  host(on, ({ owners }) => ({
    owners: new Map(word === undefined ? [...owners].filter(([key]) => key !== name) : [...owners, [name, word] as const]),
  }))
