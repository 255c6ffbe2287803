import type { MovePlan } from "../app/move.ts"
import { issueText } from "../core/issue.ts"
import { moveTitle } from "../core/plan/changed-seat.ts"
import { EXPECTED_COST_BLOCKS } from "../core/plan/preflight/budget.ts"
import { planLines } from "../core/plan/step.ts"
import type { UpPlan } from "../core/plan/up.ts"
import { withinColumns } from "./wrapped.ts"

export function upPlanText(plan: UpPlan): string {
  return withinColumns(upText(plan))
}

function upText({ steps, moves, heldBack }: UpPlan): string {
  const held = heldBack.map((issue) => `  ${issueText(issue)}`)
  if (steps.length === 0 && moves.length === 0)
    return `${[heldBack.length > 0 ? "nothing to do now; held back:" : "nothing to do: every host matches its files", ...held].join("\n")}\n`
  const then = moves.map((move) => `     ${moveTitle(move)}\n     ${move.cause}`)
  return `${[`Plan: ${steps.length} steps`, ...planLines(steps), ...(then.length > 0 ? ["then:", ...then] : []), ...(held.length > 0 ? ["held back:", ...held] : [])].join("\n")}\n`
}

export function movePlanText(plan: MovePlan): string {
  const boot = plan.steps.find((step) => step.kind === "node.restart" && step.args.node === plan.to)
  const cost = EXPECTED_COST_BLOCKS[plan.verb]
  const rehearsed = plan.rehearsal
    ? [
        "Rehearsed on these hosts:",
        ...plan.rehearsal.measured.map(({ what, where, tookMs }) => `${String(tookMs).padStart(7)} ms  ${where}: ${what}`),
        `  Between the signer's stop and its start: about ${plan.rehearsal.expectedPauseMs} ms; up to ${plan.rehearsal.allowedPauseMs} ms no block is missed for it. Predicted cost: ${counted(plan.rehearsal.costBlocks)}.`,
      ]
    : []
  return withinColumns(
    `${[
      `Plan: ${plan.verb} ${plan.to}   ${plan.validator}: ${plan.from ?? "nowhere"} -> ${plan.to}`,
      ...planLines(plan.steps),
      `Expected cost: ${plan.verb === "promote" ? "no block, at most " : "at most "}${counted(cost)}. One signer, one state file: no order of failures can double sign.`,
      ...(boot ? [bootText(plan)] : []),
      ...rehearsed,
    ].join("\n")}\n`,
  )
}

/** While the signer signs elsewhere a start costs nothing; where nothing signs, it costs every block that goes by. */
function bootText({ verb, to, steps }: MovePlan): string {
  const signsMeanwhile = steps.some((step) => step.kind === "signer.move" && step.args.timing === "in-gap")
  return verb === "promote" && signsMeanwhile
    ? `${to} is a plain standby: its restart and the way to the tip take time, and no block is missed for them.`
    : `${to} is a plain standby: it is restarted first, and every block until it is at the tip again is missed too.`
}

function counted(blocks: number): string {
  return `${blocks} block${blocks === 1 ? "" : "s"}`
}
