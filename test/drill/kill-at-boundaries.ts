import { z } from "zod"
import { waitUntil } from "../lab/wait-until.ts"
import { journalLines, operations } from "./journals.ts"
import type { Answer, Operator, Told } from "./operator.ts"

const LOCK_HELD = 8
const KILLED = -1
/** A lock is free a few seconds after its process is gone. */
const LOCK_STUCK_MS = 60_000

const PLAN = z.looseObject({
  hosts: z.array(z.looseObject({ steps: z.array(z.looseObject({ number: z.number(), kind: z.string(), title: z.string() })) })),
})

/** `kind`: once behind each kind of step; `title`: once behind each step of each host. */
type Each = "kind" | "title"

/**
 * Runs `up` again and again, each time killed by SIGKILL behind one step of what is still to be done, until that has happened behind every
 * one of them that an `up` comes by. What is left then is not done yet.
 * @param order which of the steps still left is next: the first ones leave the most to the next run, the last ones the least
 * @returns what was done last before each kill
 */
export async function killAtBoundaries(operator: Operator, each: Each, order: "first" | "last"): Promise<readonly string[]> {
  const killed: string[] = []
  const passed = new Set<string>()
  for (;;) {
    const steps = (await plannedSteps(operator)).filter((step) => !passed.has(step[each]))
    const next = order === "first" ? steps[0] : steps.at(-1)
    if (next === undefined) return killed
    const answer = await unlocked(operator, ["up", "--yes"], { env: { GONKA_HA_CRASH_AFTER: next.kind } })
    // What was to be done when it was asked for may have come about by itself since: a parked signer that has found its place.
    if (answer.code === 0) {
      passed.add(next[each])
      continue
    }
    if (answer.code !== KILLED) throw new Error(`up was to be killed behind ${next.title}: exit ${answer.code}\n${answer.stderr}`)
    const last = await lastDone(operator)
    killed.push(last.title)
    // The first step of that kind may be another one than was meant; one that comes again and again must not hold up the others.
    if (passed.has(last[each])) passed.add(next[each])
    passed.add(last[each])
  }
}

/** Runs a command, again where the lock of one that was killed is still held. */
export function unlocked(operator: Operator, args: readonly string[], told: Told = {}): Promise<Answer> {
  return waitUntil(
    "the lock of a killed command to be free",
    async () => {
      const answer = await operator.run(args, told)
      return answer.code === LOCK_HELD ? undefined : answer
    },
    { stuckAfterMs: LOCK_STUCK_MS, pollMs: 500 },
  )
}

type Named = { readonly kind: string; readonly title: string }

async function plannedSteps(operator: Operator): Promise<readonly Named[]> {
  const { data } = await operator.ask(["plan"])
  return PLAN.parse(data)
    .hosts.flatMap(({ steps }) => steps)
    .sort((a, b) => a.number - b.number)
}

async function lastDone(operator: Operator): Promise<Named> {
  const operation = (await operations(operator)).at(-1) ?? ""
  const done = (await journalLines(operator, operation)).filter(({ at }) => at === "step-done")
  const last = done.at(-1)
  return { kind: last?.step?.kind ?? "nothing", title: String(last?.title ?? "nothing") }
}
