import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { healthOf } from "../../core/observe/health.ts"
import { type Observed, valueIn } from "../../core/observe/state.ts"
import type { ChainNode } from "../../core/topology.ts"
import { type NodeRpc, rpcOf } from "../chain.ts"
import type { Deployment } from "../deployment.ts"

/** The newest block, as two fresh nodes tell that are of one mind about the chain. */
export type AgreedTip = { readonly height: number; readonly ageMs: number; readonly witnesses: readonly [NodeRpc, NodeRpc] }

/**
 * Sentries are asked first: they never wait for a signer. Where there are fewer than two, a private node that is fresh is as good a witness.
 * @throws AppError REFUSED when there are no two, or when they have different blocks
 */
export async function agreedTip({ topology, fleet }: Deployment, observed: Observed): Promise<AgreedTip> {
  const refuse = (reason: string, hint: string) => new AppError("REFUSED", EXIT.refused, reason, { hint })
  const fresh = topology.nodes
    .filter(({ name }) => healthOf(observed, name, topology.policy).verdict === "fresh")
    .sort((a, b) => Number(b.role === "sentry") - Number(a.role === "sentry"))
  const [first, second] = fresh
  if (!first || !second) {
    const who = first ? `only ${first.name} is fresh` : "no node is fresh"
    throw refuse(
      `how far the chain is cannot be known: ${who}, and two nodes must agree`,
      "bring two nodes to the tip; sentries are enough",
    )
  }
  const witnesses = [rpcOf(fleet, first), rpcOf(fleet, second)] as const
  const heights = [heightOf(observed, first), heightOf(observed, second)] as const
  const common = Math.min(...heights)
  const [one, other] = await Promise.all(
    witnesses.map((witness) =>
      witness.blockHash(common).catch((error: unknown) => {
        throw refuse(`how far the chain is cannot be known: ${reasonOf(error)}`, "run the command again")
      }),
    ),
  )
  if (one !== other) {
    throw refuse(
      `${first.name} and ${second.name} have different blocks at height ${common}`,
      "find out which of them follows the network before anything is done with the signer",
    )
  }
  const ages = [first, second].map(({ name }) => valueIn(observed.nodes.get(name))?.ageMs ?? Number.POSITIVE_INFINITY)
  return { height: Math.max(...heights), ageMs: Math.max(0, Math.min(...ages)), witnesses }
}

function heightOf(observed: Observed, { name }: ChainNode): number {
  const height = valueIn(observed.nodes.get(name))?.height
  if (height === undefined) throw new Error(`${name} is fresh and has no height`)
  return height
}
