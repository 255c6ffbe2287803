import type { Resynced } from "../app/resync.ts"
import { stepTitle } from "../core/plan/step.ts"

/** What `resync` answers with `--json`. */
export type ResyncAnswer = {
  readonly node: string
  readonly from?: string | undefined
  /** False of a dry run. */
  readonly changed: boolean
  readonly steps: readonly { readonly kind: string; readonly title: string; readonly cause: string }[]
  readonly notes: readonly string[]
  readonly costs: readonly string[]
  readonly aside?: Resynced["aside"]
}

export function resyncAnswer({ plan, aside }: Resynced): ResyncAnswer {
  const { node, from, notes, costs } = plan
  const steps = plan.steps.map((step) => ({ kind: step.kind, title: stepTitle(step), cause: step.cause }))
  return { node, from, changed: aside !== undefined, steps, notes, costs, aside }
}
