import type { BackupRecord } from "../../src/core/backup/record.ts"
import type { DiskReading } from "../../src/core/doctor/disk-readings.ts"
import type { DoctorFacts } from "../../src/core/doctor/facts.ts"
import type { ContainerProbe, HostProbe } from "../../src/core/doctor/host-probe.ts"
import { targetOf, targetsFrom, trialsOf } from "../../src/core/doctor/trials.ts"
import { serviceOf } from "../../src/core/exposure/exposure.ts"
import { exposureOn } from "../../src/core/exposure/exposure-of.ts"
import { type Reading, seen, unknown, valueIn } from "../../src/core/observe/state.ts"
import { servicesOn } from "../../src/core/render/compose.ts"
import { layout } from "../../src/core/render/layout.ts"
import { hostOf, type Topology, type Validator } from "../../src/core/topology.ts"
import { aTopology, type Change, changed, filesOf, healthy, host, NOW_MS, node, secretsOf, TIP } from "./observed.ts"

const HOUR_MS = 3_600_000

/** The good spec with pinned images, and a sentry that makes snapshots. */
export function doctorTopology(): Topology {
  const good = aTopology()
  return aTopology({
    images: { node: `node@sha256:${"1".repeat(64)}`, tmkms: `tmkms@sha256:${"2".repeat(64)}`, haproxy: undefined },
    nodes: good.nodes.map((each) => (each.name === "sentry-1" ? { ...each, snapshots: { intervalBlocks: 100, keep: 2 } } : each)),
  })
}

/** Of a container that the engine made from what is rendered, and that runs since yesterday. */
function seenByEngine(topology: Topology, host: string, service: string): ContainerProbe {
  const definition = servicesOn(topology, hostOf(topology, host)).find(({ name }) => name === service)?.definition
  return {
    service,
    status: "running",
    restarts: 0,
    startedMs: NOW_MS - 24 * HOUR_MS,
    oomKilled: false,
    health: "healthy",
    imageId: topology.nodes.some(({ name }) => name === service) ? "sha256:aa" : service.endsWith("-balancer") ? "sha256:cc" : "sha256:bb",
    logDriver: "json-file",
    logMaxSize: "50m",
    restartPolicy: String(definition?.restart),
    ports: exposureOn(topology, host)
      .filter((exposure) => serviceOf(exposure) === service)
      .map(targetOf),
    filesLimit: 1_048_576,
  }
}

export function healthyProbe(topology: Topology, host: string): HostProbe {
  const trials = trialsOf(topology)
  const rendered = filesOf(topology).get(host)?.files ?? []
  const own = topology.nodes.filter((each) => each.host === host)
  const rules = rendered.find(({ path }) => path === layout.firewall.nftables)?.content ?? ""
  return {
    user: "root",
    missingTools: [],
    engine: seen("28.2.2"),
    compose: seen("2.36.0"),
    containers: seen(servicesOn(topology, hostOf(topology, host)).map(({ name }) => seenByEngine(topology, host, name))),
    memory: seen({ totalKb: 32e6, availableKb: 16e6, swapTotalKb: 0, swapFreeKb: 0 }),
    load: seen({ oneMinute: 0.5, cpus: 8 }),
    rebootWanted: false,
    directory: true,
    inodes: seen({ total: 30e6, free: 29e6 }),
    write: seen({ writes: 10, tookMs: 30 }),
    secrets: [
      { kind: "directory", mode: "700", path: "secrets" },
      ...secretsOf(topology)
        .filter((secret) => secret.host === host)
        .map(({ path }) => ({ kind: "file" as const, mode: "600", path })),
    ],
    readOnly: [],
    books: new Map(own.filter(({ role }) => role === "sentry").map(({ name }) => [name, []])),
    snapshots: new Map(own.filter(({ snapshots }) => snapshots !== undefined).map(({ name }) => [name, [TIP - 100, TIP]])),
    upgrades: new Map(),
    firewall: seen({
      // As nft prints it.
      nft: rules.split("\n").map((line) => line.trim().replace("counter drop", "counter packets 3 bytes 180 drop")),
      iptables: [],
    }),
    reach: new Map(
      targetsFrom(trials, host).map((target) => [
        target,
        trials.some((trial) => trial.from === host && targetOf(trial) === target && trial.wanted === "open") ? "open" : "closed",
      ]),
    ),
  }
}

/** Rendered once for all tests of a file. */
const standard = doctorTopology()

/** Everything as it should be. */
export function healthyFacts(topology: Topology = standard): DoctorFacts {
  const strangers = ["e".repeat(40), "f".repeat(40)]
  const peers = topology.nodes
    .filter(({ role }) => role === "sentry")
    .map((each) =>
      node(each.name, { peerIds: [...topology.nodes.filter(({ name }) => name !== each.name).map(({ id }) => id), ...strangers] }),
    )
  return {
    topology,
    files: filesOf(topology),
    secrets: secretsOf(topology),
    observed: changed(healthy(topology), ...peers),
    probes: new Map(topology.hosts.map(({ name }) => [name, seen(healthyProbe(topology, name))])),
    upgrade: seen(undefined),
    guards: new Map(topology.validators.map(({ name }) => [name, seen("ok" as const)])),
    receipts: new Map(
      topology.validators.map(({ name }) => [name, seen({ count: 2, differences: [], lastMoveMs: NOW_MS - 24 * HOUR_MS })]),
    ),
    disksBefore: new Map(topology.hosts.map(({ name }) => [name, [diskReading(3, 200e9)]])),
    backups: new Map(topology.validators.map((validator) => [validator.name, seen(backupRecord(validator))])),
    lockedSinceMs: new Map(),
  }
}

