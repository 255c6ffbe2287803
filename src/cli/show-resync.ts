import type { Resynced } from "../app/resync.ts"
import type { ResyncPlan } from "../core/plan/resync.ts"
import { planLines } from "../core/plan/step.ts"
import { shellQuote } from "../core/shell-quote.ts"
import { sizeText } from "../core/size-text.ts"
import { wrappedRow } from "./wrapped-row.ts"

export function resyncPlanText({ node, from, steps, notes, costs }: ResyncPlan): string {
  const lines = [
    `Plan: resync ${node}${from === undefined ? "" : ` from ${from}`}`,
    ...planLines(steps),
    ...notes.flatMap((note) => wrappedRow([4, 72], [["note"], [note]])),
    ...(costs.length > 0 ? costs : ["nothing"]).flatMap((cost) => wrappedRow([4, 72], [["cost"], [cost]])),
  ]
  return `${lines.join("\n")}\n`
}

/** What is left of the node's earlier data, and how it is removed when it is not needed any more. */
export function resyncedText({ plan, aside }: Resynced): string {
  const head = `resync: ${plan.node} is fresh again\n`
  if (!aside) return head
  const removal = ["rm", "-r", "--", aside.dir].map(shellQuote).join(" ")
  return `${head}what it had before, ${sizeText(aside.bytes)}, lies on ${aside.host} in\n  ${aside.dir}\nwhen it is not needed any more:\n  gonka-ha ssh ${aside.host} -- ${removal}\n`
}
