import { layout } from "../render/layout.ts"
import { type Host, hostOf, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { type HostSeen, type Observed, type PendingOperation, valueIn } from "./state.ts"

/*
 * A host whose signer was replaced may come back at any time, with its key and its containers. `replaces` in the topology file is the
 * memory of it: whoever reaches the host fences what is there first.
 */

/** Begins the text of the fence on such a host; the guard prints it. */
const REPLACED = "replaced by"

export function replacedFence(newHost: string, at: string): string {
  return `${REPLACED} ${newHost}, fenced ${at}`
}

/** Validators whose signer was on this host before. */
export function replacedOn(topology: Topology, host: string): readonly Validator[] {
  return topology.validators.filter((validator) => validator.replacedHosts.includes(host))
}

/** Nothing of the topology is on this host any more: it is listed so that it can be fenced when it comes back. */
export function isOnlyReplaced(topology: Topology, { name }: Pick<Host, "name">): boolean {
  return (
    replacedOn(topology, name).length > 0 &&
    ![...topology.nodes, ...topology.apis, ...topology.edges].some(({ host }) => host === name) &&
    !topology.validators.some(({ signerHost }) => signerHost === name)
  )
}

/**
 * Whether the signer's new host has been given the right to sign, or may have been. Only a new host that was seen and has nothing of this
 * signer speaks for a replacement that stands in the file alone: until then the old signer is the one that signs.
 */
export function mayBeReplaced(observed: Pick<Observed, "hosts">, validator: Validator): boolean {
  if (validator.replacedHosts.length === 0) return false
  const host = valueIn(observed.hosts.get(validator.signerHost))
  if (!host) return true
  const files = host.signers.get(validator.name)
  return files?.aim !== undefined || files?.operation?.kind === "replace"
}

/**
 * Whether the signer on a host that the file calls replaced is the one that signs: it is connected to a candidate, and nothing on the new
 * host is. Before a new signer starts, every candidate closes the ports that the old one knows, so this one was never replaced: the file was
 * edited too early, or the wrong way round. A candidate beside it proves nothing, since nobody could close its port.
 */
export function stillSigns(topology: Topology, observed: Pick<Observed, "hosts">, validator: Validator, hostName: string): boolean {
  const host = valueIn(observed.hosts.get(hostName))
  const newHost = valueIn(observed.hosts.get(validator.signerHost))
  if (!host || newHost?.signers.get(validator.name)?.operation?.kind === "replace") return false
  if (newHost && processesOf(topology, validator, newHost).length > 0) return false
  const seats = validator.candidates
    .map((name) => nodeOf(topology, name))
    .filter((node) => node.host !== hostName)
    .flatMap(({ host: at, ports, privvalMoves }) =>
      Array.from({ length: privvalMoves + 1 }, (_, moves) => `${hostOf(topology, at).privateAddress}:${ports.privval - moves}`),
    )
  return processesOf(topology, validator, host).some(({ connections }) => connections.some((end) => seats.includes(end)))
}

function processesOf(topology: Topology, validator: Validator, host: HostSeen) {
  const ids = new Set(signerContainers(topology, validator, host).map(({ id }) => id))
  return host.tmkms.filter(({ containerId }) => containerId !== undefined && ids.has(containerId))
}

/** What on a replaced host could still sign, or be made to sign by hand; empty when it is fenced for good. */
export function notQuarantined(topology: Topology, validator: Validator, host: HostSeen): readonly string[] {
  const remains: string[] = []
  if (host.signers.get(validator.name)?.fence?.startsWith(REPLACED) !== true) remains.push("no fence says that it was replaced")
  if (holdsKey(validator, host)) remains.push("it holds the consensus key")
  const containers = signerContainers(topology, validator, host)
  for (const { name, status } of containers) if (status !== "exited" && status !== "created") remains.push(`${name} is ${status}`)
  for (const { pid } of processesOf(topology, validator, host)) remains.push(`tmkms runs there as process ${pid}`)
  return remains
}

/** A signer's container there that its guard keeps from signing: it may be restarted without end, and nothing comes of it. */
export function isHeldByGuard(validator: Validator, hostName: string, host: HostSeen, containerId: string): boolean {
  return (
    validator.replacedHosts.includes(hostName) &&
    host.signers.get(validator.name)?.fence !== undefined &&
    !host.tmkms.some((process) => process.containerId === containerId)
  )
}

/** One line for each replaced host that answers or does not, for status. */
export function replacedHostLines(topology: Topology, observed: Observed): readonly string[] {
  return topology.validators.flatMap((validator) =>
    validator.replacedHosts.flatMap((name) => {
      const host = valueIn(observed.hosts.get(hostOf(topology, name).name))
      if (!mayBeReplaced(observed, validator))
        return [
          `${name}: the file says that ${validator.signerHost} replaces the signer of ${validator.name} there, and that is not done: run ${replaceCommand(name)}`,
        ]
      const fence = host?.signers.get(validator.name)?.fence
      return fence === undefined ? [] : [`${name}: fenced: ${fence} (signer of ${validator.name})`]
    }),
  )
}

/** The command that carries a replacement out. */
export function replaceCommand(host: string): string {
  return `gonka-ha signer replace ${host} --accept-double-sign-risk`
}

/** The command that finishes what was left half-way. */
export function goOn({ kind }: PendingOperation, validator: Validator | undefined): string {
  const host = validator && lastReplaced(validator)
  return kind === "replace" && host !== undefined ? replaceCommand(host) : "gonka-ha promote --resume"
}

/** The host whose signer is to be replaced next: the last one in the list. */
export function lastReplaced(validator: Validator): string | undefined {
  return validator.replacedHosts.at(-1)
}

function holdsKey(validator: Validator, host: HostSeen): boolean {
  return (
    host.files.has(`${layout.secrets.signer(validator.name)}/consensus.key`) ||
    host.places.some(({ holdsKey: holds, pubkey }) => holds && pubkey === validator.pubkey)
  )
}

/** Of this deployment by its name, and of every other one by the key that it was set up for. */
function signerContainers(topology: Topology, validator: Validator, host: HostSeen) {
  const places = [
    { deployment: topology.deployment, service: serviceName.signer(validator.name) },
    ...host.places
      .filter(({ pubkey }) => pubkey === validator.pubkey)
      .map((place) => ({ deployment: place.deployment, service: serviceName.signer(place.validator) })),
  ]
  return host.containers.filter(({ deployment, service }) =>
    places.some((place) => place.deployment === deployment && place.service === service),
  )
}
