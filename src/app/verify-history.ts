import { chainDifferences } from "../core/history/chain-differences.ts"
import { voteClaims } from "../core/history/vote-claims.ts"
import type { Vote } from "../core/observe/state.ts"
import type { Receipt } from "../core/receipt.ts"
import type { NodeRpc } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { type GatheredHistory, gatherHistories } from "./history.ts"
import { THIS_MACHINE } from "./read-receipts.ts"
import { findWitnesses } from "./steps/chain-signing.ts"

/** What holding a validator's receipts against one another and against the chain has shown. */
export type VerifiedHistory = {
  readonly validator: string
  readonly receipts: number
  /** Everything that does not hold, one sentence each. */
  readonly differences: readonly string[]
  /** What could not be asked: with it, no difference is not yet a proof. */
  readonly unasked: readonly string[]
  readonly notes: readonly string[]
  readonly heights: { readonly asked: number /** Pruned, or of another chain. */; readonly gone: number; readonly by: string | undefined }
}

const AT_ONCE = 50

/** `gonka-ha history --verify` @throws AppError USAGE when there is no such validator */
export async function verifyHistory(deployment: Deployment, validator: string | undefined): Promise<readonly VerifiedHistory[]> {
  const [witness] = await findWitnesses(deployment)
  const gathered = await gatherHistories(deployment, validator)
  const verified: VerifiedHistory[] = []
  for (const each of gathered) verified.push(await verifyOne(deployment, each, witness))
  return verified
}

async function verifyOne(deployment: Deployment, gathered: GatheredHistory, witness: NodeRpc | undefined): Promise<VerifiedHistory> {
  const { validator, merged, places, unread } = gathered
  const receipts = merged.flatMap(({ receipt }) => receipt ?? [])
  const noted = places.flatMap((place) => place.noted)
  const ours = receipts.filter(({ chain }) => chain === deployment.topology.chain.id)
  const asked = witness ? await askChain(witness, ours) : { differences: [], asked: 0, gone: 0 }
  const onlyThere = merged.filter(({ copies }) => copies.every(({ place }) => place !== THIS_MACHINE)).length
  return {
    validator: validator.name,
    receipts: merged.length,
    differences: [
      ...chainDifferences(merged, places, noted, unread === undefined ? validator.signerHost : undefined),
      ...receipts.flatMap(ownDoubts),
      ...asked.differences,
    ],
    unasked: [
      ...(unread === undefined ? [] : [`the copy on ${validator.signerHost}: ${unread}`]),
      ...(witness || ours.length === 0 ? [] : ["the chain: no sentry answers"]),
    ],
    notes: [
      ...(onlyThere > 0 && unread === undefined
        ? [`${onlyThere} of them are only on ${validator.signerHost}; the next move brings them here`]
        : []),
      ...receipts
        .filter((receipt) => !ours.includes(receipt))
        .map(({ number, chain }) => `receipt ${number} is of chain ${chain}: its heights were not asked`),
    ],
    heights: { asked: asked.asked, gone: asked.gone, by: witness?.name },
  }
}

/** What a receipt itself says to be wrong. */
function ownDoubts({ number, lastSignedThroughOld: last, firstSignedThroughNew: first, from, to }: Receipt): string[] {
  const doubt = (node: string | undefined, height: number | undefined) =>
    `receipt ${number} tells that the signer's log does not have the signature of block ${height ?? "?"} through ${node ?? "the old node"}`
  return [...(last.agree === false ? [doubt(from, last.commits)] : []), ...(first.agree === false ? [doubt(to, first.commits)] : [])]
}

type Asked = { readonly differences: readonly string[]; readonly asked: number; readonly gone: number }

/** Whether the canonical commits still say what the receipts say of them. */
async function askChain(witness: NodeRpc, receipts: readonly Receipt[]): Promise<Asked> {
  const claims = receipts.flatMap((receipt) => [...voteClaims(receipt)].map(([height, vote]) => ({ receipt, height, vote })))
  const differences: string[] = []
  let gone = 0
  for (let index = 0; index < claims.length; index += AT_ONCE) {
    const answers = await Promise.all(
      claims.slice(index, index + AT_ONCE).map(async ({ receipt, height, vote }) => {
        const seen = await witness.vote(height, receipt.address).catch(() => undefined)
        if (!seen?.canonical) return undefined
        return seen.vote === vote
          ? ""
          : `receipt ${receipt.number} says that ${height} was ${WORD[vote]}; the chain says ${WORD[seen.vote]} (${witness.name})`
      }),
    )
    for (const answer of answers) {
      if (answer === undefined) gone++
      else if (answer !== "") differences.push(answer)
    }
  }
  return { differences, asked: claims.length - gone, gone }
}

const WORD: Readonly<Record<Vote, string>> = { signed: "signed", absent: "missed", nil: "signed nil" }
