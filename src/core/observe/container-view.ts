import { EXIT } from "../errors.ts"
import { printable } from "../printable.ts"
import type { FileSet } from "../render/fileset.ts"
import { balancersOf, serviceName, type Topology } from "../topology.ts"
import type { ContainerRow, ContainersView } from "./container-report.ts"
import { type HostSeen, type Reading, valueIn } from "./state.ts"

/** Every container that a deployment has or should have, as its hosts tell. */
export function containersView(topology: Topology, files: FileSet, hosts: ReadonlyMap<string, Reading<HostSeen>>): ContainersView {
  const readings = topology.hosts.map(({ name }) => ({ host: name, reading: hosts.get(name) }))
  const containers = readings.flatMap(({ host, reading }) => {
    const seenHost = valueIn(reading)
    return seenHost === undefined ? [] : rowsOf(topology, files, host, seenHost)
  })
  const unknownHosts = readings.flatMap(({ host, reading }) =>
    reading?.kind === "seen" ? [] : [{ host, reason: printable(reading?.reason ?? "was not asked") }],
  )
  const isWell = unknownHosts.length === 0 && containers.every(({ verdict }) => verdict === "ok" || verdict === "waits")
  const nobodyAnswers = unknownHosts.length > 0 && unknownHosts.length === topology.hosts.length
  return {
    deployment: topology.deployment,
    containers,
    unknownHosts,
    exitCode: isWell ? EXIT.ok : nobodyAnswers ? EXIT.unreachable : EXIT.degraded,
  }
}

function rowsOf(topology: Topology, files: FileSet, host: string, seenHost: HostSeen): ContainerRow[] {
  const wanted = files.get(host)?.serviceDigests ?? new Map<string, string>()
  const ours = seenHost.containers.filter(({ deployment }) => deployment === topology.deployment)
  const roles = rolesOn(topology)
  const rendered = [...wanted].map(([service, digest]): ContainerRow => {
    const found = ours.find((container) => container.service === service)
    const role = roles.get(service) ?? "unknown"
    if (!found)
      return { host, service, role, status: undefined, duration: undefined, exitCode: undefined, isCurrent: undefined, verdict: "missing" }
    const isCurrent = found.digest === digest
    const mayStand = isCurrent && isIdleParking(topology, seenHost, service)
    const verdict = found.status === "running" ? (isCurrent ? "ok" : "outdated") : mayStand ? "waits" : "stopped"
    return { host, service, role, status: printable(found.status), ...saidOf(found), isCurrent, verdict }
  })
  const strays = ours
    .filter(({ service }) => !wanted.has(service))
    .map((found): ContainerRow => {
      const [service, role, status] = [found.service, found.role, found.status].map(printable)
      return { host, service: service ?? "", role: role ?? "", status, ...saidOf(found), isCurrent: undefined, verdict: "stray" }
    })
  return [...rendered, ...strays]
}

function rolesOn({ nodes, validators, apis, edges }: Topology): ReadonlyMap<string, string> {
  return new Map([
    ...nodes.flatMap(({ name, role }) => [[serviceName.node(name), role] as const, [serviceName.parking(name), "parking"] as const]),
    ...validators.map(({ name }) => [serviceName.signer(name), "signer"] as const),
    ...balancersOf({ apis, edges }).map(({ name }) => [serviceName.balancer(name), "balancer"] as const),
  ])
}

/** The port of its node belongs to the validator's signer, or the node has none. */
function isIdleParking({ nodes }: Topology, { owners }: HostSeen, service: string): boolean {
  const node = nodes.find(({ name }) => serviceName.parking(name) === service)
  const owner = node && owners.get(node.name)
  return owner === "validator" || owner === "plain"
}

/** The engine tells `Up 3 hours (healthy)` or `Exited (137) 2 minutes ago`. */
function saidOf({ told, exitCode }: HostSeen["containers"][number]): Pick<ContainerRow, "duration" | "exitCode"> {
  const [, code, rest] = /^\S+ \((-?\d+)\) (.*)$/.exec(told ?? "") ?? []
  const [, up] = /^Up (.*)$/.exec(told ?? "") ?? []
  const duration = up ?? rest
  return {
    duration: duration === undefined ? undefined : printable(duration),
    exitCode: code === undefined ? exitCode : Number(code),
  }
}
