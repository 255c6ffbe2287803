import type { Issue } from "../issue.ts"
import { healthOf } from "../observe/health.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import { type ChainNode, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { costReasons } from "./restart.ts"
import { activeRestart } from "./restart-cost.ts"
import { rivalAt } from "./rival.ts"
import type { Step } from "./step.ts"

/** A promotion that `up` makes so that a changed active node can be restarted without a missed block. */
export type MoveAway = {
  readonly validator: string
  readonly from: string
  readonly to: string
  /** What is to be changed at the node that is left. */
  readonly cause: string
}

export function moveTitle({ validator, from, to }: MoveAway): string {
  return `${validator}: promote ${to}, then restart ${from}`
}

/** Blocks that are to be seen signed before an active node that was restarted in place is called done. */
const VERIFY_BLOCKS = 2

/** What is done with an active node whose container is outdated. */
export function changedSeat(
  topology: Topology,
  observed: Observed,
  node: ChainNode,
  why: string,
  inPlace: boolean,
): { readonly steps: readonly Step[]; readonly heldBack: readonly Issue[]; readonly move?: MoveAway } {
  const validator = topology.validators.find((candidate) => {
    const who = whoSigns(topology, observed, candidate)
    return who.kind === "active" && who.node === node.name && who.attached
  })
  const message = `${why}, but ${node.name} is the active validator: its restart would miss blocks`
  const held = (text: string, fix: string) => ({
    steps: [],
    heldBack: [{ severity: "warning" as const, path: node.name, message: text, fix }],
  })
  // Its signer is stopped, or waits for it: whoever acts first must know why.
  if (!validator) return held(message, "promote another node, then run up again")
  if (inPlace) {
    const [reason] = costReasons(topology, observed, validator, node, true)
    return reason ? held(reason.message, reason.fix ?? "") : { steps: inPlaceSteps(topology, observed, validator, node, why), heldBack: [] }
  }
  const to = freshStandby(topology, observed, validator, node)
  return to === undefined
    ? held(
        `${message}; and no other candidate of ${validator.name} is fresh`,
        "mend a standby and run up again, or accept the cost with --in-place",
      )
    : { steps: [], heldBack: [], move: { validator: validator.name, from: node.name, to, cause: why } }
}

/** The first one that a promotion would take; the promotion itself looks far more closely. */
function freshStandby(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): string | undefined {
  return validator.candidates.find((name) => {
    const host = valueIn(observed.hosts.get(nodeOf(topology, name).host))
    return (
      name !== node.name &&
      healthOf(observed, name, topology.policy).verdict === "fresh" &&
      (host && containerOf(topology, host, serviceName.node(name)))?.status === "running" &&
      rivalAt(topology, observed, validator, name) === undefined
    )
  })
}

function inPlaceSteps(topology: Topology, observed: Observed, validator: Validator, node: ChainNode, why: string): Step[] {
  const { name } = validator
  const { cost } = activeRestart(topology, observed, validator, node)
  return [
    {
      kind: "service.up",
      args: { host: node.host, service: serviceName.node(node.name), costAccepted: true },
      cause: `${why}; it is restarted in place, which costs ${cost}`,
    },
    { kind: "signer.attached", args: { validator: name, node: node.name }, cause: "the signer dials until its node is back" },
    {
      kind: "chain.signing",
      args: { validator: name, node: node.name, blocks: VERIFY_BLOCKS },
      cause: "only the chain shows that it signs again",
    },
    { kind: "node.fresh", args: { node: node.name }, cause: "only then it is back" },
  ]
}
