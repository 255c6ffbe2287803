import type { RestartPlan } from "../core/plan/restart.ts"
import { planLines } from "../core/plan/step.ts"
import { withinColumns } from "./wrapped.ts"
import { wrappedRow } from "./wrapped-row.ts"

export function restartPlanText({ node, steps, costs }: RestartPlan): string {
  return withinColumns(`${[`Plan: restart ${node}`, ...planLines(steps), ...costs.flatMap(costLines)].join("\n")}\n`)
}

function costLines(cost: string): readonly string[] {
  return wrappedRow([4, 72], [["cost"], [cost]])
}
