import { disagreements } from "../../test/drill/disagreements.ts"
import { receiptIn } from "../../test/drill/receipt.ts"
import type { Site } from "../../test/drill/site.ts"
import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { withSite } from "./with-site.ts"

const BLOCK_MS = 5000
const RUNS = 10
const TRANSACTIONS_PER_SECOND = 10

export const promote: Benchmark = {
  name: "promote",
  about: `${RUNS} planned moves at 5 s blocks under transactions, judged by the witness`,
  metrics: [
    { name: "promote-missed", unit: "blocks in 10 moves", goal: 0 },
    { name: "promote-median", unit: "s" },
  ],
  run: (report) =>
    withSite("promote", BLOCK_MS, report, async (site) => {
      await site.operator.must(["up", "--yes"])
      site.chain.load.start({ perSecond: TRANSACTIONS_PER_SECOND })
      const moves: Move[] = []
      for (let run = 1; run <= RUNS; run++) {
        moves.push(await move(site, run % 2 === 1 ? "node-2" : "node-1"))
        report(`move ${run} of ${RUNS}: ${moves.at(-1)?.missed} missed`)
      }
      return {
        "promote-missed": moves.reduce((sum, { missed }) => sum + missed, 0),
        "promote-median": median(moves.map(({ seconds }) => seconds)),
      }
    }),
}

type Move = { readonly missed: number; readonly seconds: number }

async function move({ operator, witness }: Site, to: string): Promise<Move> {
  const startedMs = performance.now()
  const receipt = receiptIn(await operator.must(["promote", to, "--yes", "--json"]))
  const seconds = (performance.now() - startedMs) / 1000
  const contradictions = await disagreements(witness, receipt)
  if (contradictions.length > 0) throw new Error(`the witness contradicts the receipt: ${contradictions.join("; ")}`)
  return { missed: receipt.missed.length, seconds }
}
