import { Random } from "./random.ts"
import { type Shape, topologyOf } from "./topologies.ts"
import type { DeathInCall } from "./world/laptop.ts"

export type Verb = "up" | "promote" | "failover" | "resume" | "abort"

/** What an operator types, and what becomes of the operator's machine meanwhile. */
export type Command = {
  readonly kind: "command"
  readonly atMs: number
  readonly laptop: string
  readonly verb: Verb
  readonly validator: string
  /** The node of a promotion or failover. */
  readonly to: string
  /** The machine dies right after the n-th step of its run. */
  readonly dieAfterStep?: number
  readonly dieInCall?: DeathInCall
  readonly interruptAfterMs?: number
  readonly sleep?: { readonly afterMs: number; readonly forMs: number }
}

/** What goes wrong by itself, or by somebody's hand. */
export type Fault = {
  readonly kind:
    | "node-crash"
    | "node-hangs"
    | "signer-crash"
    | "parking-crash"
    | "power-loss"
    | "management-hangs"
    | "host-cut"
    | "laptop-cut"
    | "engine-restart"
    | "hand-compose-up"
    | "hand-start-copy"
    | "hand-fence"
    | "hand-fence-file"
    | "hand-kill-signer"
    | "restore-backup"
    | "restore-backup-and-start"
    | "state-lost"
    | "chain-halts"
  readonly atMs: number
  readonly forMs: number
  /** A host, a node, a laptop or a validator, as the kind wants it. */
  readonly where: string
}

export type Item = Command | Fault

export type Schedule = {
  readonly seed: number
  readonly shape: Shape
  readonly outdated: readonly string[]
  readonly isBare: boolean
  readonly windowBlocks: number
  readonly items: readonly Item[]
}

export const LAPTOPS = ["anna", "bo", "cy"] as const

/** The schedule of a seed: what operators do, and what goes wrong around it. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed * 7919 + 17)
  const shape = random.pick<Shape>(["pair", "pair", "trio", "trio", "quick", "shared"])
  const topology = topologyOf(shape)
  const isBare = random.chance(0.04)
  const items: Item[] = []
  let atMs = isBare ? 0 : random.between(0, 8000)
  if (isBare) {
    items.push(command(random, shape, atMs, { verb: "up" }))
    atMs += random.between(20_000, 60_000)
  }
  if (!isBare && random.chance(0.4)) items.push(...theme(random, shape))
  else {
    const rounds = random.pick([1, 1, 1, 2, 2, 3])
    for (let round = 0; round < rounds; round++) {
      const faultsBefore = random.pick([0, 0, 1])
      for (let index = 0; index < faultsBefore; index++) items.push(fault(random, shape, atMs + random.between(0, 4000)))
      if (faultsBefore > 0) atMs += random.between(500, 25_000)
      items.push(command(random, shape, atMs, {}))
      const faultsDuring = random.pick([0, 0, 0, 1, 1, 2])
      for (let index = 0; index < faultsDuring; index++) items.push(fault(random, shape, atMs + random.between(0, 45_000)))
      if (random.chance(0.3)) items.push(command(random, shape, atMs + random.between(0, 50_000), {}))
      atMs += random.between(15_000, 70_000)
    }
  }
  const outdated = topology.validators.filter(() => random.chance(0.15)).map(({ name }) => `${name}-signer`)
  return {
    seed,
    shape,
    outdated,
    isBare,
    windowBlocks: random.chance(0.05) ? 100 : 1000,
    items: items.sort((a, b) => a.atMs - b.atMs),
  }
}

/** What gates are there for happens together: one thing, and before it is over another one. */
function theme(random: Random, shape: Shape): Item[] {
  const topology = topologyOf(shape)
  const validator = random.pick(topology.validators)
  const where = validator.name
  const atMs = random.between(0, 20_000)
  const soon = (low: number, high: number) => atMs + random.between(low, high)
  const started = (at: number): Item =>
    random.pick<Item>([
      { kind: "hand-compose-up", atMs: at, forMs: 0, where: validator.signerHost },
      { kind: "restore-backup-and-start", atMs: at, forMs: 0, where },
      { kind: "power-loss", atMs: at, forMs: 500, where: validator.signerHost },
      command(random, shape, at, { verb: "up" }),
    ])
  // Where blocks come quickly, a command that was overtaken has soon done what it still wants to do.
  switch (shape === "quick" && random.chance(0.4) ? 3 : shape === "shared" && random.chance(0.4) ? 5 : random.between(1, 6)) {
    case 1: {
      const kind = random.pick<Fault["kind"]>(["hand-fence", "hand-fence-file"])
      // A backup that was taken before knows nothing of the fence.
      return [
        { kind, atMs: soon(5000, 24_000), forMs: random.between(60_000, 80_000), where },
        started(atMs + random.between(25_000, 45_000)),
      ]
    }
    case 2: {
      const at = random.pick([31_000, 62_000]) + random.between(0, 12_000)
      const restore: Item = { kind: "restore-backup-and-start", atMs: at, forMs: 0, where }
      return [restore, ...(random.chance(0.5) ? [command(random, shape, at + 3000, {})] : [])]
    }
    case 3: {
      // Somebody else goes on while the first one is away, and is at work when the first one is back.
      const first = alive(command(random, shape, atMs, { verb: "promote", laptop: "anna", validator: where }))
      const sleep = { afterMs: random.between(2000, shape === "quick" ? 10_000 : 22_000), forMs: random.between(16_000, 40_000) }
      const at = atMs + sleep.afterMs + Math.max(15_200, sleep.forMs - random.between(0, 5000))
      const verb = random.pick<Verb>(["resume", "resume", "resume", "abort", "promote", "failover"])
      return [{ ...first, sleep }, alive(command(random, shape, at, { laptop: "bo", validator: where, verb }))]
    }
    case 4: {
      const to = validator.candidates.find((name) => name !== validator.firstActive) ?? validator.firstActive
      const up = alive(command(random, shape, atMs + 3000, { verb: "up", laptop: "anna" }))
      const failover = alive(command(random, shape, soon(3000, 9000), { verb: "failover", laptop: "bo", validator: where }))
      return [
        { kind: "hand-kill-signer", atMs, forMs: 0, where },
        { ...up, sleep: { afterMs: random.between(40, 500), forMs: random.between(15_000, 45_000) } },
        { ...failover, to },
      ]
    }
    case 5: {
      // Somebody else comes to the node that a move has just left, before that move is finished.
      const moved = command(random, shape, atMs, { verb: "promote", validator: where })
      const next = random.pick(topology.validators.filter(({ name }) => topology.validators.length === 1 || name !== where)).name
      const second = command(random, shape, soon(35_000, 55_000), { verb: random.pick<Verb>(["promote", "failover"]), validator: next })
      return [
        { ...alive(moved), dieAfterStep: random.between(3, 7) },
        random.chance(0.6) ? { ...second, to: validator.firstActive } : second,
        command(random, shape, soon(75_000, 110_000), { verb: random.pick<Verb>(["resume", "resume", "abort", "up"]), validator: where }),
      ]
    }
    default: {
      const moved = command(random, shape, atMs, { verb: "promote", validator: where })
      const host = topology.nodes.find(({ name }) => name === moved.to)?.host ?? validator.signerHost
      const kind = random.pick<Fault["kind"]>(["power-loss", "engine-restart"])
      return [
        moved,
        { kind, atMs: soon(3000, 60_000), forMs: 500, where: random.chance(0.7) ? host : validator.signerHost },
        ...(random.chance(0.5) ? [command(random, shape, soon(30_000, 60_000), {})] : []),
      ]
    }
  }
}

