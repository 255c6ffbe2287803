import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { namedNode } from "../core/named.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { containerOf } from "../core/observe/who-signs.ts"
import { type Measured, planResync, type ResyncPlan } from "../core/plan/resync.ts"
import { type ChainNode, serviceName, validatorOf } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { lookingAnew } from "./await-lock.ts"
import { carrySteps, halfWay } from "./carry-steps.ts"
import { measureData } from "./chain-data.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import type { Progress } from "./execute.ts"
import { lockHosts } from "./host-lock.ts"
import { openJournal } from "./journal.ts"
import { operationId } from "./operation-id.ts"
import { SharedLocks } from "./shared-locks.ts"
import { asideOf } from "./steps/data-renew.ts"

export type ResyncRequest = {
  readonly node: string
  /** The sibling whose data is copied. */
  readonly from: string | undefined
  readonly costAccepted: boolean
  readonly dryRun: boolean
}

export type Resynced = {
  readonly plan: ResyncPlan
  /** Where the node's earlier chain data lies; undefined when nothing was done. */
  readonly aside: { readonly host: string; readonly dir: string; readonly bytes: number } | undefined
}

/**
 * Gives a node new chain data, from a snapshot or from a sibling, and waits until it is fresh. Who signs stays as it is.
 * @param confirm throws AppError CANCELLED when it is not to be done
 * @throws AppError USAGE, HOST_UNREACHABLE, LOCK_HELD, REFUSED with every reason; HALF_WAY once it has begun
 */
export async function resync(
  deployment: Deployment,
  request: ResyncRequest,
  confirm: (plan: ResyncPlan) => Promise<void>,
): Promise<Resynced> {
  return lookingAnew(deployment, () => resyncNow(deployment, request, confirm))
}

async function resyncNow(deployment: Deployment, request: ResyncRequest, confirm: (plan: ResyncPlan) => Promise<void>): Promise<Resynced> {
  const { topology, files } = deployment
  const node = namedNode(topology, request.node)
  const sibling = request.from === undefined ? undefined : namedNode(topology, request.from)
  if (sibling?.name === node.name) throw new AppError("USAGE", EXIT.usage, `${node.name} cannot be copied from itself`)
  const observed = await collect(deployment)
  for (const each of [node, ...(sibling ? [sibling] : [])]) refuseUnlessThere(deployment, observed, each)
  const [target, source] = await Promise.all([measured(deployment, node), sibling && measured(deployment, sibling)])
  const plan = planResync(topology, files, observed, { target, sibling: source, costAccepted: request.costAccepted })
  if ("refused" in plan) throw new AppError("REFUSED", EXIT.refused, `${node.name} is not resynced`, { issues: plan.refused })
  if (request.dryRun) return { plan, aside: undefined }
  await confirm(plan)
  const expected = new Map(hostsOf(deployment, node, plan).map((host) => [host, valueIn(observed.hosts.get(host))?.lock.epoch ?? 0]))
  const lock = await lockHosts(deployment, expected.keys(), `gonka-ha resync ${node.name}`, { expected })
  let operation: string
  try {
    operation = await carry(deployment, observed, node, plan, lock.stillOurs)
  } finally {
    await lock.release()
  }
  return { plan, aside: { host: node.host, dir: `${topology.dir}/${asideOf(node, operation)}`, bytes: target.data.dataBytes } }
}

async function measured(deployment: Deployment, node: ChainNode): Promise<Measured> {
  return { node, data: await measureData(deployment, node) }
}

function refuseUnlessThere({ topology }: Deployment, observed: Observed, node: ChainNode): void {
  const reading = observed.hosts.get(node.host)
  if (reading?.kind !== "seen") {
    const message = `the host of ${node.name} cannot be asked: ${reading?.reason ?? "not observed"}`
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, message)
  }
  if (containerOf(topology, reading.value, serviceName.node(node.name)) === undefined)
    throw new AppError("REFUSED", EXIT.refused, `${node.name} has no container on ${node.host}`, {
      hint: "`gonka-ha up` makes it, and it begins as a new node does",
    })
}

/** @returns the operation's id */
async function carry(
  deployment: Deployment,
  observed: Observed,
  node: ChainNode,
  plan: ResyncPlan,
  stillOurs: () => void,
): Promise<string> {
  const validators = plan.validators.map((name) => validatorOf(deployment.topology, name))
  const epochs = new Map(
    validators.map(({ name, signerHost }) => [name, valueIn(observed.hosts.get(signerHost))?.signers.get(name)?.epoch ?? 0]),
  )
  const operation = operationId(deployment.clock, "resync")
  const journal = openJournal(deployment, operation)
  const progress: Progress = { begun: 0, of: plan.steps.length }
  const what = `resync of ${node.name}${plan.from === undefined ? "" : ` from ${plan.from}`}`
  const from = plan.from === undefined ? {} : { from: plan.from }
  await journal.write({ at: "begins", operation, kind: "resync", by: deployment.operator, ...from, to: node.name })
  try {
    const locks = new SharedLocks(deployment, `resync ${node.name}`, epochs)
    await carrySteps(deployment, { journal, operation, validators, locks, progress, stillOurs }, plan.steps)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hostsOf(deployment, node, plan), `${what}: done (${operation})`)
    return operation
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    await audit(deployment, hostsOf(deployment, node, plan), `${what}: stopped: ${reasonOf(error)} (${operation})`)
    deployment.report({ kind: "note", text: "what was set aside stays; `gonka-ha up` starts whatever stands still" })
    throw halfWay(error)
  }
}

function hostsOf({ topology }: Deployment, node: ChainNode, { from }: ResyncPlan): readonly string[] {
  return [...new Set([node.host, ...topology.nodes.filter(({ name }) => name === from).map(({ host }) => host)])]
}
