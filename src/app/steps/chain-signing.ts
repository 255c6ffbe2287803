import { AppError, EXIT } from "../../core/errors.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { containerName, serviceName, type Topology, type Validator, validatorOf } from "../../core/topology.ts"
import { type NodeRpc, rpcOf } from "../chain.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"
import { gapPollMs, gapStallMs } from "./gap.ts"

/** Lines of the signer's log that are looked through after a move: a few minutes of signing. */
const LOG_LINES = 200

/** After this many blocks without a signature of ours something is wrong that waiting does not mend. */
const PATIENCE_BLOCKS = 20
/** Blocks that may have passed since the signer was started. What is older proves nothing about it, and a signer that was never used has a state far below. */
const LOOK_BACK_BLOCKS = 5

/** The chain as the witness: canonical commits with our signature above the state, read on two nodes that do not sign where there are two. */
export async function seeSigning({ args }: StepOf<"chain.signing">, { deployment, facts }: Run): Promise<string> {
  const { topology } = deployment
  const validator = validatorOf(topology, args.validator)
  const witnesses = await findWitnesses(deployment)
  const first = witnesses[0]
  if (!first) throw new AppError("WAIT_STALLED", EXIT.halfWay, "no sentry answers, so nobody can witness the signatures")
  if ((await first.slashing(validator)).votingPower === undefined) return "not in the validator set: there is nothing to sign yet"
  const tip = await first.height()
  const from = Math.max((facts.stopped?.height ?? tip) + 1, tip - LOOK_BACK_BLOCKS)
  const heights = await Promise.all(witnesses.map((witness) => signedOn(deployment, witness, validator.address, from, args.blocks)))
  await tellAlarms(deployment, validator)
  return `signed ${heights[0]?.join(", ")} (seen by ${witnesses.map((witness) => witness.name).join(" and ")})`
}

/**
 * tmkms refuses a second, different vote and says so. It protected us then; but something asked for it, and somebody must know.
 * A regression alone is the node being behind for a moment and is no alarm (signing.md 2.3).
 */
async function tellAlarms({ topology, fleet, report }: Deployment, validator: Validator): Promise<void> {
  const container = containerName(topology, serviceName.signer(validator.name))
  const lines = await fleet
    .host(validator.signerHost)
    .logs(container, { tail: LOG_LINES })
    .catch(() => [])
  for (const line of lines.filter((each) => each.includes("attempted double sign") && each.includes("!="))) {
    report({ kind: "note", text: `ALARM: the signer was asked for a second, different vote and refused: ${line}` })
  }
}

async function signedOn(
  deployment: Deployment,
  witness: NodeRpc,
  address: string,
  from: number,
  blocks: number,
): Promise<readonly number[]> {
  const signed = new Set<number>()
  let next = from
  return waitFor(deployment, {
    what: `${blocks} blocks signed by us, on ${witness.name}`,
    stallMs: gapStallMs(deployment.topology),
    pollMs: Math.max(200, gapPollMs(deployment.topology)),
    hint: "`gonka-ha status` shows where the signer is attached",
    look: async () => {
      const tip = await witness.height()
      for (; next < tip; next++) {
        const { vote, canonical } = await witness.vote(next, address)
        if (!canonical) break
        if (vote === "signed") signed.add(next)
      }
      if (signed.size >= blocks) return { done: true, value: [...signed] }
      if (next - from > PATIENCE_BLOCKS) {
        throw new AppError(
          "HALF_WAY",
          EXIT.halfWay,
          `the chain went on from ${from} to ${next} and only ${signed.size} of those blocks carry our signature`,
        )
      }
      return { done: false, progress: tip, now: `tip ${tip}, signed ${signed.size}` }
    },
  })
}

/** Sentries that answer, at most two: they relay, they never sign. */
export async function findWitnesses({
  topology,
  fleet,
}: {
  readonly topology: Topology
  readonly fleet: Deployment["fleet"]
}): Promise<readonly NodeRpc[]> {
  const sentries = topology.nodes.filter((node) => node.role === "sentry").map((node) => rpcOf(fleet, node))
  const answers = await Promise.all(
    sentries.map((sentry) =>
      sentry
        .height()
        .then(() => sentry)
        .catch(() => undefined),
    ),
  )
  return answers.filter((sentry) => sentry !== undefined).slice(0, 2)
}
