import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { MoveAway } from "../core/plan/changed-seat.ts"
import type { Step } from "../core/plan/step.ts"
import type { UpPlan } from "../core/plan/up.ts"
import { type UpUnit, unitName, unitTitle } from "../core/plan/up-units.ts"
import { nodeOf } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { halfWay } from "./carry-steps.ts"
import { carryUnits, type Outcome } from "./carry-units.ts"
import type { Deployment } from "./deployment.ts"
import type { Progress } from "./execute.ts"
import { type HostLocks, lockHosts } from "./host-lock.ts"
import { openJournal } from "./journal.ts"
import { lookAndPlan, type Planned, type UpRequest } from "./look-and-plan.ts"
import { move } from "./move.ts"
import { operationId } from "./operation-id.ts"
import { SharedLocks } from "./shared-locks.ts"

export type UpResult = {
  readonly changed: boolean
  readonly plan: UpPlan
  /** How many steps were carried out. */
  readonly steps: number
}

/** Decides whether a plan is carried out; throws AppError CANCELLED when not. */
export type Confirm = (plan: UpPlan) => Promise<void>

/** Commands that carry out a plan; all but `up` do exactly the steps that were agreed to, or none of a part. */
export type UpVerb = "up" | "apply" | "rollback"

/** How a plan is carried out. */
export type Way = UpRequest & {
  /** Parts that are worked on at a time. */
  readonly parallel?: number
  /** The longest time that a step may wait. */
  readonly waitLimitMs?: number
}

/** Each part holds one or two SSH sessions and may load a host; more than that helps nobody. */
const PARALLEL = 8

/** Brings the deployment up or makes it match its files; what is right already is not touched. */
export async function up(deployment: Deployment, way: Way & { readonly dryRun: boolean }, confirm: Confirm): Promise<UpResult> {
  const planned = await lookAndPlan(deployment, way)
  return way.dryRun ? { changed: false, plan: planned.plan, steps: 0 } : carryPlan(deployment, planned, "up", way, confirm)
}

/**
 * Asks, and then does what a plan says, part by part, looking at all hosts anew before each. A part that fails takes along only what depends
 * on it.
 * @param verb the command that does it, for journals, locks and audit lines
 */
export async function carryPlan(whole: Deployment, planned: Planned, verb: UpVerb, way: Way, confirm: Confirm): Promise<UpResult> {
  const deployment: Deployment = way.waitLimitMs === undefined ? whole : { ...whole, waitLimitMs: way.waitLimitMs }
  const { plan } = planned
  const { topology } = deployment
  if (plan.steps.length === 0 && plan.moves.length === 0) return { changed: false, plan, steps: 0 }
  await confirm(plan)
  await readReferences(deployment, plan.steps)
  const hosts = [...new Set([...plan.units.map(({ host }) => host), ...plan.moves.map(({ from }) => nodeOf(topology, from).host)])]
  // A host that cannot even write a lock is a part that fails, like any other trouble of one host.
  const hostLocks = await lockHosts(deployment, hosts, `gonka-ha ${verb}`, { mayLack: true })
  try {
    return await carryLocked(deployment, planned, verb, way, hostLocks)
  } finally {
    await hostLocks.release()
  }
}

async function carryLocked(
  deployment: Deployment,
  planned: Planned,
  verb: UpVerb,
  way: Way,
  { epochs, lacking, stillOurs }: HostLocks,
): Promise<UpResult> {
  const { plan } = planned
  const hosts = [...epochs.keys()]
  const operation = operationId(deployment.clock, verb)
  const journal = openJournal(deployment, operation)
  await journal.write({ at: "begins", operation, kind: "up", by: deployment.operator })
  const progress: Progress = { begun: 0, of: plan.steps.length }
  const locks = new SharedLocks(deployment, verb, planned.epochs)
  const around = { journal, operation, verb, locks, progress, stillOurs, lacking, parallel: way.parallel ?? PARALLEL }
  // A lost host in the middle is a part that fails, and not the end of all others.
  const later: UpRequest = { ...way, allowUnreachable: true }
  const look = () => lookAndPlan(deployment, later)
  try {
    const of = (units: readonly UpUnit[]): Planned => ({ ...planned, plan: { ...plan, units } })
    const isLast = ({ kind }: UpUnit) => kind === "balancer"
    const outcome = await carryUnits(deployment, around, of(plan.units.filter((unit) => !isLast(unit))), look)
    for (const away of plan.moves) {
      const isLeft = await leave(deployment, around, away, look, outcome)
      outcome.states.set(unitName({ kind: "node", id: away.from }), isLeft ? "done" : "failed")
    }
    // An active node that had to be changed has been by now.
    const last = await carryUnits(deployment, around, of(plan.units.filter(isLast)), look, outcome)
    failFor({ failed: [...outcome.failed, ...last.failed], skipped: [...outcome.skipped, ...last.skipped] })
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hosts, `${verb}: ${progress.begun} steps done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    deployment.report({ kind: "note", text: `what was done stays; run \`gonka-ha ${verb === "rollback" ? verb : "up"}\` again to go on` })
    await audit(deployment, hosts, `${verb}: stopped: ${reasonOf(error)} (${operation})`)
    throw halfWay(error)
  }
  return { changed: true, plan, steps: progress.begun }
}

