import type { ReplacePlan, ReplaceResult } from "../app/signer/replace.ts"
import { fenceMeaning } from "../core/fence-methods.ts"
import { receiptText } from "../core/history/receipt-text.ts"
import { planLines } from "../core/plan/step.ts"

/** What will be done, and what somebody has to answer for. */
export function replacePlanText(plan: ReplacePlan): string {
  const { checked, attested } = fenceMeaning(plan.method)
  const fence = plan.attested
    ? [`fence: ${plan.method}, attested ${plan.attested.at} by ${plan.attested.by}: "${plan.attested.sentence}"`]
    : [`fence: ${plan.method}`, `  gonka-ha checks: ${checked}`, `  you answer for: ${attested}`]
  const exported =
    plan.method === "ssh"
      ? [`${plan.host} answers. If its disk is well, \`gonka-ha signer state export\` keeps its last state, and nothing has to be sealed.`]
      : []
  return [
    `signer of ${plan.validator}: ${plan.host} is lost, ${plan.newHost} takes over at ${plan.to}`,
    ...fence,
    ...plan.proof.map((line) => `  seen: ${line}`),
    ...exported,
    ...planLines(plan.steps),
    "The privval port of every candidate moves. Where the rendered firewall rules are loaded, load them again there as soon as its files are installed.",
    "",
  ].join("\n")
}

export function replaceText(result: ReplaceResult, host: string): string {
  switch (result.kind) {
    case "already":
      return `the signer of ${result.validator} is on ${result.newHost} already: nothing to do\n`
    case "planned":
      return `${replacePlanText(result.plan)}dry run: nothing was changed\n`
    case "moved":
      return `${receiptText(result.receipt)}\n  receipt: ${result.path}\n${host} stays fenced for ever: on every contact its signer is stopped and its key moved aside first. Run \`gonka-ha up\` next.\n`
  }
}
