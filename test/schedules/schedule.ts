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
  const rounds = random.pick([1, 1, 1, 2, 2, 3])
  for (let round = 0; round < rounds; round++) {
    const faultsBefore = random.pick([0, 0, 1])
    for (let index = 0; index < faultsBefore; index++) items.push(fault(random, shape, atMs + random.between(0, 4000)))
    if (faultsBefore > 0) atMs += random.between(500, 25_000)
    const main = command(random, shape, atMs, {})
    items.push(main)
    const faultsDuring = random.pick([0, 0, 0, 1, 1, 2])
    for (let index = 0; index < faultsDuring; index++) items.push(fault(random, shape, atMs + random.between(0, 45_000)))
    if (random.chance(0.3)) items.push(command(random, shape, atMs + random.between(0, 50_000), {}))
    atMs += random.between(15_000, 70_000)
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

function command(random: Random, shape: Shape, atMs: number, fixed: { readonly verb?: Verb }): Command {
  const topology = topologyOf(shape)
  const validator = random.pick(topology.validators)
  const verb =
    fixed.verb ?? random.pick<Verb>(["promote", "promote", "promote", "promote", "failover", "failover", "resume", "abort", "up"])
  // Most of the time to the next node: that is where something happens.
  const to = random.chance(0.7) ? (validator.candidates.at(-1) ?? validator.firstActive) : random.pick(validator.candidates)
  const fate = random.next()
  return {
    kind: "command",
    atMs,
    laptop: random.pick(LAPTOPS),
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
