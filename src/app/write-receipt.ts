import { jailBudget } from "../core/observe/jail-budget.ts"
import type { PendingOperation } from "../core/observe/state.ts"
import { type Receipt, splitAtSwap, type Votes } from "../core/receipt.ts"
import type { Validator } from "../core/topology.ts"
import type { NodeRpc } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { findWitnesses } from "./steps/chain-signing.ts"

/** How far before the operation the last signature through the old node is looked for. */
const LOOK_BACK_BLOCKS = 50

/** Reads the commits around the move from a witness and keeps the result beside the journal. */
export async function writeReceipt(
  deployment: Deployment,
  validator: Validator,
  operation: PendingOperation,
): Promise<{ receipt: Receipt; path: string }> {
  const { topology, clock, local, stateDir } = deployment
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
  await local.replace(path, `${JSON.stringify(receipt, null, 2)}\n`, 0o644)
  return { receipt, path }
}

/** Votes in canonical commits from a height up to the newest of them. */
async function readVotes(witness: NodeRpc, address: string, from: number): Promise<Votes> {
  const tip = await witness.height()
  const heights = Array.from({ length: tip - Math.max(1, from) }, (_, index) => Math.max(1, from) + index)
  const votes = await Promise.all(heights.map(async (height) => [height, (await witness.vote(height, address)).vote] as const))
  return new Map(votes)
}
