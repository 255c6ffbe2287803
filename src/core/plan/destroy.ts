import type { Issue } from "../issue.ts"
import { type ContainerSeen, type HostSeen, type Observed, valueIn } from "../observe/state.ts"
import { containerName, hostOf, serviceName, type Topology } from "../topology.ts"

export type DestroyedPart = {
  readonly host: string
  /** In the order in which they are stopped: a node only hears that it shall stop while its parking signer answers it. */
  readonly containers: readonly Pick<ContainerSeen, "id" | "name" | "status">[]
}

export type DestroyPlan = { readonly node: string; readonly parts: readonly DestroyedPart[] }

const NODE_ROLES = ["sentry", "private"]

/**
 * What is to be removed of a node that left the topology file. Unknown is never taken for gone: where a signer's host cannot be asked,
 * nobody knows whether its signer is aimed at the node.
 */
export function planDestroy(topology: Topology, observed: Observed, name: string): DestroyPlan | { readonly refused: readonly Issue[] } {
  if (topology.nodes.some((node) => node.name === name))
    return { refused: [refuse(name, "is in the topology file", "take it out of the file first; `gonka-ha down` stops a whole deployment")] }
  const parts = partsOf(topology, observed, name)
  const refused = [
    ...unaskedSigners(topology, observed),
    ...seenHosts(observed).flatMap(([host, seen]) => signerReasons(host, seen, name, privvalPlaces(topology, observed, name))),
    ...(parts.length === 0 ? [nothingFound(topology, observed, name)] : []),
  ]
  return refused.length > 0 ? { refused } : { node: name, parts }
}

function partsOf(topology: Topology, observed: Observed, name: string): readonly DestroyedPart[] {
  return seenHosts(observed).flatMap(([host, { containers }]) => {
    const ours = containers.filter(({ deployment }) => deployment === topology.deployment)
    const found = [
      ...ours.filter(({ service, role }) => service === serviceName.node(name) && NODE_ROLES.includes(role)),
      ...ours.filter(({ service, role }) => service === serviceName.parking(name) && role === "parking"),
    ]
    return found.length === 0 ? [] : [{ host, containers: found.map(({ id, name, status }) => ({ id, name, status })) }]
  })
}

function unaskedSigners(topology: Topology, observed: Observed): readonly Issue[] {
  return topology.validators.flatMap(({ name, signerHost }) => {
    const reading = observed.hosts.get(signerHost)
    return reading?.kind === "seen"
      ? []
      : [
          refuse(
            signerHost,
            `cannot be asked whether the signer of ${name} is aimed at it: ${reading?.reason ?? "not observed"}`,
            "run the command again when it answers",
          ),
        ]
  })
}

/** Where its privval port is published, as installed. */
function privvalPlaces(topology: Topology, observed: Observed, name: string): readonly string[] {
  return seenHosts(observed).flatMap(([host, { privvalPorts }]) => {
    const port = privvalPorts.get(name)
    return port === undefined ? [] : [`${hostOf(topology, host).privateAddress}:${port}`]
  })
}

function signerReasons(host: string, seen: HostSeen, name: string, places: readonly string[]): readonly Issue[] {
  const move = "promote another node first, and run the command again"
  const parking = new Set(seen.containers.filter(({ role }) => role === "parking").map(({ id }) => id))
  return [
    ...(seen.owners.get(name) === "validator" ? [refuse(name, `its privval port on ${host} belongs to a validator's signer`, move)] : []),
    ...[...seen.signers].flatMap(([validator, { aim, operation }]) => [
      ...(aim === name ? [refuse(name, `the signer of ${validator} on ${host} is aimed at it`, move)] : []),
      ...(operation !== undefined && [operation.from, operation.to].includes(name)
        ? [refuse(name, `${operation.kind} to ${operation.to} is not finished`, "`gonka-ha promote --resume` or `--abort` ends it")]
        : []),
    ]),
    ...seen.tmkms
      .filter(({ containerId }) => containerId === undefined || !parking.has(containerId))
      .filter(({ config, connections }) => config.endsWith(`/tmkms-${name}.toml`) || connections.some((each) => places.includes(each)))
      .map(({ pid }) => refuse(name, `tmkms process ${pid} on ${host} dials it`, move)),
  ]
}

/** Its host may have left the file, too, and then nothing here leads to it. */
function nothingFound(topology: Topology, observed: Observed, name: string): Issue {
  const silent = topology.hosts.filter((host) => observed.hosts.get(host.name)?.kind !== "seen").map((host) => host.name)
  const [node, parking] = [serviceName.node(name), serviceName.parking(name)].map((service) => containerName(topology, service))
  return refuse(
    name,
    `no container of it is on any host of the file${silent.length === 0 ? "" : `; ${silent.join(", ")} could not be asked`}`,
    `if its host has left the file, too, gonka-ha cannot reach it; there: docker stop ${node} && docker rm ${node}, then the same with ${parking}`,
  )
}

function seenHosts(observed: Observed): readonly (readonly [string, HostSeen])[] {
  return [...observed.hosts].flatMap(([name]) => {
    const host = valueIn(observed.hosts.get(name))
    return host === undefined ? [] : [[name, host] as const]
  })
}

function refuse(path: string, message: string, fix: string): Issue {
  return { severity: "error", path, message, fix }
}
