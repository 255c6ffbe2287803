import { setTimeout as delay } from "node:timers/promises"
import { journalLines, operations } from "./journals.ts"
import type { Answer, Operator } from "./operator.ts"

const POLL_MS = 10

/** A step of this kind at this host or node. */
export type At = { readonly kind: string; readonly where: string }

/** Runs a command, and does something the moment its journal says that such a step has begun. It throws where no such step ever begins. */
export async function insideStep(operator: Operator, args: readonly string[], at: At, act: () => Promise<unknown>): Promise<Answer> {
  const before = new Set(await operations(operator))
  const command = operator.start(args)
  let ended: Answer | undefined
  const answer = command.answer.then((value) => {
    ended = value
    return value
  })
  while (!(await hasBegun(operator, before, at))) {
    if (ended !== undefined) throw new Error(`no ${at.kind} at ${at.where} began: exit ${ended.code}\n${ended.stderr}\n${ended.stdout}`)
    await delay(POLL_MS)
  }
  await act()
  return answer
}

async function hasBegun(operator: Operator, before: ReadonlySet<string>, { kind, where }: At): Promise<boolean> {
  const fresh = (await operations(operator)).filter((operation) => !before.has(operation))
  const lines = await Promise.all(fresh.map((operation) => journalLines(operator, operation)))
  return lines.flat().some(({ at, step }) => at === "step-begins" && step?.kind === kind && JSON.stringify(step).includes(`"${where}"`))
}