/** What doctor has found so many days ago on a disk of 500 GB. */
export function diskReading(daysAgo: number, freeBytes: number): DiskReading {
  return { atMs: NOW_MS - daysAgo * 24 * HOUR_MS, totalBytes: 500e9, freeBytes }
}

export function backupRecord({ name, address }: Pick<Validator, "name" | "address">): BackupRecord {
  return { time: "2026-11-20T12:00:00.000Z", by: "anna@desk", validator: name, address, file: "lab.age", sha256: "a".repeat(64) }
}

export type Break = (facts: DoctorFacts) => DoctorFacts

export function broken(facts: DoctorFacts, ...breaks: readonly Break[]): DoctorFacts {
  return breaks.reduce((now, each) => each(now), facts)
}

/** What every command sees is another way. */
export const observed =
  (...changes: readonly Change[]): Break =>
  (facts) => ({ ...facts, observed: changed(facts.observed, ...changes) })

export const probed =
  (host: string, change: Partial<HostProbe> | ((probe: HostProbe) => Partial<HostProbe>)): Break =>
  (facts) => {
    const before = valueIn(facts.probes.get(host))
    if (!before) throw new Error(`host ${host} was not examined`)
    const after = { ...before, ...(typeof change === "function" ? change(before) : change) }
    return { ...facts, probes: new Map([...facts.probes, [host, seen(after)]]) }
  }

/** One container, as its engine tells of it. */
export const engineTells = (host: string, service: string, changes: Partial<ContainerProbe>): Break =>
  probed(host, ({ containers }) => {
    if (!valueIn(containers)?.some((each) => each.service === service)) throw new Error(`${host} has no container of ${service}`)
    return { containers: seen((valueIn(containers) ?? []).map((each) => (each.service === service ? { ...each, ...changes } : each))) }
  })

/** How one host finds a port of another one. */
export const finds = (host: string, target: string, word: "open" | "closed" | "unknown"): Break =>
  probed(host, ({ reach }) => {
    if (!reach.has(target)) throw new Error(`${host} does not try ${target}`)
    return { reach: new Map([...reach, [target, word]]) }
  })

/** The disk is as it is, and was so before. */
export const diskIs =
  (on: string, totalBytes: number, freeBytes: number): Break =>
  (facts) => ({
    ...observed(host(on, () => ({ disk: seen({ totalBytes, freeBytes }) })))(facts),
    disksBefore: new Map([...facts.disksBefore, [on, [{ ...diskReading(3, freeBytes), totalBytes }]]]),
  })

export const notProbed =
  (host: string, reason = "no route"): Break =>
  (facts) => ({ ...facts, probes: new Map<string, Reading<HostProbe>>([...facts.probes, [host, unknown(reason)]]) })

/** What `templates/doctor.sh` prints on a host that is like this. */
export function examinationText(probe: HostProbe): string {
  const told = <T>(reading: Reading<T>, otherwise: string, row: (value: T) => readonly (string | number)[]) => [
    reading.kind === "seen" ? row(reading.value) : [otherwise, reading.reason],
  ]
  const rows: readonly (readonly (string | number)[])[] = [
    ["user", 0, probe.user],
    ...probe.missingTools.map((tool) => ["no-tool", tool]),
    ...told(probe.memory, "nothing", (memory) => ["memory", memory.totalKb, memory.availableKb, memory.swapTotalKb, memory.swapFreeKb]),
    ...told(probe.load, "nothing", ({ oneMinute, cpus }) => ["load", oneMinute, cpus]),
    ...(probe.rebootWanted ? [["reboot"]] : []),
    ...told(probe.engine, "no-engine", (version) => ["engine", version]),
    ...(valueIn(probe.containers) ?? []).flatMap((each) => [
      [
        ...["container", each.service, each.status, each.restarts, String(each.oomKilled), each.health ?? "", each.imageId, each.logDriver],
        ...[
          each.logMaxSize ?? "",
          new Date(each.startedMs ?? 0).toISOString(),
          each.restartPolicy,
          1,
          JSON.stringify(bindings(each.ports)),
        ],
      ],
      ...(each.filesLimit === undefined ? [] : [["limit", each.service, each.filesLimit]]),
    ]),
    ...told(probe.compose, "no-compose", (version) => ["compose", version]),
    ...(probe.directory ? [["directory"]] : []),
    ...told(probe.inodes, "nothing", ({ total, free }) => ["inodes", total, free]),
    ...told(probe.write, "no-write", ({ writes, tookMs }) => ["write", writes, tookMs]),
    ...probe.secrets.map(({ kind, mode, path }) => ["secret", kind, mode, path]),
    ...probe.readOnly.map((path) => ["read-only", path]),
    ...[...probe.books].flatMap(([name, known]) => [["book", name], ...known.map((word) => ["known", name, word])]),
    ...[...probe.snapshots].flatMap(([name, heights]) => heights.map((height) => ["snapshot", name, height])),
    ...[...probe.upgrades].flatMap(([name, upgrades]) => upgrades.map((upgrade) => ["upgrade", name, upgrade])),
    ...told(probe.firewall, "no-firewall", () => ["firewall"]),
    ...(valueIn(probe.firewall)?.nft ?? []).map((rule) => ["nft", rule]),
    ...(valueIn(probe.firewall)?.iptables ?? []).map((rule) => ["iptables", rule]),
    ...[...probe.reach].map(([target, word]) => ["reach", target, word]),
    ["end"],
  ]
  return `${rows.map((row) => row.join("\t")).join("\n")}\n`
}

/** As the engine has it, by the port inside. */
function bindings(ports: readonly string[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    ports.map((port, index) => {
      const [HostIp, HostPort] = port.split(":")
      return [`${index}/tcp`, [{ HostIp, HostPort }]]
    }),
  )
}
