import { type Outcome, runSchedule } from "./run-schedule.ts"
import type { Command, Item, Schedule } from "./schedule.ts"

/** Runs that are spent on making a failing schedule smaller. */
const BUDGET = 150

/** The smallest schedule that could be found that breaks the same rule, and what happens in it. */
export async function shrink(schedule: Schedule): Promise<{ readonly schedule: Schedule; readonly outcome: Outcome }> {
  const kind = (await runSchedule(schedule)).violations[0]?.kind
  let best = schedule
  let runs = 0
  for (let improved = true; improved && runs < BUDGET; ) {
    improved = false
    for (const smaller of smallerThan(best)) {
      if (++runs > BUDGET) break
      const { violations } = await runSchedule(smaller)
      if (violations[0]?.kind !== kind) continue
      best = smaller
      improved = true
      break
    }
  }
  return { schedule: best, outcome: await runSchedule(best, true) }
}

function* smallerThan(schedule: Schedule): Generator<Schedule> {
  const { items } = schedule
  for (let index = items.length - 1; index >= 0; index--) yield { ...schedule, items: items.filter((_, each) => each !== index) }
  if (schedule.outdated.length > 0) yield { ...schedule, outdated: [] }
  if (schedule.windowBlocks !== 1000) yield { ...schedule, windowBlocks: 1000 }
  for (const [index, item] of items.entries())
    for (const simpler of simplerThan(item)) yield { ...schedule, items: items.map((each, at) => (at === index ? simpler : each)) }
}

function* simplerThan(item: Item): Generator<Item> {
  if (item.kind !== "command") return
  const { kind, atMs, laptop, verb, validator, to } = item
  const plain: Command = { kind, atMs, laptop, verb, validator, to }
  if (Object.keys(item).length > Object.keys(plain).length) yield plain
}
