import * as z from "zod"
import { type Reading, seen, unknown } from "../observe/state.ts"

/** What the engine tells of one of the deployment's containers, beyond its state. */
export type ContainerProbe = {
  readonly service: string
  readonly status: string
  /** How often the engine started it again by itself, since it was made. */
  readonly restarts: number
  /** Undefined when the engine tells no time. */
  readonly startedMs: number | undefined
  readonly oomKilled: boolean
  /** The engine's word: healthy, unhealthy or starting; undefined without a health check. */
  readonly health: string | undefined
  readonly imageId: string
  readonly logDriver: string
  /** Undefined when its log grows without a limit of its own. */
  readonly logMaxSize: string | undefined
  readonly restartPolicy: string
  /** Open on the host, as `ADDRESS:PORT`; none when it does not run, undefined when the engine's words for it are not known. */
  readonly ports: readonly string[] | undefined
  /** How many files it may open at most; undefined where that is not told, as of one that does not run. */
  readonly filesLimit: number | undefined
}

export type Memory = {
  readonly totalKb: number
  readonly availableKb: number
  readonly swapTotalKb: number
  readonly swapFreeKb: number
}

export type SecretMode = {
  readonly kind: "file" | "directory"
  /** Octal, as `stat` prints it: `600`. */
  readonly mode: string
  readonly path: string
}

/** What a connection to a port came to. */
export type Reached = "open" | "closed" | "unknown"

/** Rules as they are loaded; both lists are empty when none are. */
export type LoadedRules = { readonly nft: readonly string[]; readonly iptables: readonly string[] }

/** What one host tells about itself. */
export type HostProbe = {
  readonly user: string
  readonly missingTools: readonly string[]
  readonly engine: Reading<string>
  readonly compose: Reading<string>
  readonly containers: Reading<readonly ContainerProbe[]>
  readonly memory: Reading<Memory>
  readonly load: Reading<{ readonly oneMinute: number; readonly cpus: number }>
  readonly rebootWanted: boolean
  /** Whether the deployment's directory is there. */
  readonly directory: boolean
  readonly inodes: Reading<{ readonly total: number; readonly free: number }>
  /** Blocks that were written one after the other, each of them waited for. */
  readonly write: Reading<{ readonly writes: number; readonly tookMs: number }>
  readonly secrets: readonly SecretMode[]
  /** Places of records that are there and cannot be written. */
  readonly readOnly: readonly string[]
  /** Node name to the words that its address book has and must not have; none of a node without an address book. */
  readonly books: ReadonlyMap<string, readonly string[]>
  /** Node name to the heights of its snapshots. */
  readonly snapshots: ReadonlyMap<string, readonly number[]>
  /** Node name to the upgrades that it has a program for. */
  readonly upgrades: ReadonlyMap<string, readonly string[]>
  readonly firewall: Reading<LoadedRules>
  /** By `ADDRESS:PORT`. */
  readonly reach: ReadonlyMap<string, Reached>
}

const NUMBER = /^\d+(\.\d+)?$/

/**
 * Reads the answer of `templates/doctor.sh`.
 * @param timeMs milliseconds since 1970 of a written time; not a number when it cannot be read
 * @throws Error when the answer is cut short: half an answer must not look like a host without faults.
 */
