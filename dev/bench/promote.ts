import { disagreements } from "../../test/drill/disagreements.ts"
import { receiptIn } from "../../test/drill/receipt.ts"
import type { Site } from "../../test/drill/site.ts"
import { slowHosts } from "../../test/drill/slow-hosts.ts"
import type { Report } from "../setup/report.ts"
import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { withSite } from "./with-site.ts"

const RUNS = 20
const DELAY_MS = 100
const TRANSACTIONS_PER_SECOND = 10

/** The first half of the moves as the hosts are, the second half with every host this much farther away. */
function planned(name: string, blockMs: number, goal: number): Benchmark {
  return {
    name,
    about: `${RUNS} planned moves at ${blockMs / 1000} s blocks under transactions, half of them with ${DELAY_MS} ms added to every host, judged by the witness`,
    metrics: [
      { name: `${name}-missed`, unit: "blocks in the worst of 20 moves", goal },
      { name: `${name}-missed-all`, unit: "blocks in 20 moves" },
      { name: `${name}-stop-to-start`, unit: "ms, median" },
      { name: `${name}-median`, unit: "s until two blocks are signed" },
    ],
    run: (report) =>
      withSite(name, blockMs, report, async (site) => {
        await site.operator.must(["up", "--yes"])
        site.chain.load.start({ perSecond: TRANSACTIONS_PER_SECOND })
        const moves: Move[] = []
        report("move  hosts    from -> to         last  first  missed  stop to start  whole command")
        for (let run = 1; run <= RUNS; run++) {
          const isSlow = run > RUNS / 2
          if (run === RUNS / 2 + 1) await slowHosts(site, DELAY_MS)
          moves.push(await move(site, run, isSlow, report))
        }
        const missed = moves.map((each) => each.missed)
        return {
          [`${name}-missed`]: Math.max(...missed),
          [`${name}-missed-all`]: missed.reduce((sum, each) => sum + each, 0),
          [`${name}-stop-to-start`]: median(moves.map((each) => each.stopToStartMs)),
          [`${name}-median`]: median(moves.map((each) => each.seconds)),
        }
      }),
  }
}

export const promote = planned("promote", 5000, 0)
export const promoteQuick: Benchmark = { ...planned("promote-quick", 1000, 1), onlyByName: true }

type Move = { readonly missed: number; readonly seconds: number; readonly stopToStartMs: number }

async function move({ operator, witness }: Site, run: number, isSlow: boolean, report: Report): Promise<Move> {
  const to = run % 2 === 1 ? "node-2" : "node-1"
  const startedMs = performance.now()
  const receipt = receiptIn(await operator.must(["promote", to, "--yes", "--json"]))
  const seconds = (performance.now() - startedMs) / 1000
  const contradictions = await disagreements(witness, receipt)
  if (contradictions.length > 0) throw new Error(`the witness contradicts the receipt: ${contradictions.join("; ")}`)
  const said = receipt.steps.map((step) => /(\d+) ms between stop and start/.exec(step.said ?? "")?.[1]).find((ms) => ms !== undefined)
  if (said === undefined) throw new Error("the receipt does not tell how long the signer was between two nodes")
  const columns = [
    String(run).padStart(4),
    (isSlow ? `+${DELAY_MS} ms` : "as is").padEnd(7),
    `${receipt.from} -> ${receipt.to}`,
    String(receipt.lastSignedThroughOld).padStart(6),
    String(receipt.firstSignedThroughNew).padStart(6),
    String(receipt.missed.length).padStart(6),
    `${said} ms`.padStart(12),
    `${seconds.toFixed(1)} s`.padStart(13),
  ]
  report(columns.join("  "))
  return { missed: receipt.missed.length, seconds, stopToStartMs: Number(said) }
}
