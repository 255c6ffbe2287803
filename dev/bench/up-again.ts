import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { timedSeconds } from "./timed-seconds.ts"
import { withSite } from "./with-site.ts"

const RUNS = 5

export const upAgain: Benchmark = {
  name: "up-again",
  about: "a second up on five hosts, where nothing is to be done",
  metrics: [{ name: "up-again", unit: "s", goal: 2 }],
  run: (report) =>
    withSite("again", 1000, report, async ({ operator }) => {
      await operator.must(["up", "--yes"])
      const seconds: number[] = []
      for (let run = 0; run < RUNS; run++) seconds.push(await timedSeconds(() => operator.must(["up"])))
      return { "up-again": median(seconds) }
    }),
}
