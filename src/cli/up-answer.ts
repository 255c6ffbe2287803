import type { UpResult } from "../app/up.ts"
import type { Issue } from "../core/issue.ts"
import type { MoveAway } from "../core/plan/changed-seat.ts"
import { stepTitle } from "../core/plan/step.ts"

/** What `up` and `apply` answer with `--json`. */
export type UpAnswer = {
  /** False when there was nothing to do, and of a dry run. */
  readonly changed: boolean
  /** In the order in which they are, or would be, done. */
  readonly steps: readonly { readonly kind: string; readonly title: string; readonly cause: string }[]
  /** Promotions after all steps, so that a changed active node can be restarted. */
  readonly moves: readonly MoveAway[]
  readonly heldBack: readonly Issue[]
}

export function upAnswer({ changed, plan }: UpResult): UpAnswer {
  const steps = plan.steps.map((step) => ({ kind: step.kind, title: stepTitle(step), cause: step.cause }))
  return { changed, steps, moves: plan.moves, heldBack: plan.heldBack }
}
