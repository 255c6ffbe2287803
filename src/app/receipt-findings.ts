import { reasonOf } from "../core/errors.ts"
import { firstThroughNew, lastThroughOld } from "../core/history/signed-at.ts"
import { type SignedLine, signedLines } from "../core/history/signed-line.ts"
import { timelineOf } from "../core/history/timeline.ts"
import { jailBudget } from "../core/observe/jail-budget.ts"
import type { PendingOperation, Vote } from "../core/observe/state.ts"
import { privvalAddress } from "../core/observe/who-signs.ts"
import { type Receipt, splitAtSwap, type Votes } from "../core/receipt.ts"
import { containerName, serviceName, type Topology, type Validator } from "../core/topology.ts"
import type { NodeRpc } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import type { Journal } from "./journal.ts"
import { findWitnesses } from "./steps/chain-signing.ts"

/** How far before the operation the last signature through the old node is looked for. */
const LOOK_BACK_BLOCKS = 50
/** An operation that was left half-way for long spans many blocks; the newest of them tell what the move cost. */
const MAX_BLOCKS = 1000
const AT_ONCE = 50
/** Two votes and now and then a proposal for a block; a signer whose node is dead writes a few lines each second on top of that. */
const LOG_LINES_PER_BLOCK = 40
const MAX_LOG_LINES = 20_000

/**
 * What a move came to, from the canonical commits, the signer's log and the journal: everything of a receipt but its place in the chain of
 * receipts. What could not be found out is left out and told in the notes.
 */
export async function receiptFindings(
  deployment: Deployment,
  validator: Validator,
  operation: PendingOperation,
  journal: Journal,
  notes: string[],
): Promise<Omit<Receipt, "schema" | "number" | "previous">> {
  const { topology, clock, specDigests } = deployment
  const { kind, from, to, stopped } = operation
  // What was taken back before the signer was ever stopped has one node only: nothing was signed through the other one.
  const neverLeft = kind === "abort" && stopped === undefined
  if (neverLeft) notes.push(`the signer never left ${to}`)
  const witness = (await findWitnesses(deployment))[0]
  if (!witness) notes.push("no sentry answered, so no commit was read")
  const tip = await witness?.height().catch(() => undefined)
  const startHeight = operation.startHeight > 0 ? operation.startHeight : undefined
  const stoppedHeight = stopped?.height ?? startHeight ?? tip ?? 0
  const since = Math.max(startHeight ?? stoppedHeight, (tip ?? 0) - MAX_BLOCKS)
  const lookFrom = Math.min(since, stoppedHeight) - LOOK_BACK_BLOCKS
  const [votes, log, slashing, lines] = await Promise.all([
    witness && tip !== undefined ? readVotes(witness, validator.address, lookFrom, tip) : new Map<number, Vote>(),
    readLog(deployment, validator, Math.max(1, (tip ?? stoppedHeight) - lookFrom), notes),
    witness?.slashing(validator).catch(() => undefined),
    journal.read(),
  ])
  const { lastSignedThroughOld, firstSignedThroughNew, ...read } = splitAtSwap(votes, since, stoppedHeight)
  const timeline = timelineOf(lines)
  return {
    operation: operation.id,
    kind,
    deployment: topology.deployment,
    chain: topology.chain.id,
    validator: validator.name,
    address: validator.address,
    signerHost: validator.signerHost,
    from,
    to,
    by: operation.by,
    began: operation.since,
    ended: new Date(clock.wallMs()).toISOString(),
    spec: [...specDigests],
    startHeight,
    stopped,
    lastSignedThroughOld: neverLeft
      ? { agree: "unknown" }
      : lastThroughOld(lastSignedThroughOld, log, addressOf(topology, from), stoppedHeight),
    firstSignedThroughNew: firstThroughNew(firstSignedThroughNew, log, addressOf(topology, to), stoppedHeight),
    ...read,
    jailBudgetLeftBlocks: slashing ? jailBudget(slashing, topology.chain.blockMs)?.leftBlocks : undefined,
    steps: [...timeline.steps],
    notes: [...timeline.notes, ...notes],
  }
}

/** Where a node waits for its signer, as the signer's log names it; undefined for a node that the file no longer has. */
function addressOf(topology: Topology, name: string | undefined): string | undefined {
  const node = topology.nodes.find((candidate) => candidate.name === name)
  return node && privvalAddress(topology, node)
}

/** Votes in canonical commits from a height up to the newest of them; a pruned height is simply not there. */
async function readVotes(witness: NodeRpc, address: string, from: number, tip: number): Promise<Votes> {
  const votes = new Map<number, Vote>()
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

async function readLog({ fleet, topology }: Deployment, validator: Validator, blocks: number, notes: string[]): Promise<SignedLine[]> {
  const container = containerName(topology, serviceName.signer(validator.name))
  try {
    const tail = Math.min(MAX_LOG_LINES, blocks * LOG_LINES_PER_BLOCK)
    return signedLines(await fleet.host(validator.signerHost).logs(container, { tail }))
  } catch (error) {
    notes.push(`the signer's log could not be read: ${reasonOf(error)}`)
    return []
  }
}
