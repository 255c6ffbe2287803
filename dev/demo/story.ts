import { disagreements } from "../../test/drill/disagreements.ts"
import { firstMissed } from "../../test/drill/first-missed.ts"
import type { ReceiptRead } from "../../test/drill/receipt.ts"
import { receiptsIn } from "../../test/drill/receipts-in.ts"
import { initArguments, type Site } from "../../test/drill/site.ts"
import { exitMeaning } from "./exit-meaning.ts"
import { type Terminal, tell } from "./terminal.ts"

/** The preset's host of node-2. */
const HOST_OF_NODE_2 = "val-2"

/** The main job, from an empty directory to a validator that outlived its node's host. Returns the promotion's receipt. */
export async function playStory(site: Site, terminal: Terminal, blockMs: number): Promise<ReceiptRead> {
  tell("An operator with five hosts and a validator key that is on the chain, but signs nowhere yet.")
  await terminal.must(initArguments(site, blockMs))
  await terminal.must(["validate"])
  await terminal.must(["render"])
  await terminal.must(["up", "--yes"])
  await look(terminal)
  tell("The planned move: no block may be lost.")
  await terminal.must(["promote", "node-2", "--yes"])
  await look(terminal)
  await loseTheActiveNode(site, terminal)
  const promotion = (await receiptsIn(site.operator.dir)).find(({ kind }) => kind === "promote")
  if (promotion === undefined) throw new Error("the promotion left no receipt")
  return promotion
}

async function loseTheActiveNode(site: Site, terminal: Terminal): Promise<void> {
  const { lab, witness } = site
  tell(`${HOST_OF_NODE_2}, the host of the active node, loses its power.`)
  const before = await witness.judgedTip()
  await lab.kill(HOST_OF_NODE_2)
  const missed = await firstMissed(witness, before)
  process.stdout.write(`the chain went on without us: the witness saw height ${missed} missed\n`)
  await look(terminal)
  tell("The unplanned move: the signer is alive, so nothing can sign twice.")
  await terminal.must(["failover", "node-1", "--yes"])
  await look(terminal)
}

/** `status` speaks through its exit code, too, so scripts and people see the same thing. */
async function look(terminal: Terminal): Promise<void> {
  const code = await terminal.type(["status"])
  process.stdout.write(`exit code ${code}: ${exitMeaning(code)}\n`)
}

/** The promotion's receipt once more, next to what the chain says without the product. */
export async function closing({ witness }: Site, promotion: ReceiptRead): Promise<readonly string[]> {
  const { from, to, lastSignedThroughOld, firstSignedThroughNew, missed } = promotion
  const contradictions = await disagreements(witness, promotion)
  if (contradictions.length > 0) throw new Error(`the witness contradicts the receipt:\n  ${contradictions.join("\n  ")}`)
  return [
    `The promotion ${from} -> ${to}:`,
    `  last height signed through ${from}   ${lastSignedThroughOld}`,
    `  first height signed through ${to}  ${firstSignedThroughNew}`,
    `  blocks missed                       ${missed.length === 0 ? "0" : `${missed.length} (${missed.join(", ")})`}`,
    "  the witness agrees: it read the same from validators that are not ours, and saw no double sign",
  ]
}
