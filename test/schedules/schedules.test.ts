import { expect, it } from "vitest"
import { runSeeds, tellSeed, withWorker } from "../../dev/schedules/pool.ts"

/** Two minutes on two cores that have nothing else to do; many times that on a machine that has. */
const TIMEOUT_MS = 900_000
const SCHEDULES = 5000

it(
  "breaks no rule in any schedule, and signs again soon after the faults have stopped",
  async () => {
    await withWorker([], async (worker) => {
      const { broken, waits, endings } = await runSeeds(worker, 1, SCHEDULES)
      const [first] = broken
      if (first) {
        const { text } = await tellSeed(worker, first.seed)
        expect.fail(
          `${broken.length} rules broken, first by seed ${first.seed}:\n${text}\nagain: npm run schedules -- --seed ${first.seed}`,
        )
      }
      // A world in which nothing is ever begun, finished or lost would break no rule either.
      expect(waits.length).toBeGreaterThan(SCHEDULES / 2)
      for (const ending of ["done", "refused", "resumable", "died", "locked"])
        expect([ending, endings[ending]]).toEqual([ending, expect.any(Number)])
      for (const ending of ["done", "refused", "resumable", "died", "locked"]) expect(endings[ending]).toBeGreaterThan(SCHEDULES / 100)
    })
  },
  TIMEOUT_MS,
)

it(
  "tells the same seed the same way twice",
  async () => {
    await withWorker([], async (worker) => {
      expect(await tellSeed(worker, 7)).toEqual(await tellSeed(worker, 7))
    })
  },
  TIMEOUT_MS,
)
