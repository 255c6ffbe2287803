import type { GenerationsView, RollbackResult } from "../app/rollback.ts"
import type { Made } from "../core/generation/manifest.ts"
import { issueText } from "../core/issue.ts"
import { printable } from "../core/printable.ts"
import { type UpAnswer, upAnswer } from "./up-answer.ts"

/** What `rollback` answers with `--json`. */
export type RollbackAnswer = UpAnswer & { readonly to: Made }

export function rollbackAnswer(result: RollbackResult): RollbackAnswer {
  const { operation, at, by } = result.to
  return { to: { operation, at, by }, ...upAnswer(result) }
}

export function generationText(made: Made): string {
  return `${made.operation}  ${made.at.slice(0, 19)}Z  ${printable(made.by)}`
}

export function generationsText({ hosts, next, nothing }: GenerationsView): string {
  const lines = hosts.flatMap(({ host, kept, unfinished }) => [
    host,
    ...(unfinished ? [`  half-way   ${generationText(unfinished)}`] : []),
    ...kept.map((made, index) => `  ${index === 0 && !unfinished ? "installed" : "kept"}`.padEnd(13).concat(generationText(made))),
    ...(kept.length === 0 && !unfinished ? ["  nothing is kept yet"] : []),
  ])
  const way = next
    ? ["", "gonka-ha rollback returns to:", `  ${generationText(next)}`]
    : ["", "There is nothing to return to:", ...(nothing ?? []).map((issue) => `  ${issueText(issue)}`)]
  return `${[...lines, ...way].join("\n")}\n`
}