export function parseHostProbe(text: string, timeMs: (written: string) => number): HostProbe {
  const rows = text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => row.split("\t"))
  if (rows.at(-1)?.[0] !== "end") throw new Error("the answer of the host's examination is cut short")
  const all = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest)
  const first = (kind: string) => all(kind)[0]
  const told = (kind: string, otherwise: string): Reading<string> => {
    const [value] = first(kind) ?? []
    return value === undefined ? unknown(first(`no-${kind}`)?.[0] || otherwise) : seen(value)
  }
  const engine = told("engine", "its engine was not asked")
  const limits = new Map(all("limit").map(([service = "", limit = ""]) => [service, limit]))
  return {
    user: first("user")?.[1] || first("user")?.[0] || "unknown",
    missingTools: all("no-tool").flatMap(([tool]) => tool ?? []),
    engine,
    compose: told("compose", "docker compose was not asked"),
    containers: engine.kind === "unknown" ? engine : seen(all("container").map((row) => containerIn(row, limits, timeMs))),
    memory: numbersIn(first("memory"), 4, ([totalKb = 0, availableKb = 0, swapTotalKb = 0, swapFreeKb = 0]) => ({
      totalKb,
      availableKb,
      swapTotalKb,
      swapFreeKb,
    })),
    load: numbersIn(first("load"), 2, ([oneMinute = 0, cpus = 0]) => ({ oneMinute, cpus: Math.max(1, cpus) })),
    rebootWanted: first("reboot") !== undefined,
    directory: first("directory") !== undefined,
    inodes: numbersIn(first("inodes"), 2, ([total = 0, free = 0]) => ({ total, free })),
    write:
      first("no-write") === undefined
        ? numbersIn(first("write"), 2, ([writes = 1, tookMs = 0]) => ({ writes, tookMs }))
        : unknown(first("no-write")?.[0] ?? ""),
    secrets: all("secret").flatMap(([kind, mode = "", path = ""]) => (kind === "file" || kind === "directory" ? { kind, mode, path } : [])),
    readOnly: all("read-only").flatMap(([path]) => path ?? []),
    books: grouped([
      ...all("book").map(([node = ""]) => [node] as const),
      ...all("known").map(([node = "", word]) => [node, word] as const),
    ]),
    snapshots: new Map(
      [...grouped(all("snapshot").map(([node = "", height]) => [node, height] as const))].map(([node, heights]) => [
        node,
        heights.filter((height) => NUMBER.test(height)).map(Number),
      ]),
    ),
    upgrades: grouped(all("upgrade").map(([node = "", name]) => [node, name] as const)),
    firewall:
      first("firewall") === undefined
        ? unknown(first("no-firewall")?.[0] || "this host has neither nft nor iptables")
        : seen({ nft: all("nft").flatMap(([rule]) => rule ?? []), iptables: all("iptables").flatMap(([rule]) => rule ?? []) }),
    reach: new Map(all("reach").map(([target = "", word]) => [target, word === "open" || word === "closed" ? word : "unknown"] as const)),
  }
}

function containerIn(row: readonly string[], limits: ReadonlyMap<string, string>, timeMs: (written: string) => number): ContainerProbe {
  const [
    service = "",
    status = "",
    restarts = "",
    oom,
    health,
    imageId = "",
    logDriver = "",
    maxSize,
    started = "",
    policy = "",
    ,
    ports = "",
  ] = row
  const startedMs = timeMs(started)
  const limit = limits.get(service)
  return {
    service,
    status,
    restarts: Number(restarts),
    // One that was never started has a time long before all others.
    startedMs: startedMs > 0 ? startedMs : undefined,
    oomKilled: oom === "true",
    health: health || undefined,
    imageId,
    logDriver,
    logMaxSize: maxSize === "" || maxSize === "<no value>" ? undefined : maxSize,
    restartPolicy: policy,
    ports: portsIn(ports),
    filesLimit: limit === undefined ? undefined : limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit),
  }
}

const portsAnswer = z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullable()

function portsIn(json: string): readonly string[] | undefined {
  try {
    const answer = portsAnswer.safeParse(JSON.parse(json))
    if (!answer.success) return undefined
    return Object.values(answer.data ?? {}).flatMap((bindings) => (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`))
  } catch {
    return undefined
  }
}

function numbersIn<T>(row: readonly string[] | undefined, count: number, make: (numbers: readonly number[]) => T): Reading<T> {
  return row?.length === count && row.every((field) => NUMBER.test(field))
    ? seen(make(row.map(Number)))
    : unknown("this host did not tell it in a form that is known")
}

function grouped(pairs: readonly (readonly [key: string, value?: string | undefined])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key) ?? []
    if (value !== undefined) group.push(value)
    groups.set(key, group)
  }
  return groups
}
