import { layout } from "../render/layout.ts"
import { serviceName, type Topology, type Validator } from "../topology.ts"
import { isHeldByGuard } from "./replaced-host.ts"
import type { ContainerSeen, HostSeen, SignerPlace } from "./state.ts"

/**
 * Whatever on a host holds a validator's key, or may hold it, besides its one signer. The key counts, never a name: a validator or a
 * deployment that was renamed is the same key, and a clean chain does not prove that nobody else has it (signing.md 9.6).
 */
export function otherKeyHolders(topology: Topology, validator: Validator, hostName: string, host: HostSeen): readonly string[] {
  return [
    ...host.containers
      .filter((container) => isAlive(container))
      .flatMap((container) => mayHold(topology, validator, hostName, host, container)),
    ...strangers(hostName, host),
    ...copies(topology, validator, hostName, host),
  ]
}

function isAlive({ role, status }: ContainerSeen): boolean {
  return role === "signer" && status !== "exited" && status !== "created"
}

function mayHold(topology: Topology, validator: Validator, hostName: string, host: HostSeen, container: ContainerSeen): readonly string[] {
  const isOurs = container.deployment === topology.deployment && container.service === serviceName.signer(validator.name)
  if (isOurs) {
    return hostName === validator.signerHost || isHeldByGuard(validator, hostName, host, container.id)
      ? []
      : [`a second signer of ${validator.name}, ${container.name}, is ${container.status} on ${hostName}`]
  }
  const place = placeOf(host, container)
  if (place?.pubkey !== undefined && place.pubkey !== validator.pubkey) return []
  const why = place?.pubkey === undefined ? "which key it has is not known" : "it has the same key"
  return [`${container.name} is ${container.status} on ${hostName}, another signer than that of ${validator.name}: ${why}`]
}

/** Processes that no container of gonka-ha explains. */
function strangers(hostName: string, host: HostSeen): readonly string[] {
  const known = new Set(host.containers.map((container) => container.id))
  return host.tmkms
    .filter((process) => process.containerId === undefined || !known.has(process.containerId))
    .map((process) => `tmkms process ${process.pid} on ${hostName} was not started by gonka-ha: it may hold the key`)
}

/** A copy of the key is a second signer as soon as somebody starts it. */
function copies(topology: Topology, validator: Validator, hostName: string, host: HostSeen): readonly string[] {
  const isOwnPlace = (place: SignerPlace) =>
    hostName === validator.signerHost && place.deployment === topology.deployment && place.validator === validator.name
  const elsewhere = host.places.filter((place) => place.holdsKey && place.pubkey === validator.pubkey && !isOwnPlace(place))
  const ownName =
    hostName !== validator.signerHost && host.files.has(`${layout.secrets.signer(validator.name)}/consensus.key`)
      ? [`${hostName} holds a copy of the consensus key of ${validator.name}`]
      : []
  return [
    ...ownName,
    ...elsewhere
      .filter((place) => ownName.length === 0 || place.deployment !== topology.deployment || place.validator !== validator.name)
      .map(
        (place) =>
          `${hostName} holds the consensus key of ${validator.name} as well for ${place.validator} of the deployment ${place.deployment}: one key has one signer and one state`,
      ),
  ]
}

function placeOf(host: HostSeen, { deployment, service }: ContainerSeen): SignerPlace | undefined {
  return host.places.find((place) => place.deployment === deployment && serviceName.signer(place.validator) === service)
}
