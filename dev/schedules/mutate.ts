import type { Gate } from "../../test/schedules/gates.ts"
import { runSeeds, withWorker } from "./pool.ts"

/** Seeds that are run before the result is looked at, so that a gate that is missed at once costs little. */
const BATCHES = [40, 160, 400, 1000, 2000, 4000, 8000]

/**
 * The gates whose removal no schedule notices within so many seeds.
 * @throws Error when the text of a gate is not found exactly once: then it has been changed or moved, and the list must follow; or when a
 *   seed breaks a rule that breaks it with every gate in its place as well
 */
export async function survivors(
  gates: readonly Gate[],
  runs: number,
  atOnce: number,
  report: (line: string) => void,
): Promise<readonly Gate[]> {
  const left: Gate[] = []
  const queue = [...gates]
  const workAgainst = async (untouched: string) => {
    for (let gate = queue.shift(); gate; gate = queue.shift()) {
      const noticed = await firstBroken(gate, runs)
      // A seed that breaks anyway has noticed nothing.
      if (noticed && (await runSeeds(untouched, noticed.seed, 1)).broken.length > 0)
        throw new Error(`seed ${noticed.seed} breaks a rule with every gate in its place: npm run schedules -- --seed ${noticed.seed}`)
      if (!noticed) left.push(gate)
      report(noticed ? `noticed by seed ${noticed.seed} (${noticed.kind}): ${gate.name}` : `NOT NOTICED in ${runs} seeds: ${gate.name}`)
    }
  }
  await withWorker([], (untouched) => Promise.all(Array.from({ length: Math.min(atOnce, gates.length) }, () => workAgainst(untouched))))
  return left
}

function firstBroken(gate: Gate, runs: number): Promise<{ readonly seed: number; readonly kind: string } | undefined> {
  return withWorker([gate, ...(gate.also ?? [])], async (worker) => {
    let next = 1
    for (const batch of BATCHES) {
      const count = Math.min(batch, runs + 1 - next)
      if (count < 1) break
      const [broken] = (await runSeeds(worker, next, count, { processes: 1, stopAtFirst: true })).broken
      if (broken) return broken
      next += count
    }
    return undefined
  })
}
