import { type ChainNode, containerName, hostOf, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { otherKeyHolders } from "./key-holders.ts"
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
  const pin = otherPin(topology, host, validator)
  if (pin !== undefined) return pin
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

/** The signer that stands there was set up for another key: what this topology says of the chain is not about it. */
function otherPin(topology: Topology, host: HostSeen, validator: Validator): WhoSigns | undefined {
  const place = host.places.find((candidate) => candidate.deployment === topology.deployment && candidate.validator === validator.name)
  if (place?.pubkey === undefined || place.pubkey === validator.pubkey) return undefined
  return {
    kind: "conflict",
    reasons: [
      `the signer of ${validator.name} on ${validator.signerHost} was set up for the key ${place.pubkey}, and the topology file pins ${validator.pubkey}`,
    ],
  }
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
  const attached = privvalAddresses(topology, nodeOf(topology, aim)).some((address) => process.connections.includes(address))
  if (!attached && process.connections.length > 0) {
    return {
      kind: "unknown",
      reason: `the signer is connected to ${process.connections.join(", ")}, but the topology file has ${aim} at ${target}: a node that may sign is not moved by editing the file`,
    }
  }
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

function otherSigners(topology: Topology, observed: Observed, validator: Validator): string[] {
  return [...observed.hosts].flatMap(([hostName, reading]) =>
    reading.kind === "unknown" ? [] : otherKeyHolders(topology, validator, hostName, reading.value),
  )
}

export function signerContainer(topology: Topology, host: HostSeen, validator: Validator): ContainerSeen | undefined {
  return containerOf(topology, host, serviceName.signer(validator.name))
}

export function containerOf(topology: Topology, host: HostSeen, service: string): ContainerSeen | undefined {
  const all = host.containers.filter((container) => container.deployment === topology.deployment && container.service === service)
  // One that Compose has left half-made has the labels, too, and another name.
  return all.find(({ name }) => name === containerName(topology, service)) ?? all[0]
}

/** Where a node's privval port is or was: a node that has not been brought up since another validator's signer was replaced still has it there. */
function privvalAddresses(topology: Topology, node: ChainNode): readonly string[] {
  const address = hostOf(topology, node.host).privateAddress
  return Array.from({ length: node.privvalMoves + 1 }, (_, moves) => `${address}:${node.ports.privval - moves}`)
}

export function privvalAddress(topology: Topology, node: ChainNode): string {
  return `${hostOf(topology, node.host).privateAddress}:${node.ports.privval}`
}
