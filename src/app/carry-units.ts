import { AppError, EXIT } from "../core/errors.ts"
import { assess, chainTip } from "../core/observe/health.ts"
import type { Observed } from "../core/observe/state.ts"
import { nextUnits, type UnitState } from "../core/plan/next-units.ts"
import { stepTitle } from "../core/plan/step.ts"
import { whyToWait } from "../core/plan/unavailability.ts"
import { titleOf, type UnitName, type UpUnit, unitName, unitTitle } from "../core/plan/up-units.ts"
import { nodeOf, validatorOf } from "../core/topology.ts"
import { carrySteps } from "./carry-steps.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import type { Progress } from "./execute.ts"
import type { Journal } from "./journal.ts"
import type { Planned } from "./look-and-plan.ts"
import type { SharedLocks } from "./shared-locks.ts"
import { showLastLines } from "./show-last-lines.ts"
import type { UpVerb } from "./up.ts"
import { waitFor } from "./wait.ts"

export type Outcome = {
  readonly failed: { readonly what: string; readonly error: unknown }[]
  readonly skipped: { readonly unit: UpUnit; readonly because: string }[]
  /** How each unit has ended. */
  readonly states: Map<UnitName, UnitState>
  /** Something has failed without which nothing can go on. */
  isOver: boolean
}

type Around = {
  readonly journal: Journal
  readonly operation: string
  readonly verb: UpVerb
  readonly locks: SharedLocks
  readonly progress: Progress
  /** Throws when the hosts are not ours any more. */
  readonly stillOurs: () => void
  /** Hosts that gave no lock, each with why: nothing is done there. */
  readonly lacking: ReadonlyMap<string, unknown>
  readonly parallel: number
}

/** Another node of the kind is away; it may be one that was just restarted and is on its way. */
const ROOM_STALL_MS = 90_000

/**
 * Carries out the units of a plan as far as each can be. Which one is next is decided anew whenever one has ended; and its steps are those of a
 * look at that moment, not of the one that the plan was made from.
 * @param look a new look at all hosts, and what is to be done by now
 * @param before what became of units of the same plan that came first
 */
export async function carryUnits(
  deployment: Deployment,
  around: Around,
  agreed: Planned,
  look: () => Promise<Planned>,
  before?: Outcome,
): Promise<Outcome> {
  const { units } = agreed.plan
  const states = new Map<UnitName, UnitState>([...(before?.states ?? []), ...units.map((unit) => [unitName(unit), "waiting"] as const)])
  const outcome: Outcome = { failed: [], skipped: [], states, isOver: before?.isOver ?? false }
  const running = new Map<UnitName, Promise<void>>()
  let last = agreed
  let isOutdated = false
  const skip = (unit: UpUnit, because: string) => {
    states.set(unitName(unit), "skipped")
    outcome.skipped.push({ unit, because })
    deployment.report({ kind: "step-skipped", title: unitTitle(unit), host: unit.host, reason: because })
  }
  const fail = (unit: UpUnit, error: unknown) => {
    states.set(unitName(unit), "failed")
    outcome.failed.push({ what: unitTitle(unit), error })
    isOutdated = true
    if (endsEverything(error)) outcome.isOver = true
  }
  for (;;) {
    // Whether a sentry still serves the rest decides about the rest.
    if (isOutdated && !outcome.isOver && !deployment.signal.aborted && [...states.values()].includes("waiting")) {
      isOutdated = false
      last = await look().catch(() => last)
    }
    const next = nextUnits(units, states, { isSentryFresh: isSentryFresh(deployment, last.observed), parallel: around.parallel })
    for (const { unit, because } of next.skip) skip(unit, because)
    if (next.skip.length > 0) continue
    if (next.start.length > 0 && !outcome.isOver && !deployment.signal.aborted) {
      try {
        last = await look()
      } catch (error) {
        // What runs ends in order before anybody hears of it, a bug included.
        for (const unit of next.start) fail(unit, error)
        outcome.isOver = true
        continue
      }
      if (around.verb === "up") around.locks.seen(last.epochs)
      for (const unit of next.start) {
        const name = unitName(unit)
        states.set(name, "running")
        const work = carryUnit(deployment, around, unit, last, { look, states }).then(
          () => void states.set(name, "done"),
          (error: unknown) => fail(unit, error),
        )
        running.set(
          name,
          work.finally(() => running.delete(name)),
        )
      }
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }
  const left = units.filter((unit) => states.get(unitName(unit)) === "waiting")
  const hasFailed = outcome.failed.length > 0 || (before?.failed.length ?? 0) > 0
  if (left.length > 0 && deployment.signal.aborted && !hasFailed) throw interrupted(left)
  for (const unit of left) skip(unit, deployment.signal.aborted ? "interrupted" : "something that concerns everything has failed")
  return outcome
}

async function carryUnit(
  deployment: Deployment,
  around: Around,
  agreed: UpUnit,
  { observed, plan }: Planned,
  others: { readonly look: () => Promise<Planned>; readonly states: ReadonlyMap<UnitName, UnitState> },
): Promise<void> {
  const { topology } = deployment
  const lacked = around.lacking.get(agreed.host)
  if (lacked !== undefined) throw lacked
  const host = observed.hosts.get(agreed.host)
  if (host?.kind !== "seen")
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `${agreed.host} cannot be asked: ${host?.reason ?? "it was not"}`)
  const unit = plan.units.find((each) => unitName(each) === unitName(agreed))
  // Whoever did it meanwhile: it is as it should be.
  if (!unit) {
    const held = agreed.kind === "node" || agreed.kind === "signer" ? plan.heldBack.find(({ path }) => path === agreed.id) : undefined
    if (held) throw new AppError("REFUSED", EXIT.halfWay, held.message, held.fix === undefined ? {} : { hint: held.fix })
    around.progress.of -= agreed.steps.length
    return
  }
  if (unit.isCareful && unit.kind === "node" && (await waitForRoom(deployment, unit, observed))) {
    // Much may have changed while there was none: who signs, for one.
    const again = await others.look()
    if (around.verb === "up") around.locks.seen(again.epochs)
    return carryUnit(deployment, around, agreed, again, others)
  }
  // Its host's files would come with another part by now, which nobody has agreed to: without them it would only seem to be done.
  const missing = unit.files.find((name) => others.states.get(name) !== "done")
  if (missing !== undefined)
    throw new AppError("REFUSED", EXIT.halfWay, `the files for ${unitTitle(agreed)} come with ${titleOf(missing)} by now`, {
      hint: "run `gonka-ha up` again: it looks anew",
    })
  if (around.verb !== "up") refuseOther(agreed, unit, AGAIN[around.verb])
  around.progress.of += unit.steps.length - agreed.steps.length
  const validators = unit.validators.map((name) => validatorOf(topology, name))
  try {
    await carrySteps(deployment, { ...around, validators }, unit.steps)
  } catch (error) {
    await showLastLines(deployment, unit, error)
    throw error
  }
}

