import { reasonOf } from "../core/errors.ts"
import { jailBudget } from "../core/observe/jail-budget.ts"
import type { PendingOperation, Vote } from "../core/observe/state.ts"
import { type Receipt, splitAtSwap, type Votes } from "../core/receipt.ts"
import type { Validator } from "../core/topology.ts"
import type { NodeRpc } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { findWitnesses } from "./steps/chain-signing.ts"

/** How far before the operation the last signature through the old node is looked for. */
const LOOK_BACK_BLOCKS = 50
/** An operation that was left half-way for long spans many blocks; the newest of them tell what the move cost. */
const MAX_BLOCKS = 1000
const AT_ONCE = 50

/** Reads the commits around the move from a witness and keeps the result beside the journal. What cannot be read is left out, never guessed. */
export async function writeReceipt(
  deployment: Deployment,
  validator: Validator,
  operation: PendingOperation,
): Promise<{ receipt: Receipt; path: string }> {
  const { topology, clock, local, stateDir, report } = deployment
  const witness = (await findWitnesses(deployment))[0]
  const stoppedHeight = operation.stopped?.height ?? operation.startHeight
  const votes: Votes = witness
    ? await readVotes(witness, validator.address, Math.min(operation.startHeight, stoppedHeight) - LOOK_BACK_BLOCKS)
    : new Map()
  const slashing = await witness?.slashing(validator).catch(() => undefined)
  const receipt: Receipt = {
    schema: "gonka-ha/receipt/v1",
    operation: operation.id,
    kind: operation.kind,
    deployment: topology.deployment,
    validator: validator.name,
    from: operation.from,
    to: operation.to,
    by: operation.by,
    began: operation.since,
    ended: new Date(clock.wallMs()).toISOString(),
    startHeight: operation.startHeight,
    ...splitAtSwap(votes, operation.startHeight, stoppedHeight),
    jailBudgetLeftBlocks: slashing ? jailBudget(slashing, topology.chain.blockMs)?.leftBlocks : undefined,
  }
  const path = `${stateDir}/receipts/${operation.id}.json`
  try {
    await local.replace(path, `${JSON.stringify(receipt, null, 2)}\n`, 0o644)
  } catch (error) {
    report({ kind: "note", text: `the receipt could not be kept: ${reasonOf(error)}` })
  }
  return { receipt, path }
}

/** Votes in canonical commits from a height up to the newest of them; a pruned height is simply not there. */
async function readVotes(witness: NodeRpc, address: string, from: number): Promise<Votes> {
  const votes = new Map<number, Vote>()
  const tip = await witness.height().catch(() => 0)
  for (let height = Math.max(1, from, tip - MAX_BLOCKS); height < tip; height += AT_ONCE) {
    const heights = Array.from({ length: Math.min(AT_ONCE, tip - height) }, (_, index) => height + index)
    await Promise.all(
      heights.map(async (each) => {
        const seen = await witness.vote(each, address).catch(() => undefined)
        if (seen?.canonical) votes.set(each, seen.vote)
      }),
    )
  }
  return votes
}
