import { setTimeout as delay } from "node:timers/promises"
import { journalLines, operations } from "./journals.ts"
import type { Answer, Operator } from "./operator.ts"

const POLL_MS = 10

/** Runs a command and kills it a while after its journal says that a step of this kind has begun; a command that ends before then just ends. */
export async function killInsideStep(operator: Operator, args: readonly string[], kind: string, afterMs: number): Promise<Answer> {
  const before = new Set(await operations(operator))
  const command = operator.start(args)
  let ended = false
  const answer = command.answer.finally(() => {
    ended = true
  })
  while (!ended && !(await hasBegun(operator, before, kind))) await delay(POLL_MS)
  await Promise.race([delay(afterMs), answer])
  command.kill()
  return answer
}

async function hasBegun(operator: Operator, before: ReadonlySet<string>, kind: string): Promise<boolean> {
  const fresh = (await operations(operator)).filter((operation) => !before.has(operation))
  const lines = await Promise.all(fresh.map((operation) => journalLines(operator, operation)))
  return lines.flat().some(({ at, step }) => at === "step-begins" && step?.kind === kind)
}