/** The same command on a machine that lives. */
function alive({ kind, atMs, laptop, verb, validator, to }: Command): Command {
  return { kind, atMs, laptop, verb, validator, to }
}

type Fixed = { readonly verb?: Verb; readonly laptop?: string; readonly validator?: string }

function command(random: Random, shape: Shape, atMs: number, fixed: Fixed): Command {
  const topology = topologyOf(shape)
  const validator = topology.validators.find(({ name }) => name === fixed.validator) ?? random.pick(topology.validators)
  const verb =
    fixed.verb ?? random.pick<Verb>(["promote", "promote", "promote", "promote", "failover", "failover", "resume", "abort", "up"])
  // Most of the time to the next node: that is where something happens.
  const to = random.chance(0.7) ? (validator.candidates.at(-1) ?? validator.firstActive) : random.pick(validator.candidates)
  const fate = random.next()
  return {
    kind: "command",
    atMs,
    laptop: fixed.laptop ?? random.pick(LAPTOPS),
    verb,
    validator: validator.name,
    to,
    ...(fate < 0.22 ? { dieAfterStep: random.between(1, 10) } : {}),
    ...(fate >= 0.22 && fate < 0.4 ? { dieInCall: { call: random.between(1, 700), done: random.chance(0.5) } } : {}),
    ...(fate >= 0.4 && fate < 0.46 ? { interruptAfterMs: random.between(0, 40_000) } : {}),
    ...(fate >= 0.46 && fate < 0.54 ? { sleep: { afterMs: random.between(0, 40_000), forMs: random.between(500, 60_000) } } : {}),
  }
}

const COMMON: readonly Fault["kind"][] = [
  "node-crash",
  "node-hangs",
  "signer-crash",
  "parking-crash",
  "power-loss",
  "power-loss",
  "management-hangs",
  "host-cut",
  "laptop-cut",
  "engine-restart",
  "hand-compose-up",
  "hand-start-copy",
  "hand-fence",
  "hand-fence-file",
  "hand-kill-signer",
  "restore-backup",
  "restore-backup-and-start",
  "chain-halts",
]

function fault(random: Random, shape: Shape, atMs: number): Fault {
  const topology = topologyOf(shape)
  const kind = random.chance(0.04) ? "state-lost" : random.pick(COMMON)
  const candidates = topology.nodes.filter(({ candidateOf }) => candidateOf.length > 0)
  const hosts = [...candidates.map(({ host }) => host), ...candidates.map(({ host }) => host), ...topology.hosts.map(({ name }) => name)]
  const signerHosts = topology.validators.map(({ signerHost }) => signerHost)
  const forMs = random.chance(0.5) ? random.between(200, 6000) : random.between(6000, 60_000)
  const where = (() => {
    switch (kind) {
      case "node-crash":
      case "node-hangs":
        return random.pick(random.chance(0.85) ? candidates : topology.nodes).name
      case "parking-crash":
        return random.pick(candidates).name
      case "signer-crash":
      case "hand-fence":
      case "hand-fence-file":
      case "hand-kill-signer":
      case "hand-start-copy":
      case "restore-backup":
      case "restore-backup-and-start":
      case "state-lost":
        return random.pick(topology.validators).name
      case "laptop-cut":
        return `${random.pick(LAPTOPS)} ${random.chance(0.5) ? random.pick(signerHosts) : random.pick(hosts)}`
      case "chain-halts":
        return "chain"
      default:
        return random.chance(0.35) ? random.pick(signerHosts) : random.pick(hosts)
    }
  })()
  return { kind, atMs, forMs, where }
}
