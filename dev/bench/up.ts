import type { Benchmark } from "./benchmark.ts"
import { plainSeconds } from "./plain-compose.ts"
import { timedSeconds } from "./timed-seconds.ts"
import { withSite } from "./with-site.ts"

const BLOCK_MS = 1000
/**
 * Each from fresh hosts, on a chain and with a key of its own, to two blocks signed in a row. For plain compose all files are in place
 * before the clock starts, so the comparison is hard on `up`, which installs them.
 */
export const upFromNothing: Benchmark = {
  name: "up",
  about: "gonka-ha up on five hosts at 1 s blocks, and docker compose up -d of the same containers",
  metrics: [
    { name: "up", unit: "s" },
    { name: "up-plain-compose", unit: "s" },
    { name: "up-against-plain", unit: "x" },
  ],
  async run(report) {
    const ours = await withSite("up", BLOCK_MS, report, ({ operator }) => timedSeconds(() => operator.must(["up", "--yes"])))
    const plain = await withSite("plain", BLOCK_MS, report, plainSeconds)
    return { up: ours, "up-plain-compose": plain, "up-against-plain": ours / plain }
  },
}
