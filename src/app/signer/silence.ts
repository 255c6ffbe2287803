import * as z from "zod"
import { AppError, EXIT } from "../../core/errors.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { nodeOf, type Validator, validatorOf } from "../../core/topology.ts"
import { type NodeRpc, rpcOf } from "../chain.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { findWitnesses } from "../steps/chain-signing.ts"
import { gapPollMs, gapStallMs, readState } from "../steps/gap.ts"
import { waitFor } from "../wait.ts"
import { SEAL_MARGIN_BLOCKS } from "./seal-replacement.ts"

/** A signer that is cut off at the tip can have signed at most this far above it, and the chain may still take that in (signing.md 6.2). */
const IN_FLIGHT_BLOCKS = 2
/** A replacement that was left for long is judged by its newest blocks. */
const LOOK_BACK_BLOCKS = 100
const RPC_TIMEOUT_MS = 3000

/** The key signs although its signer was said to be fenced: nothing may be started with it now. */
export class FenceFailed extends AppError {}

/** Necessary and never sufficient: a key that is silent may be a signer whose node is down. */
export async function seeSilence({ args }: StepOf<"chain.silent">, { deployment }: Run): Promise<string> {
  const validator = validatorOf(deployment.topology, args.validator)
  const [witness] = await twoWitnesses(deployment)
  const from = Math.max(args.tip, (await witness.height()) - LOOK_BACK_BLOCKS) + 1
  return watchSilence(deployment, validator, { from, blocks: args.blocks, inFlightUpTo: args.tip + IN_FLIGHT_BLOCKS })
}

/** Up to the sealed height the new signer refuses everything; only above it may it be attached, and only to a node that is there already. */
export async function waitPastSeal({ args }: StepOf<"chain.past-seal">, { deployment }: Run): Promise<string> {
  const { topology, fleet } = deployment
  const validator = validatorOf(topology, args.validator)
  const { height: sealed } = await readState(deployment, validator)
  const [witness] = await twoWitnesses(deployment)
  const from = Math.min(sealed - SEAL_MARGIN_BLOCKS, await witness.height()) + 1
  const silence = await watchSilence(deployment, validator, { from, blocks: sealed - from + 1, inFlightUpTo: 0 })
  const rpc = rpcOf(fleet, nodeOf(topology, args.node))
  return waitFor(deployment, {
    what: `${args.node} to pass height ${sealed}`,
    stallMs: gapStallMs(topology),
    pollMs: Math.max(200, gapPollMs(topology)),
    look: async () => {
      const height = await rpc.height()
      return height >= sealed
        ? { done: true, value: `${silence}; ${args.node} at ${height}, sealed at ${sealed}` }
        : { done: false, progress: height, now: `height ${height}` }
    },
  })
}

type Stretch = {
  readonly from: number
  readonly blocks: number
  /** A signature up to here was under way when the signer was fenced: the count begins anew after it. */
  readonly inFlightUpTo: number
}

async function watchSilence(deployment: Deployment, validator: Validator, { from, blocks, inFlightUpTo }: Stretch): Promise<string> {
  const witnesses = await twoWitnesses(deployment)
  const next = new Map(witnesses.map(({ name }) => [name, from]))
  let first = from
  return waitFor(deployment, {
    what: `${blocks} blocks without a signature of ${validator.name}`,
    stallMs: gapStallMs(deployment.topology),
    pollMs: Math.max(200, gapPollMs(deployment.topology)),
    look: async () => {
      for (const witness of witnesses) {
        const tip = await witness.height()
        for (let height = next.get(witness.name) ?? from; height < tip; height++) {
          const { vote, canonical } = await witness.vote(height, validator.address)
          if (!canonical) break
          if (vote !== "absent" && height > inFlightUpTo)
            throw fenceFailed(validator, `block ${height} carries its vote (${vote})`, witness)
          if (vote !== "absent") first = Math.max(first, height + 1)
          next.set(witness.name, height + 1)
        }
        const open = await openVote(deployment, witness, validator)
        if (open !== undefined && open > Math.max(inFlightUpTo, from - 1))
          throw fenceFailed(validator, `it votes for block ${open} right now`, witness)
      }
      const seenUpTo = Math.min(...next.values()) - 1
      return seenUpTo - first + 1 >= blocks
        ? { done: true, value: `none in blocks ${first} to ${seenUpTo} (seen by ${witnesses.map(({ name }) => name).join(" and ")})` }
        : { done: false, progress: seenUpTo, now: `seen up to block ${seenUpTo}, ${Math.max(0, seenUpTo - first + 1)} of ${blocks}` }
    },
  })
}

function fenceFailed(validator: Validator, what: string, witness: NodeRpc): FenceFailed {
  return new FenceFailed(
    "HALF_WAY",
    EXIT.critical,
    `the fence failed: ${what}, seen by ${witness.name}: the lost signer of ${validator.name} is alive`,
    {
      hint: "no new signer was started. Cut the old one off for certain, then run the command again with another --fence. Where the old one shall go on instead, `replaces` only goes out of the file while no node has moved its signing port: `gonka-ha status` and PORTS.md on the nodes' hosts tell",
    },
  )
}

/** Two, or the only one there is, which the caller has accepted by then. */
async function twoWitnesses(deployment: Deployment): Promise<readonly [NodeRpc, ...NodeRpc[]]> {
  const sentries = deployment.topology.nodes.filter(({ role }) => role === "sentry").length
  const witnesses = await findWitnesses(deployment)
  const [first, ...others] = witnesses
  if (first && witnesses.length >= Math.min(2, sentries)) return [first, ...others]
  throw new AppError(
    "WAIT_STALLED",
    EXIT.halfWay,
    `${witnesses.length} of ${sentries} sentries answer: two witnesses are needed to see that the key is silent`,
    {
      hint: "bring a sentry back",
    },
  )
}

const openVotesAnswer = z.object({
  round_state: z.object({
    "height/round/step": z.string(),
    height_vote_set: z.array(z.object({ prevotes: z.array(z.string()).nullable(), precommits: z.array(z.string()).nullable() })),
  }),
})

/** CometBFT writes a vote as \`Vote{INDEX:ADDRESS HEIGHT/...\`, the address by its first six bytes. */
const SHORT_ADDRESS_DIGITS = 12

/** The height of a block that is being voted on and has a vote of this key. What the node does not tell now, the commits will. */
async function openVote({ topology, fleet }: Deployment, witness: NodeRpc, { address }: Validator): Promise<number | undefined> {
  const node = nodeOf(topology, witness.name)
  const raw = await fleet
    .host(node.host)
    .rpc(node.ports.rpc, "/consensus_state", RPC_TIMEOUT_MS)
    .catch(() => undefined)
  const answer = openVotesAnswer.safeParse(raw)
  if (!answer.success) return undefined
  const { height_vote_set: rounds, "height/round/step": place } = answer.data.round_state
  const mark = `:${address.slice(0, SHORT_ADDRESS_DIGITS)} `
  const votes = rounds.flatMap(({ prevotes, precommits }) => [...(prevotes ?? []), ...(precommits ?? [])])
  return votes.some((vote) => vote.includes(mark)) ? Number(place.split("/")[0]) : undefined
}
