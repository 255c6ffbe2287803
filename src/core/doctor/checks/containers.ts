import { durationText } from "../../duration.ts"
import { containerOf } from "../../observe/who-signs.ts"
import { leftovers, strayNodes } from "../../plan/strays.ts"
import { servicesOn } from "../../render/compose.ts"
import { balancersOf, hostOf, serviceName, type Topology } from "../../topology.ts"
import { bad, type Check, judged, listed, none, ofDeployment, ofHosts, ofSeenHosts, ok, unclear, warn } from "../check.ts"
import type { ContainerProbe, HostProbe } from "../host-probe.ts"

const HOUR_MS = 3_600_000

/** Every container of a host, one sentence for each that is not as it should be. */
function each(probe: HostProbe, verdict: typeof warn, otherwise: string, wrong: (container: ContainerProbe) => string | undefined) {
  return judged(probe.containers, (containers) =>
    none(
      containers.flatMap((container) => {
        const said = wrong(container)
        return said === undefined ? [] : `${container.service} ${said}`
      }),
      verdict,
      otherwise,
    ),
  )
}

const running: Check = {
  id: "container.running",
  title: "The container of every node and load balancer runs.",
  why: "A node that is down is one loss less that the deployment can take; without its load balancer an api has no node at all.",
  scope: "host",
  threshold: "running",
  fix: "look at its log with `docker logs`; `gonka-ha up` starts what is missing",
  judge: ofSeenHosts((seen, host, { topology }) => {
    const here = <T extends { readonly host: string }>(list: readonly T[]) => list.filter((each) => each.host === host.name)
    const services = [
      ...here(topology.nodes).map(({ name }) => serviceName.node(name)),
      ...here(balancersOf(topology)).map(({ name }) => serviceName.balancer(name)),
    ]
    const down = services.flatMap((service) => {
      const status = containerOf(topology, seen, service)?.status ?? "missing"
      return status === "running" ? [] : `${service} is ${status}`
    })
    return services.length === 0 ? undefined : none(down, bad, `${services.length} of ${services.length}`)
  }),
}

const restarts: Check = {
  id: "container.restarts",
  title: "No container keeps starting again.",
  why: "`restart: always` hides a node or a signer that dies again and again.",
  scope: "host",
  threshold: "none that the engine has restarted within the last hour",
  fix: "read the end of its log before the restart with `docker logs`",
  judge: ofHosts((probe, _, { observed }) =>
    each(probe, warn, "none within the last hour", ({ restarts: count, startedMs }) => {
      if (count === 0 || startedMs === undefined) return undefined
      const ago = observed.atMs - startedMs
      return ago > HOUR_MS ? undefined : `was restarted ${count} times, ${durationText(Math.max(0, ago))} ago for the last time`
    }),
  ),
}

const memoryKills: Check = {
  id: "container.memory",
  title: "No container was killed for its memory.",
  why: "What ran out of memory once does so again.",
  scope: "host",
  threshold: "none",
  fix: "raise its limit under `resources:` in the topology file, or give the host more memory",
  judge: ofHosts((probe) => each(probe, warn, "none", ({ oomKilled }) => (oomKilled ? "was killed for its memory" : undefined))),
}

const health: Check = {
  id: "container.health",
  title: "The containers' own health checks pass.",
  why: "They look from inside: a node that does not follow the chain, a signer without a connection.",
  scope: "host",
  threshold: "healthy, or starting",
  fix: "`docker inspect` tells what the check said; `gonka-ha status` tells the rest",
  judge: ofHosts((probe) =>
    each(probe, warn, "all pass", ({ health: word, status }) =>
      word === "unhealthy" && status === "running" ? "is unhealthy" : undefined,
    ),
  ),
}

const current: Check = {
  id: "container.current",
  title: "Containers are what is rendered.",
  why: "A container that was made from older files runs with older settings, whatever the files say.",
  scope: "host",
  threshold: "the digest in its label is the rendered one",
  fix: "`gonka-ha up`; where it is the active node, another one is promoted first",
  judge: ofSeenHosts((seen, host, { topology, files }) => {
    const digests = files.get(host.name)?.serviceDigests ?? new Map<string, string>()
    const outdated = [...digests].flatMap(([service, digest]) => {
      const found = containerOf(topology, seen, service)
      return found && found.digest !== digest ? service : []
    })
    return none(outdated, warn, `${digests.size} of ${digests.size}`)
  }),
}

const strays: Check = {
  id: "container.strays",
  title: "Nothing of the deployment runs where the topology file does not have it.",
  why: "A node that runs twice has one key twice, and a container that nobody looks after holds ports and memory.",
  scope: "deployment",
  threshold: "none",
  fix: "take it down on the host where it does not belong, or put it back into the file",
  judge: ofDeployment(({ topology, observed }) => {
    const twins = strayNodes(topology, observed).map(({ path, message }) => `${path} ${message}`)
    if (twins.length > 0) return bad(listed(twins))
    const left = leftovers(topology, observed).map(({ path, message }) => `${path}: ${message}`)
    if (left.length > 0) return warn(listed(left))
    const dark = topology.hosts.filter(({ name }) => observed.hosts.get(name)?.kind !== "seen").map(({ name }) => name)
    return dark.length > 0 ? unclear(`not looked at: ${listed(dark)}`) : ok("none")
  }),
}

