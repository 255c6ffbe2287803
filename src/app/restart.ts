import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { type NamedService, namedService } from "../core/named.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { containerOf } from "../core/observe/who-signs.ts"
import { planBalancerRestart, planRestart, type RestartPlan } from "../core/plan/restart.ts"
import { serviceName, validatorOf } from "../core/topology.ts"
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

export type RestartRequest = {
  /** Or a load balancer, by the name of its container. */
  readonly node: string
  readonly costAccepted: boolean
}

/** What is restarted: the service of that name on its host. */
type Place = { readonly service: string; readonly host: string }

/**
 * Restarts a node's or a load balancer's container as it is, and waits until the node is fresh again, or the load balancer answers. Who signs
 * stays as it is.
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
  const named = namedService(topology, name)
  const place = placeOf(named)
  const observed = await collect(deployment)
  refuseUnlessThere(deployment, observed, place)
  const plan =
    named.kind === "node"
      ? planRestart(topology, files, observed, named.node, { costAccepted })
      : planBalancerRestart(topology, files, observed, named.balancer)
  if ("refused" in plan) throw new AppError("REFUSED", EXIT.refused, `${name} is not restarted`, { issues: plan.refused })
  await confirm(plan)
  const expected = new Map([[place.host, valueIn(observed.hosts.get(place.host))?.lock.epoch ?? 0]])
  const lock = await lockHosts(deployment, [place.host], `gonka-ha restart ${name}`, { expected })
  try {
    await carry(deployment, observed, place, plan, lock.stillOurs)
  } finally {
    await lock.release()
  }
  return plan
}

function placeOf(named: NamedService): Place {
  return named.kind === "node"
    ? { service: serviceName.node(named.node.name), host: named.node.host }
    : { service: serviceName.balancer(named.balancer.name), host: named.balancer.host }
}

function refuseUnlessThere({ topology }: Deployment, observed: Observed, { service, host }: Place): void {
  const reading = observed.hosts.get(host)
  if (reading?.kind !== "seen")
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `the host of ${service} cannot be asked: ${reading?.reason ?? "not observed"}`)
  if (containerOf(topology, reading.value, service) === undefined)
    throw new AppError("REFUSED", EXIT.refused, `${service} has no container on ${host}`, { hint: "`gonka-ha up` makes it" })
}

async function carry(
  deployment: Deployment,
  observed: Observed,
  { service, host }: Place,
  plan: RestartPlan,
  stillOurs: () => void,
): Promise<void> {
  const validators = plan.validators.map((name) => validatorOf(deployment.topology, name))
  const epochs = new Map(
    validators.map(({ name, signerHost }) => [name, valueIn(observed.hosts.get(signerHost))?.signers.get(name)?.epoch ?? 0]),
  )
  const operation = operationId(deployment.clock, "restart")
  const journal = openJournal(deployment, operation)
  const progress: Progress = { begun: 0, of: plan.steps.length }
  await journal.write({ at: "begins", operation, kind: "restart", by: deployment.operator, to: service })
  try {
    const locks = new SharedLocks(deployment, `restart ${service}`, epochs)
    await carrySteps(deployment, { journal, operation, validators, locks, progress, stillOurs }, plan.steps)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, [host], `restart of ${service}: done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    await audit(deployment, [host], `restart of ${service}: stopped: ${reasonOf(error)} (${operation})`)
    throw halfWay(error)
  }
}
