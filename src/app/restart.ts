import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { namedNode } from "../core/named.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { containerOf } from "../core/observe/who-signs.ts"
import { planRestart, type RestartPlan } from "../core/plan/restart.ts"
import { type ChainNode, serviceName, validatorOf } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { lookingAnew } from "./await-lock.ts"
import { carrySteps, halfWay } from "./carry-steps.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import type { Progress } from "./execute.ts"
import { lockHosts } from "./host-lock.ts"
import { openJournal } from "./journal.ts"
import { operationId } from "./operation-id.ts"
import { SharedLocks } from "./shared-locks.ts"

export type RestartRequest = { readonly node: string; readonly costAccepted: boolean }

/**
 * Restarts a node's container as it is, and waits until the node is fresh again. Who signs stays as it is.
 * @param confirm throws AppError CANCELLED when it is not to be done
 * @throws AppError USAGE, HOST_UNREACHABLE, LOCK_HELD, REFUSED with every reason; HALF_WAY once it has begun
 */
export async function restart(
  deployment: Deployment,
  request: RestartRequest,
  confirm: (plan: RestartPlan) => Promise<void>,
): Promise<RestartPlan> {
  return lookingAnew(deployment, () => restartNow(deployment, request, confirm))
}

async function restartNow(
  deployment: Deployment,
  { node: name, costAccepted }: RestartRequest,
  confirm: (plan: RestartPlan) => Promise<void>,
): Promise<RestartPlan> {
  const { topology, files } = deployment
  const node = namedNode(topology, name)
  const observed = await collect(deployment)
  refuseUnlessThere(deployment, observed, node)
  const plan = planRestart(topology, files, observed, node, { costAccepted })
  if ("refused" in plan) throw new AppError("REFUSED", EXIT.refused, `${name} is not restarted`, { issues: plan.refused })
  await confirm(plan)
  const expected = new Map([[node.host, valueIn(observed.hosts.get(node.host))?.lock.epoch ?? 0]])
  const lock = await lockHosts(deployment, [node.host], `gonka-ha restart ${name}`, { expected })
  try {
    await carry(deployment, observed, node, plan)
  } finally {
    await lock.release()
  }
  return plan
}

function refuseUnlessThere({ topology }: Deployment, observed: Observed, node: ChainNode): void {
  const reading = observed.hosts.get(node.host)
  if (reading?.kind !== "seen")
    throw new AppError(
      "HOST_UNREACHABLE",
      EXIT.unreachable,
      `the host of ${node.name} cannot be asked: ${reading?.reason ?? "not observed"}`,
    )
  if (containerOf(topology, reading.value, serviceName.node(node.name)) === undefined)
    throw new AppError("REFUSED", EXIT.refused, `${node.name} has no container on ${node.host}`, { hint: "`gonka-ha up` makes it" })
}

async function carry(deployment: Deployment, observed: Observed, node: ChainNode, plan: RestartPlan): Promise<void> {
  const validators = plan.validators.map((name) => validatorOf(deployment.topology, name))
  const epochs = new Map(
    validators.map(({ name, signerHost }) => [name, valueIn(observed.hosts.get(signerHost))?.signers.get(name)?.epoch ?? 0]),
  )
  const operation = operationId(deployment.clock, "restart")
  const journal = openJournal(deployment, operation)
  const progress: Progress = { begun: 0, of: plan.steps.length }
  await journal.write({ at: "begins", operation, kind: "restart", by: deployment.operator, to: node.name })
  try {
    const locks = new SharedLocks(deployment, `restart ${node.name}`, epochs)
    await carrySteps(deployment, { journal, operation, validators, locks, progress }, plan.steps)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, [node.host], `restart of ${node.name}: done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    await audit(deployment, [node.host], `restart of ${node.name}: stopped: ${reasonOf(error)} (${operation})`)
    throw halfWay(error)
  }
}