const pinned: Check = {
  id: "container.images-pinned",
  title: "Images are named by their digest.",
  why: "A tag can be moved: the next host that pulls it would run something that nobody has tried.",
  scope: "deployment",
  threshold: "NAME@sha256:...",
  fix: "write the digest into `images:`; `docker buildx imagetools inspect NAME:TAG` prints it",
  judge: ofDeployment(({ topology: { images } }) => {
    const named = Object.entries(images).flatMap(([key, image]) => (image === undefined || /@sha256:[0-9a-f]{64}$/.test(image) ? [] : key))
    return none(named, warn, "all are")
  }),
}

const sameImages: Check = {
  id: "container.images-same",
  title: "Every host runs the same image.",
  why: "Two nodes with different programs under one name disagree about a block one day.",
  scope: "deployment",
  threshold: "one image for all nodes, one for all signers, one for all load balancers",
  fix: "pull the image on the hosts that differ, and run `gonka-ha up`",
  judge: ofDeployment(({ topology, probes }) => {
    const images = {
      nodes: new Map<string, string[]>(),
      signers: new Map<string, string[]>(),
      "load balancers": new Map<string, string[]>(),
    }
    const nodes = new Set(topology.nodes.map(({ name }) => serviceName.node(name)))
    const balancers = new Set(balancersOf(topology).map(({ name }) => serviceName.balancer(name)))
    for (const [host, reading] of probes) {
      if (reading.kind === "unknown" || reading.value.containers.kind === "unknown") continue
      for (const { service, imageId } of reading.value.containers.value) {
        const group = images[nodes.has(service) ? "nodes" : balancers.has(service) ? "load balancers" : "signers"]
        group.set(imageId, [...(group.get(imageId) ?? []), `${service} on ${host}`])
      }
    }
    if (Object.values(images).every(({ size }) => size === 0)) return unclear("no container was seen")
    const wrong = Object.entries(images).flatMap(([what, found]) => {
      const [, ...others] = [...found.values()].sort((a, b) => b.length - a.length)
      return others.length === 0 ? [] : `${found.size} images for the ${what}: another one for ${listed(others.flat())}`
    })
    return none(wrong, warn, "the same everywhere")
  }),
}

const logs: Check = {
  id: "container.logs",
  title: "Logs of containers are rotated.",
  why: "CometBFT writes tens of megabytes of log a day, and json-file does not rotate by itself: one day the disk is full.",
  scope: "host",
  threshold: "a greatest size, where the driver is json-file",
  fix: "`gonka-ha up`, or take the patch away that changes `logging`",
  judge: ofHosts((probe) =>
    each(probe, warn, "all are", ({ logDriver, logMaxSize }) =>
      logDriver === "json-file" && logMaxSize === undefined ? "writes a log without an end" : undefined,
    ),
  ),
}

const FILES = 8192

const files: Check = {
  id: "container.files-limit",
  title: "Processes may open enough files.",
  why: "A node holds thousands of files of its databases and its connections; at the limit it stops with `too many open files`.",
  scope: "host",
  threshold: `${FILES} files`,
  fix: "raise `ulimits` of the service under `compose:`, or the engine's default",
  judge: ofHosts((probe, host, { topology }) => {
    // A signer has a handful of files.
    const nodes = new Set(topology.nodes.filter((node) => node.host === host.name).map(({ name }) => name))
    if (nodes.size === 0) return undefined
    return each(probe, warn, "enough", ({ service, filesLimit }) =>
      nodes.has(service) && filesLimit !== undefined && filesLimit < FILES ? `may open ${filesLimit}` : undefined,
    )
  }),
}

const policies: Check = {
  id: "container.restart-policy",
  title: "Containers come back after a reboot as they are meant to.",
  why: "A parking signer that does not come back leaves a frozen standby; a signer must stay down after a deliberate stop.",
  scope: "host",
  threshold: "the rendered restart policy",
  fix: "somebody changed it with `docker update`: take that back, or let `gonka-ha up` make the container anew",
  judge: ofHosts((probe, host, { topology }) => {
    const wanted = policiesOn(topology, host.name)
    return each(probe, bad, "as rendered", ({ service, restartPolicy }) => {
      const policy = wanted.get(service)
      return policy === undefined || policy === restartPolicy ? undefined : `has ${restartPolicy || "none"} instead of ${policy}`
    })
  }),
}

function policiesOn(topology: Topology, host: string): ReadonlyMap<string, string> {
  return new Map(
    servicesOn(topology, hostOf(topology, host)).flatMap(({ name, definition }) =>
      typeof definition.restart === "string" ? [[name, definition.restart] as const] : [],
    ),
  )
}

export const CONTAINER_CHECKS: readonly Check[] = [
  running,
  restarts,
  memoryKills,
  health,
  current,
  strays,
  pinned,
  sameImages,
  logs,
  files,
  policies,
]