/**
 * Promotes another candidate, by everything that a promotion has, and then brings up the node that was left.
 * @returns whether that node is as it should be now
 */
async function leave(
  deployment: Deployment,
  around: Parameters<typeof carryUnits>[1],
  agreed: MoveAway,
  look: () => Promise<Planned>,
  outcome: Outcome,
): Promise<boolean> {
  const { validator, from } = agreed
  const { host } = nodeOf(deployment.topology, from)
  const lacked = around.lacking.get(host)
  if (lacked !== undefined) {
    outcome.failed.push({ what: `promotion away from ${from}`, error: lacked })
    return false
  }
  if (deployment.signal.aborted)
    throw new AppError("INTERRUPTED", EXIT.interrupted, `interrupted before the promotion away from ${from}`, {
      hint: "run the same command again to go on",
    })
  // Who signs is only changed where everything else went well.
  if (outcome.failed.length > 0 || around.lacking.size > 0) {
    const reason =
      outcome.failed.length > 0 ? "something else has failed before it" : `${[...around.lacking.keys()].join(", ")} gave no lock`
    deployment.report({ kind: "step-skipped", title: `promotion away from ${from}`, reason })
    return false
  }
  const again = await look()
  // The standby may be another one by now, or none; and then the plan says why.
  const away = again.plan.moves.find((each) => each.validator === validator && each.from === from)
  if (!away) {
    const held = again.plan.heldBack.find(({ path }) => path === from)
    // Nothing is held back where somebody has changed the node meanwhile: it is as it should be.
    if (held)
      outcome.failed.push({
        what: `promotion away from ${from}`,
        error: new AppError("REFUSED", EXIT.halfWay, held.message, held.fix === undefined ? {} : { hint: held.fix }),
      })
    return held === undefined
  }
  if (around.verb === "apply" && away.to !== agreed.to)
    throw new AppError("REFUSED", EXIT.halfWay, `the plan promotes ${agreed.to}, and by now it would be ${away.to}`, {
      hint: "a new plan is needed: gonka-ha plan --out FILE",
    })
  // A limit that is meant for nodes must not cut the proof of a promotion short.
  const { waitLimitMs: _, ...unlimited } = deployment
  deployment.report({ kind: "note", text: `${validator}: promoting ${away.to}, so that ${from} can be restarted` })
  try {
    await move(unlimited, { verb: "promote", to: away.to, validator, when: { kind: "gap" } }, { dryRun: false }, async () => {})
    // From here on it is not true any more that nothing was changed.
    around.progress.begun++
    around.progress.of++
  } catch (error) {
    if (!(error instanceof AppError) || error.exit === EXIT.halfWay || error.exit === EXIT.interrupted) throw error
    outcome.failed.push({ what: `promotion of ${away.to}`, error })
    return false
  }
  const left = await look()
  const units = left.plan.units.filter(({ kind, id }) => kind === "node" && id === from)
  around.progress.of += units.flatMap(({ steps }) => steps).length
  around.locks.seen(left.epochs)
  const result = await carryUnits(deployment, around, { ...left, plan: { ...left.plan, units } }, look)
  outcome.failed.push(...result.failed)
  outcome.skipped.push(...result.skipped)
  outcome.isOver ||= result.isOver
  return result.failed.length === 0 && result.skipped.length === 0
}

/** One failure speaks for itself; of several, each is named. */
function failFor({ failed, skipped }: Pick<Outcome, "failed" | "skipped">): void {
  const [first, ...others] = failed
  if (!first && skipped.length === 0) return
  if (first && others.length === 0 && skipped.length === 0) throw first.error
  const stop = failed.find(({ error }) => error instanceof AppError && (error.exit === EXIT.interrupted || error.exit === EXIT.lockHeld))
  if (stop) throw stop.error
  throw new AppError(
    "HALF_WAY",
    EXIT.halfWay,
    failed.length === 0
      ? "not everything was done"
      : `${failed.map(({ what }) => what).join(", ")} failed; the rest was done as far as it could be`,
    {
      issues: [
        ...failed.map(({ what, error }) => ({
          severity: "error" as const,
          path: what,
          message: reasonOf(error),
          ...(error instanceof AppError && error.hint !== undefined ? { fix: error.hint } : {}),
        })),
        ...skipped.map(({ unit, because }) => ({ severity: "warning" as const, path: unitTitle(unit), message: `skipped: ${because}` })),
      ],
    },
  )
}

/** A reference that leads nowhere, or to another key, shows before anything is changed. */
async function readReferences({ secrets, keys }: Deployment, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.kind !== "secrets.push") continue
    const pushed = secrets.filter(({ host, path }) => host === step.args.host && step.args.paths.includes(path))
    for (const secret of pushed) if (secret.source.kind === "reference") await keys.readSecret(secret)
  }
}
