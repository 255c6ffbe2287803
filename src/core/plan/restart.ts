import type { Issue } from "../issue.ts"
import { healthOf } from "../observe/health.ts"
import { jailBudget } from "../observe/jail-budget.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { type Balancer, type ChainNode, serviceName, type Topology, type Validator, validatorOf } from "../topology.ts"
import { refuse } from "./preflight/refusal.ts"
import { activeRestart, balancerRestart, restartOf } from "./restart-cost.ts"
import type { Step } from "./step.ts"
import { containerReasons, outdatedReasons, portReasons, signerReasons } from "./stop-reasons.ts"

export type RestartPlan = {
  /** The node, or the load balancer by the name of its container. */
  readonly node: string
  readonly steps: readonly Step[]
  /** What it costs, one sentence for each who pays. */
  readonly costs: readonly string[]
  /** Validators whose signers' locks it takes. */
  readonly validators: readonly string[]
}

/** Blocks that are to be seen signed before the restart of an active node is called done. */
const VERIFY_BLOCKS = 2

/**
 * What it takes to restart one node's container as it is. Who signs is not changed; a signer is never touched.
 * @param costAccepted whether blocks may be missed for it
 */
export function planRestart(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  node: ChainNode,
  { costAccepted }: { readonly costAccepted: boolean },
): RestartPlan | { readonly refused: readonly Issue[] } {
  const active = node.candidateOf
    .map((name) => validatorOf(topology, name))
    .filter((validator) => signsThrough(topology, observed, validator, node))
  const refused = [
    ...containerReasons(topology, files, observed, node),
    ...node.candidateOf.flatMap((name) => signerReasons(topology, observed, validatorOf(topology, name), node)),
    ...portReasons(observed, node, active.length > 0),
    ...active.flatMap((validator) => costReasons(topology, observed, validator, node, costAccepted)),
    ...(active.length === 0 ? lastSentryReasons(topology, files, observed, node, costAccepted) : []),
  ]
  if (refused.length > 0) return { refused }
  return {
    node: node.name,
    steps: active.length > 0 ? activeSteps(node, active) : idleSteps(topology, observed, node),
    costs:
      active.length > 0
        ? active.map((validator) => activeCost(topology, observed, validator, node))
        : [costOf(topology, files, observed, node)],
    validators: node.candidateOf,
  }
}

/** What it takes to restart a load balancer's container as it is. */
export function planBalancerRestart(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  balancer: Balancer,
): RestartPlan | { readonly refused: readonly Issue[] } {
  const place = { host: balancer.host, service: serviceName.balancer(balancer.name) }
  const refused = outdatedReasons(topology, files, observed, place)
  if (refused.length > 0) return { refused }
  return {
    node: place.service,
    steps: [
      { kind: "balancer.restart", args: place, cause: "it was asked for" },
      { kind: "balancer.answers", args: place, cause: "only then it is back" },
    ],
    costs: [balancerRestart(topology, observed, balancer).cost],
    validators: [],
  }
}

export function costReasons(topology: Topology, observed: Observed, validator: Validator, node: ChainNode, costAccepted: boolean): Issue[] {
  const { awayMs, cost } = activeRestart(topology, observed, validator, node)
  const blocks = Math.ceil((awayMs ?? 0) / topology.chain.blockMs)
  const message = `signs through ${node.name}: a restart costs ${cost}`
  if (!costAccepted)
    return [refuse(validator.name, message, `promote another node first, which costs nothing, or accept the cost with --cost-accepted`)]
  const reading = observed.slashing.get(validator.name)
  if (reading?.kind !== "seen")
    return [refuse(validator.name, `${message}: ${reading?.reason ?? "not asked"}`, "bring a node back that can tell")]
  const budget = jailBudget(reading.value, topology.chain.blockMs)
  const needed = blocks + topology.policy.jailReserveBlocks
  return budget === undefined || budget.leftBlocks >= needed
    ? []
    : [
        refuse(
          validator.name,
          `${message}, and ${topology.policy.jailReserveBlocks} are kept in reserve`,
          "promote another node first; wait until missed blocks leave the window",
        ),
      ]
}

/** Private nodes hear of blocks through sentries alone. */
function lastSentryReasons(topology: Topology, files: FileSet, observed: Observed, node: ChainNode, costAccepted: boolean): Issue[] {
  const isFresh = ({ name }: ChainNode) => healthOf(observed, name, topology.policy).verdict === "fresh"
  if (costAccepted || node.role !== "sentry" || topology.validators.length === 0 || !isFresh(node)) return []
  if (topology.nodes.some((other) => other.role === "sentry" && other.name !== node.name && isFresh(other))) return []
  return [refuse(node.name, costOf(topology, files, observed, node), "mend another sentry first, or accept the cost with --cost-accepted")]
}

function costOf(topology: Topology, files: FileSet, observed: Observed, node: ChainNode): string {
  return restartOf(topology, files, observed, restartStep(node))?.cost ?? "nothing: it does not run"
}

function activeCost(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): string {
  return `${validator.name}: ${activeRestart(topology, observed, validator, node).cost}`
}

function signsThrough(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): boolean {
  const who = whoSigns(topology, observed, validator)
  return who.kind === "active" && who.node === node.name
}

function restartStep({ name }: ChainNode): Step {
  return { kind: "node.restart", args: { node: name }, cause: "it was asked for" }
}

function idleSteps(topology: Topology, observed: Observed, node: ChainNode): Step[] {
  const host = valueIn(observed.hosts.get(node.host))
  const isHot = host?.owners.get(node.name) === "parking" && containerOf(topology, host, serviceName.parking(node.name)) !== undefined
  return [
    restartStep(node),
    ...(isHot
      ? [
          {
            kind: "standby.park" as const,
            args: { node: node.name },
            cause: `${node.name} follows the chain only with a signer on its port`,
          },
        ]
      : []),
    { kind: "node.fresh", args: { node: node.name }, cause: "only then it is back" },
  ]
}

/** The signer runs all the while, and dials until the node is back. */
function activeSteps(node: ChainNode, validators: readonly Validator[]): Step[] {
  return [
    { kind: "node.restart", args: { node: node.name, costAccepted: true }, cause: "it was asked for, and its cost was accepted" },
    ...validators.flatMap(({ name: validator }): Step[] => [
      { kind: "signer.attached", args: { validator, node: node.name }, cause: "the signer dials until its node is back" },
      {
        kind: "chain.signing",
        args: { validator, node: node.name, blocks: VERIFY_BLOCKS },
        cause: "only the chain shows that it signs again",
      },
    ]),
    { kind: "node.fresh", args: { node: node.name }, cause: "only then it is back" },
  ]
}
