import { reasonOf } from "../core/errors.ts"
import { healthOf } from "../core/observe/health.ts"
import { type HostClock, type Observed, type Reading, seen, unknown, valueIn } from "../core/observe/state.ts"
import { whoSigns } from "../core/observe/who-signs.ts"
import { isReadWell } from "../core/plan/preflight/clocks.ts"
import type { PreflightFacts, Verb } from "../core/plan/preflight/facts.ts"
import { inside } from "../core/render/layout.ts"
import { nodeOf, type Validator } from "../core/topology.ts"
import type { NodeRpc } from "./chain.ts"
import { readHost } from "./collect.ts"
import { compareTarget, compareWitnesses } from "./compare-blocks.ts"
import type { Deployment } from "./deployment.ts"
import { oneWitness } from "./one-witness.ts"
import { gapPollMs, gapStallMs } from "./steps/gap.ts"
import { signerContainerName } from "./steps/signer.ts"
import { waitFor } from "./wait.ts"
import { watchTarget } from "./watch-target.ts"

/** What the preflight wants to know beyond one look: it takes about one block. */
export async function gatherFacts(
  deployment: Deployment,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
): Promise<PreflightFacts> {
  const who = whoSigns(deployment.topology, observed, validator)
  const [guard, target, stillSigning, witnessed, targetBlock, upgrade, clocks] = await Promise.all([
    askGuard(deployment, observed, validator),
    // With the signer stopped the target may wait for it, and it catches up as part of the failover.
    verb === "failover" && who.kind === "stopped" ? undefined : reading(() => watchTarget(deployment, to)),
    verb === "failover" && who.kind === "active" && healthOf(observed, who.node, deployment.topology.policy).verdict !== "fresh"
      ? reading(() => watchSignatures(deployment, validator))
      : undefined,
    reading(() => compareWitnesses(deployment, observed)),
    reading(() => compareTarget(deployment, observed, to)),
    reading(async () => (await oneWitness(deployment)).upgrade()),
    clocksAgain(deployment, observed, [validator.signerHost, nodeOf(deployment.topology, to).host]),
  ])
  const lock = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.lockedBy
  return { guard, target, stillSigning, witnessed, targetBlock, upgrade, lock, clocks }
}

/** Asks the guard beside the running signer, so that a signer is not stopped that could not start again. */
export async function askGuard(deployment: Deployment, observed: Observed, validator: Validator): Promise<PreflightFacts["guard"]> {
  if (whoSigns(deployment.topology, observed, validator).kind !== "active") return undefined
  return reading(async () => {
    const argv = ["docker", "exec", signerContainerName(deployment, validator), "/bin/sh", `${inside.config}/guard.sh`, "check"]
    const result = await deployment.fleet.host(validator.signerHost).run(argv, { timeoutMs: 15_000 })
    if (result.code === 0) return "ok"
    const line = result.stderr.split("\n").find((candidate) => candidate.startsWith("guard: "))
    if (line === undefined) throw new Error(result.stderr.trim() || `exit ${result.code}`)
    return { refusal: line.replace(/^guard: the signer does not start: /, "") }
  })
}

/** Two absences decide that it does not sign; one may be bad luck, so then the next block is awaited. */
async function watchSignatures(deployment: Deployment, validator: Validator): Promise<boolean> {
  const witness = await oneWitness(deployment)
  const tip = await witness.height()
  const [last, before] = await Promise.all([witness.vote(tip - 1, validator.address), witness.vote(tip - 2, validator.address)])
  if (last.vote === "absent" && before.vote === "absent") return false
  const next = await nextBlock(deployment, witness)
  const one = await nextBlock(deployment, witness, next)
  return (await witness.vote(one - 1, validator.address)).vote !== "absent"
}

async function nextBlock(deployment: Deployment, witness: NodeRpc, after?: number): Promise<number> {
  const from = after ?? (await witness.height())
  return waitFor(deployment, {
    what: `the next block on ${witness.name}`,
    stallMs: gapStallMs(deployment.topology),
    pollMs: gapPollMs(deployment.topology),
    look: async () => {
      const height = await witness.height()
      return height > from ? { done: true, value: height } : { done: false, progress: height, now: `height ${height}` }
    },
  })
}

/** Clocks of hosts whose answer took so long that it tells little: the first question also opens the connection, the second does not. */
async function clocksAgain(
  deployment: Deployment,
  observed: Observed,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, Reading<HostClock>>> {
  const { topology } = deployment
  const vague = topology.hosts.filter(({ name }) => {
    const clock = valueIn(valueIn(observed.hosts.get(name))?.clock)
    return hosts.includes(name) && clock !== undefined && !isReadWell(topology, clock)
  })
  const read = await Promise.all(
    vague.map(async (host) => {
      const again = await readHost(deployment, host)
      return [host.name, again.kind === "seen" ? again.value.clock : again] as const
    }),
  )
  return new Map(read)
}

async function reading<T>(look: () => Promise<T>): Promise<Reading<T>> {
  try {
    return seen(await look())
  } catch (error) {
    return unknown(reasonOf(error))
  }
}