/** A node that is well is only taken away while the others of its kind are there. @returns whether that had to be waited for */
async function waitForRoom(deployment: Deployment, unit: UpUnit, first: Observed): Promise<boolean> {
  const { topology } = deployment
  const node = nodeOf(topology, unit.id)
  if (whyToWait(topology, first, node) === undefined) return false
  await waitFor(deployment, {
    what: `room to touch ${unit.id}`,
    stallMs: ROOM_STALL_MS,
    pollMs: 1000,
    interruptible: true,
    hint: "mend the other one first; `gonka-ha status` shows it",
    look: async () => {
      const why = whyToWait(topology, await collect(deployment), node)
      return why === undefined ? { done: true, value: undefined } : { done: false, progress: why, now: why }
    },
  })
  return true
}

const AGAIN = { apply: "a new plan is needed: gonka-ha plan --out FILE", rollback: "run `gonka-ha rollback` again: it looks anew" } as const

function refuseOther(agreed: UpUnit, now: UpUnit, hint: string): void {
  if (JSON.stringify(agreed.steps) === JSON.stringify(now.steps)) return
  throw new AppError("REFUSED", EXIT.halfWay, `${unitTitle(agreed)} needs other steps by now than the plan has`, {
    issues: now.steps
      .filter((step) => !agreed.steps.some((each) => JSON.stringify(each) === JSON.stringify(step)))
      .map((step) => ({ severity: "error" as const, path: agreed.id, message: `needed now: ${stepTitle(step)}` })),
    hint,
  })
}

/** What concerns one host or node stays there; a lock that somebody else holds, or an interruption, concerns all. */
function endsEverything(error: unknown): boolean {
  return !(error instanceof AppError) || error.exit === EXIT.interrupted || error.exit === EXIT.lockHeld || error.code === "LOCK_LOST"
}

function isSentryFresh({ topology }: Deployment, observed: Observed): boolean {
  const tip = chainTip(observed)
  return topology.nodes.some(
    ({ role, name }) => role === "sentry" && assess(observed.nodes.get(name), tip, topology.policy).verdict === "fresh",
  )
}

function interrupted(left: readonly UpUnit[]): AppError {
  return new AppError("INTERRUPTED", EXIT.interrupted, `interrupted before: ${left.map(unitTitle).join(", ")}`, {
    hint: "run the same command again to go on",
  })
}
