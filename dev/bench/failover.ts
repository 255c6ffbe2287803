import { disagreements } from "../../test/drill/disagreements.ts"
import { signerFile } from "../../test/drill/host-facts.ts"
import { LOSSES, type Loss } from "../../test/drill/losses.ts"
import { HOST_OF } from "../../test/drill/prove-move.ts"
import { receiptIn } from "../../test/drill/receipt.ts"
import { waitForStatus } from "../../test/drill/settle.ts"
import type { Site } from "../../test/drill/site.ts"
import type { Report } from "../setup/report.ts"
import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { withSite } from "./with-site.ts"

const RUNS = 5
const BLOCK_MS = 5000
/** Blocks after a command that was refused in which its effects would show. */
const AFTERWARDS = 3

/** Every way to lose the active node, several times each, and the loss of its host's management alone. */
export const failover: Benchmark = {
  name: "failover",
  about: `the active node lost in ${LOSSES.length} ways, ${RUNS} times each, at ${BLOCK_MS / 1000} s blocks, and its host's management alone; judged by the witness`,
  metrics: [
    { name: "failover-missed", unit: "blocks after the command has decided, in the worst run", goal: 1 },
    { name: "failover-median", unit: "s until two blocks are signed" },
    { name: "failover-unmanaged-moved", unit: `of ${RUNS} commands against a node that signs and only cannot be managed`, goal: 0 },
    { name: "failover-unmanaged-missed", unit: "blocks during these", goal: 0 },
  ],
  onlyByName: true,
  run: (report) =>
    withSite("failover", BLOCK_MS, report, async (site) => {
      await site.operator.must(["up", "--yes"])
      site.chain.load.start()
      report("loss                            run  from -> to         began  first  missed since  whole command")
      const lost: Lost[] = []
      for (const loss of LOSSES) for (let run = 1; run <= RUNS; run++) lost.push(await lose(site, loss, run, report))
      const unmanaged: Unmanaged[] = []
      for (let run = 1; run <= RUNS; run++) unmanaged.push(await hang(site, run, report))
      return {
        "failover-missed": Math.max(...lost.map(({ missed }) => missed)),
        "failover-median": median(lost.map(({ seconds }) => seconds)),
        "failover-unmanaged-moved": unmanaged.filter(({ refused }) => !refused).length,
        "failover-unmanaged-missed": unmanaged.reduce((sum, { missed }) => sum + missed, 0),
      }
    }),
}

type Lost = { readonly missed: number; readonly seconds: number }
type Unmanaged = { readonly refused: boolean; readonly missed: number }

async function lose(site: Site, loss: Loss, run: number, report: Report): Promise<Lost> {
  const { lab, operator, witness } = site
  const from = await signerFile(lab, "aim")
  const to = otherNode(from)
  const host = hostOf(from)
  await loss.lose(lab, from, host)
  try {
    const startedMs = performance.now()
    const receipt = receiptIn(await operator.must(["failover", to, "--yes", "--json"]))
    const seconds = (performance.now() - startedMs) / 1000
    const contradictions = await disagreements(witness, receipt)
    if (contradictions.length > 0) throw new Error(`the witness contradicts the receipt: ${contradictions.join("; ")}`)
    const missed = receipt.missed.filter((height) => height > receipt.startHeight).length
    const columns = [
      loss.name.padEnd(30),
      String(run).padStart(4),
      `${from} -> ${to}`,
      String(receipt.startHeight).padStart(7),
      String(receipt.firstSignedThroughNew).padStart(5),
      String(missed).padStart(12),
      `${seconds.toFixed(1)} s`.padStart(13),
    ]
    report(columns.join("  "))
    return { missed, seconds }
  } finally {
    await loss.mend(lab, from, host)
    await operator.must(["up", "--yes"])
    await waitForStatus(site, 0)
  }
}

/** The node signs on while nothing on its host answers: to move away from it would be a second signature at the same height. */
async function hang(site: Site, run: number, report: Report): Promise<Unmanaged> {
  const { lab, operator, witness } = site
  const from = await signerFile(lab, "aim")
  const began = await witness.judgedTip()
  await lab.pause(hostOf(from))
  try {
    const answer = await operator.run(["failover", otherNode(from), "--yes"])
    const { missed } = await witness.testify(began, (await witness.judgedTip()) + AFTERWARDS)
    report(`${"cannot be managed".padEnd(30)}  ${String(run).padStart(4)}  exit ${answer.code}, missed ${missed.length}`)
    return { refused: answer.code === 6, missed: missed.length }
  } finally {
    await lab.unpause(hostOf(from))
    await waitForStatus(site, 0)
  }
}

function otherNode(node: string): string {
  return node === "node-1" ? "node-2" : "node-1"
}

function hostOf(node: string): string {
  const host = HOST_OF[node]
  if (host === undefined) throw new Error(`no host of ${node}`)
  return host
}
