import { durationText } from "../duration.ts"
import { healthOf } from "../observe/health.ts"
import { jailBudget } from "../observe/jail-budget.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { type Balancer, balancersOf, type ChainNode, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { whyToBringUp } from "./bring-up-reason.ts"
import type { Step } from "./step.ts"

/** Something that runs and will be stopped and started again. */
export type Restart = {
  readonly service: string
  /** How long it is away, as an estimate; undefined where nobody waits for it. */
  readonly awayMs: number | undefined
  /** What that costs, in words. */
  readonly cost: string
}

/** An orderly stop and the start of a node that has its data; an estimate, since it depends on disk and application. */
const STOP_AND_START_MS = 15_000
/** Blocks until a node that was away is at the tip again: the newest block is one to two block times old on a healthy node. */
const CATCH_UP_BLOCKS = 2

/** An entry point lets users finish for a few seconds before it ends; HAProxy itself starts in less than one. */
const BALANCER_AWAY_MS = { api: 2000, edge: 6000 } as const

/** What a step restarts, and what that costs; undefined for a step that restarts nothing. */
export function restartOf(topology: Topology, files: FileSet, observed: Observed, step: Step): Restart | undefined {
  if (step.kind === "node.restart") {
    const node = nodeOf(topology, step.args.node)
    return isUp(topology, observed, node.host, serviceName.node(node.name)) ? nodeRestart(topology, observed, node) : undefined
  }
  if (step.kind !== "service.up") return undefined
  const { host, service } = step.args
  const isChanged = whyToBringUp(topology, valueIn(observed.hosts.get(host)), files.get(host), service)?.kind === "changed"
  if (!isChanged || !isUp(topology, observed, host, service)) return undefined
  const node = topology.nodes.find(({ name }) => serviceName.node(name) === service)
  if (node) return nodeRestart(topology, observed, node)
  const balancer = balancersOf(topology).find(({ name }) => serviceName.balancer(name) === service)
  if (balancer) return balancerRestart(topology, observed, balancer)
  const standby = topology.nodes.find(({ name }) => serviceName.parking(name) === service)
  return {
    service,
    awayMs: undefined,
    cost: standby === undefined ? "nothing" : `nothing: ${standby.name} does not sign, and waits for it a moment`,
  }
}

/** What it would cost to restart a node that a validator signs through: blocks that are missed, against those that are left until jail. */
export function activeRestart(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): Restart {
  const awayMs = nodeAwayMs(topology)
  const reading = observed.slashing.get(validator.name)
  const budget = reading?.kind === "seen" ? jailBudget(reading.value, topology.chain.blockMs) : undefined
  const of = budget ? `of the ${counted(budget.leftBlocks, "block")} left until jail` : "and what is left until jail is not known"
  return { service: serviceName.node(node.name), awayMs, cost: `about ${missed(topology, awayMs)} missed, ${of}` }
}

/** What a load balancer's restart takes from whoever comes through it. */
export function balancerRestart(topology: Topology, observed: Observed, { kind, name }: Balancer): Restart {
  const service = serviceName.balancer(name)
  const awayMs = BALANCER_AWAY_MS[kind]
  const moment = `for about ${durationText(awayMs)}`
  if (kind === "api") return { service, awayMs, cost: `no block; api ${name} loses its node ${moment}, and dials again` }
  const others = topology.edges.filter(
    (other) => other.name !== name && isUp(topology, observed, other.host, serviceName.balancer(other.name)),
  )
  const left =
    others.length > 0 ? `users have ${others.map((other) => other.name).join(", ")} meanwhile` : "users have no other entry point meanwhile"
  return { service, awayMs, cost: `no block; the public door ${name} is closed ${moment}: ${left}` }
}

function nodeRestart(topology: Topology, observed: Observed, node: ChainNode): Restart {
  const validator = topology.validators.find((candidate) => {
    const who = whoSigns(topology, observed, candidate)
    return who.kind === "active" && who.node === node.name
  })
  if (validator) return activeRestart(topology, observed, validator, node)
  const awayMs = nodeAwayMs(topology)
  const cost = node.role === "sentry" ? sentryCost(topology, observed, node, awayMs) : privateCost(topology, observed, node, awayMs)
  return { service: serviceName.node(node.name), awayMs, cost }
}

function sentryCost(topology: Topology, observed: Observed, node: ChainNode, awayMs: number): string {
  const others = topology.nodes.filter((other) => other.role === "sentry" && other.name !== node.name && isFresh(topology, observed, other))
  const served =
    node.publicServices.length > 0 ? `its public ${node.publicServices.join(", ")} away for about ${durationText(awayMs)}` : undefined
  const alone =
    others.length > 0
      ? undefined
      : `no other sentry is fresh: the private nodes get no block meanwhile, and a validator misses about ${missed(topology, awayMs)}`
  const parts = [served, alone].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join("; ") : `nothing: the private nodes keep ${counted(others.length, "other sentry", "other sentries")}`
}

function privateCost(topology: Topology, observed: Observed, node: ChainNode, awayMs: number): string {
  const readers = topology.apis.filter(({ name }) => node.readBy.includes(name))
  const left = readers.filter(({ upstreams }) =>
    upstreams.every((name) => name === node.name || !isFresh(topology, observed, nodeOf(topology, name))),
  )
  const alone = topology.validators.filter(
    ({ name, candidates }) =>
      node.candidateOf.includes(name) && standbysBesides(topology, observed, candidates, node).length === 0 && candidates.length > 1,
  )
  const parts = [
    ...left.map(({ name }) => `api ${name} has no other fresh node for about ${durationText(awayMs)}`),
    ...alone.map(({ name }) => `${name} has no fresh standby for about ${durationText(awayMs)}`),
  ]
  return parts.length > 0 ? `no block; ${parts.join("; ")}` : "nothing: it does not sign"
}

function standbysBesides(topology: Topology, observed: Observed, candidates: readonly string[], node: ChainNode): readonly string[] {
  const active = topology.validators.flatMap((validator) => {
    const who = whoSigns(topology, observed, validator)
    return who.kind === "active" ? [who.node] : []
  })
  return candidates.filter((name) => name !== node.name && !active.includes(name) && isFresh(topology, observed, nodeOf(topology, name)))
}

function nodeAwayMs({ chain }: Topology): number {
  return STOP_AND_START_MS + CATCH_UP_BLOCKS * chain.blockMs
}

function missed({ chain }: Topology, awayMs: number): string {
  return counted(Math.ceil(awayMs / chain.blockMs), "block")
}

function isFresh(topology: Topology, observed: Observed, { name }: ChainNode): boolean {
  return healthOf(observed, name, topology.policy).verdict === "fresh"
}

function isUp(topology: Topology, observed: Observed, on: string, service: string): boolean {
  const host = valueIn(observed.hosts.get(on))
  const status = host && containerOf(topology, host, service)?.status
  return status === "running" || status === "restarting" || status === "paused"
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
