import { layout } from "../render/layout.ts"
import { type ChainNode, containerName, hostOf, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import type { ContainerSeen, HostSeen, Observed, SignerFiles } from "./state.ts"

/** Which node a validator signs through, according to what was seen, never according to the spec. */
export type WhoSigns =
  | { readonly kind: "active"; readonly node: string; readonly attached: boolean; readonly evidence: readonly string[] }
  /** The signer is known not to run; its aim says where it would. */
  | { readonly kind: "stopped"; readonly aim: string | undefined; readonly reason: string }
  /** Nothing of this validator's signer is on its host yet. */
  | { readonly kind: "new" }
  | { readonly kind: "conflict"; readonly reasons: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string }

export function whoSigns(topology: Topology, observed: Observed, validator: Validator): WhoSigns {
  const conflicts = otherSigners(topology, observed, validator)
  if (conflicts.length > 0) return { kind: "conflict", reasons: conflicts }
  const reading = observed.hosts.get(validator.signerHost)
  if (!reading || reading.kind === "unknown") {
    return { kind: "unknown", reason: `the signer's host ${validator.signerHost} cannot be asked: ${reading?.reason ?? "not observed"}` }
  }
  const host = reading.value
  const files = host.signers.get(validator.name)
  const container = signerContainer(topology, host, validator)
  if (!container) {
    // The aim is the last thing that a set-up writes, and nothing starts without it: before that, no signer has run here.
    return files?.aim === undefined
      ? { kind: "new" }
      : {
          kind: "stopped",
          aim: files.aim,
          reason: `${containerName(topology, serviceName.signer(validator.name))} does not exist on ${validator.signerHost}`,
        }
  }
  if (container.status !== "running" && container.status !== "restarting") {
    return { kind: "stopped", aim: files?.aim, reason: `${container.name} is ${container.status} on ${validator.signerHost}` }
  }
  return runningSigner(topology, host, validator, container, files)
}

function runningSigner(
  topology: Topology,
  host: HostSeen,
  validator: Validator,
  container: ContainerSeen,
  files: SignerFiles | undefined,
): WhoSigns {
  const aim = files?.aim
  const [process, second] = host.tmkms.filter((candidate) => candidate.containerId === container.id)
  if (second) return { kind: "conflict", reasons: [`more than one tmkms runs in ${container.name} on ${validator.signerHost}`] }
  if (!process || aim === undefined) {
    const why = files?.fence === undefined ? "its guard does not let it start" : `it is fenced: ${files.fence}`
    return { kind: "stopped", aim, reason: `${container.name} runs no tmkms: ${why}` }
  }
  const dials = /\/tmkms-([a-z0-9-]+)\.toml$/.exec(process.config)?.[1]
  if (dials !== aim) {
    return {
      kind: "unknown",
      reason: `the signer was started for ${dials ?? `an unknown node (${process.config})`}, but its aim says ${aim}: somebody changed it while it ran`,
    }
  }
  if (!validator.candidates.includes(aim)) return { kind: "unknown", reason: `the signer is aimed at ${aim}, which is not a candidate` }
  const target = privvalAddress(topology, nodeOf(topology, aim))
  const attached = process.connections.includes(target)
  return {
    kind: "active",
    node: aim,
    attached,
    evidence: [
      `signer runs on ${validator.signerHost}, aimed at ${aim}`,
      attached ? `connected to ${target}` : `not connected to ${target}`,
      ...(files?.state.kind === "ok" ? [`state at height ${files.state.state.height}`] : []),
    ],
  }
}

/** Any process that could hold this key, other than the one signer: a clean chain does not prove that there is none (signing.md 9.6). */
function otherSigners(topology: Topology, observed: Observed, validator: Validator): string[] {
  const service = serviceName.signer(validator.name)
  return [...observed.hosts].flatMap(([hostName, reading]) => {
    if (reading.kind === "unknown") return []
    const host = reading.value
    const twins = host.containers
      .filter((container) => container.role === "signer" && container.deployment === topology.deployment && container.service === service)
      .filter((container) => hostName !== validator.signerHost && container.status !== "exited" && container.status !== "created")
      .map((container) => `a second signer of ${validator.name}, ${container.name}, is ${container.status} on ${hostName}`)
    const known = new Set(host.containers.map((container) => container.id))
    const strangers = host.tmkms
      .filter((process) => process.containerId === undefined || !known.has(process.containerId))
      .map((process) => `tmkms process ${process.pid} on ${hostName} was not started by gonka-ha: it may hold the key`)
    const copies =
      hostName !== validator.signerHost && host.files.has(`${layout.secrets.signer(validator.name)}/consensus.key`)
        ? [`${hostName} holds a copy of the consensus key of ${validator.name}`]
        : []
    return [...twins, ...strangers, ...copies]
  })
}

export function signerContainer(topology: Topology, host: HostSeen, validator: Validator): ContainerSeen | undefined {
  return containerOf(topology, host, serviceName.signer(validator.name))
}

export function containerOf(topology: Topology, host: HostSeen, service: string): ContainerSeen | undefined {
  return host.containers.find((container) => container.deployment === topology.deployment && container.service === service)
}

export function privvalAddress(topology: Topology, node: ChainNode): string {
  return `${hostOf(topology, node.host).privateAddress}:${node.ports.privval}`
}
