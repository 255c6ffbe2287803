import { type Ending, runSchedule } from "./run-schedule.ts"
import { scheduleOf } from "./schedule.ts"
import { shrink } from "./shrink.ts"
import { storyOf } from "./story.ts"

/*
 * Runs schedules in a process of its own and prints one JSON line for each thing that somebody waits for.
 *   worker.mjs run FROM COUNT STEP [stop]   seeds FROM, FROM + STEP, ...; with `stop` it ends at the first broken rule
 *   worker.mjs tell SEED                    the shrunk story of one seed
 */

export type WorkerLine =
  | { readonly at: "broken"; readonly seed: number; readonly kind: string; readonly what: string }
  | { readonly at: "end"; readonly endings: Readonly<Record<Ending, number>>; readonly waits: readonly number[] }
  | { readonly at: "story"; readonly text: string; readonly broken: boolean }

const say = (line: WorkerLine) => process.stdout.write(`${JSON.stringify(line)}\n`)

async function run(from: number, count: number, step: number, stops: boolean): Promise<void> {
  const endings: Record<Ending, number> = { done: 0, refused: 0, resumable: 0, locked: 0, died: 0 }
  const waits: number[] = []
  for (let index = 0; index < count; index++) {
    const seed = from + index * step
    const outcome = await runSchedule(scheduleOf(seed))
    for (const ending of Object.keys(endings) as Ending[]) endings[ending] += outcome.endings[ending]
    if (outcome.blocksToSignature !== undefined) waits.push(outcome.blocksToSignature)
    for (const violation of outcome.violations) say({ at: "broken", seed, ...violation })
    if (stops && outcome.violations.length > 0) break
  }
  say({ at: "end", endings, waits })
}

async function tell(seed: number): Promise<void> {
  const original = scheduleOf(seed)
  const isBroken = (await runSchedule(original)).violations.length > 0
  const { schedule, outcome } = isBroken ? await shrink(original) : { schedule: original, outcome: await runSchedule(original, true) }
  say({ at: "story", text: storyOf(schedule, outcome), broken: isBroken })
}

const [what, ...args] = process.argv.slice(2)
if (what === "run") await run(Number(args[0]), Number(args[1]), Number(args[2]), args[3] === "stop")
else if (what === "tell") await tell(Number(args[0]))
else throw new Error(`the worker does not know ${what}`)
