import { AppError, EXIT } from "../core/errors.ts"
import { hasErrors, type Issue, issueText } from "../core/issue.ts"
import { lockOwnerText } from "../core/lock-owner.ts"
import { chainTip } from "../core/observe/health.ts"
import { goOn } from "../core/observe/replaced-host.ts"
import { type Observed, type PendingOperation, valueIn } from "../core/observe/state.ts"
import { whoSigns } from "../core/observe/who-signs.ts"
import { loweredPorts } from "../core/plan/lowered-ports.ts"
import type { PreflightFacts, Verb } from "../core/plan/preflight/facts.ts"
import { installReasons } from "../core/plan/preflight/install.ts"
import { resumeReasons } from "../core/plan/preflight/signer.ts"
import { preflight } from "../core/plan/preflight.ts"
import type { Rehearsal } from "../core/plan/rehearsal.ts"
import { imageChanges } from "../core/plan/signer-image.ts"
import type { Step } from "../core/plan/step.ts"
import { hostOf, type Topology, type Validator } from "../core/topology.ts"
import { lookingAnew, waitForLock } from "./await-lock.ts"
import { carryOut, type Moved, stepsOf } from "./carry-out.ts"
import { collect, readHost } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { lockSigner } from "./lock.ts"
import { type Moment, reach, timingOf } from "./moment.ts"
import { operationId } from "./operation-id.ts"
import { pendingOf } from "./pending.ts"
import { askGuard, gatherFacts } from "./preflight-facts.ts"
import { refuseKept } from "./refuse-kept.ts"
import { rehearse } from "./rehearse.ts"
import { ensureImage } from "./steps/install.ts"

export type MoveRequest = { readonly verb: Verb; readonly to: string; readonly validator: string | undefined; readonly when: Moment }

export type MovePlan = {
  readonly validator: string
  readonly from: string | undefined
  readonly to: string
  readonly verb: Verb
  readonly steps: readonly Step[]
  /** What a dry run measured on the real hosts. */
  readonly rehearsal?: Rehearsal
}

export type MoveResult = { readonly kind: "already"; readonly node: string } | { readonly kind: "planned"; readonly plan: MovePlan } | Moved

/** Moves a validator to another node: preflight, confirmation, lock, the swap, proof, receipt. */
export async function move(
  deployment: Deployment,
  request: MoveRequest,
  options: { readonly dryRun: boolean },
  confirm: (plan: MovePlan) => Promise<void>,
): Promise<MoveResult> {
  const validator = validatorFor(deployment.topology, request)
  if (!options.dryRun) await reach(deployment, request.when)
  return lookingAnew(deployment, async () => {
    if (!options.dryRun) await untilFree(deployment, validator)
    return moveNow(deployment, request, validator, options, confirm)
  })
}

/** With `--lock-wait`: whoever is at work on the signer ends first, so that the look after it sees what they did. */
async function untilFree(deployment: Deployment, validator: Validator): Promise<void> {
  if (deployment.lockWaitMs === undefined) return
  await waitForLock(deployment, `the signer of ${validator.name}`, async () => {
    const host = valueIn(await readHost(deployment, hostOf(deployment.topology, validator.signerHost)))
    const holder = host?.signers.get(validator.name)?.lockedBy
    if (holder !== undefined) throw lockedBy(validator, holder)
  })
}

async function moveNow(
  deployment: Deployment,
  request: MoveRequest,
  validator: Validator,
  options: { readonly dryRun: boolean },
  confirm: (plan: MovePlan) => Promise<void>,
): Promise<MoveResult> {
  const { topology, files } = deployment
  const observed = await collect(deployment)
  const pending = pendingOf(observed, validator)
  const who = whoSigns(topology, observed, validator)
  // Staying where it signs ends what was left half-way; a failover may take its place, since its target may be the node that is lost.
  // Where it already signs at the target that was wanted, only --resume knows which node is still to be parked.
  const staysPut = pending !== undefined && pending.to !== request.to && who.kind === "active" && who.node === request.to
  if (pending && request.verb === "promote" && !staysPut) throw await unfinished(deployment, validator, pending)
  if (!pending && who.kind === "active" && who.node === request.to && who.attached) return { kind: "already", node: request.to }
  const facts = staysPut ? undefined : await gatherFacts(deployment, observed, validator, request.to, request.verb)
  const judge = (now: Observed, guard: PreflightFacts["guard"]) =>
    facts
      ? [
          ...preflight(topology, now, validator, request.to, request.verb, { ...facts, guard }),
          ...(request.verb === "promote" ? installReasons(topology, files, now, validator) : []),
          ...(request.verb === "failover" ? loweredPorts(topology, now) : []),
        ]
      : resumeReasons(topology, now, validator, guard)
  const issues = judge(observed, facts ? facts.guard : await askGuard(deployment, observed, validator))
  refuseKept(deployment, observed, validator, [request.to, who.kind === "active" ? who.node : undefined])
  refuseFor(request, validator, issues, facts?.lock)
  for (const issue of issues) deployment.report({ kind: "note", text: issueText(issue) })
  const aim = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  // A signer that is aimed at the target already, and was never started there, still comes from where the other operation took it.
  const from = staysPut ? pending.to : aim === request.to ? (pending?.from ?? aim) : aim
  const timing = timingOf(request.when)
  const plan: MovePlan = {
    validator: validator.name,
    from,
    to: request.to,
    verb: request.verb,
    steps: stepsOf(deployment, observed, validator, { kind: request.verb, to: request.to, from }, timing),
  }
  if (options.dryRun) return { kind: "planned", plan: { ...plan, rehearsal: await rehearse(deployment, validator, request.to, timing) } }
  await confirm(plan)
  if (deployment.signal.aborted) throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted, nothing was changed")
  // May take long, and fail; both are better before anything is recorded.
  if (request.verb === "promote" && imageChanges(topology, files, observed, validator))
    await ensureImage(deployment, validator.signerHost, topology.images.tmkms)
  const expected = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.epoch ?? 0
  const lock = await lockSigner(deployment, validator, `${request.verb} ${request.to}`, expected)
  try {
    // The confirmation may have taken a while: all of it is looked at again, now that nobody else may change it.
    const [now, guard] = await Promise.all([collect(deployment, observed), askGuard(deployment, observed, validator)])
    refuseKept(deployment, now, validator, [request.to, from])
    refuseFor(request, validator, judge(now, guard))
    const operation: PendingOperation = {
      id: operationId(deployment.clock, `${request.verb}-${validator.name}`),
      kind: request.verb,
      from,
      to: request.to,
      by: deployment.operator,
      since: new Date(deployment.clock.wallMs()).toISOString(),
      startHeight: chainTip(now)?.height ?? 0,
    }
    if (deployment.signal.aborted) throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted, nothing was changed")
    await lock.control.writeOperation(operation)
    return await carryOut(deployment, validator, lock, operation, now, timing)
  } finally {
    await lock.release()
  }
}

/** A live owner of the lock is worth more than its record: then the answer is "wait", not "resume". */
async function unfinished(deployment: Deployment, validator: Validator, operation: PendingOperation): Promise<AppError> {
  const lock = await lockSigner(deployment, validator, "a look at an unfinished operation")
  const isFinished = await collect(deployment)
    .then((now) => pendingOf(now, validator) === undefined)
    .finally(() => lock.release())
  if (isFinished) {
    // Its owner was at work when we looked, and has ended it since.
    const message = `the signer of ${validator.name} was locked by ${operation.by} for ${operation.kind} ${operation.to}, which has just ended`
    return new AppError("LOCK_HELD", EXIT.lockHeld, message, {
      hint: "`gonka-ha status` shows who signs; run the command again if it is still wanted",
      retry: true,
    })
  }
  return new AppError(
    "HALF_WAY",
    EXIT.halfWay,
    `${operation.kind} to ${operation.to} was begun ${operation.since} by ${operation.by} and not finished`,
    {
      hint:
        operation.kind === "replace"
          ? `run \`${goOn(operation, validator)}\``
          : "run `gonka-ha promote --resume`, or `--abort` to take it back; if its target is lost, `gonka-ha promote` the node that signs now, or `gonka-ha failover` to another one when none does",
    },
  )
}

/** Warnings alone stop nothing. @throws AppError LOCK_HELD when somebody is at work on the signer, else REFUSED */
function refuseFor(request: MoveRequest, validator: Validator, reasons: readonly Issue[], holder?: string): void {
  if (holder !== undefined) throw lockedBy(validator, holder, reasons)
  if (hasErrors(reasons))
    throw new AppError("REFUSED", EXIT.refused, `${request.verb} ${request.to} is refused, nothing was changed`, { issues: reasons })
}

function lockedBy(validator: Validator, holder: string, issues: readonly Issue[] = []): AppError {
  return new AppError("LOCK_HELD", EXIT.lockHeld, `the signer of ${validator.name} is locked by ${lockOwnerText(holder)}`, { issues })
}

function validatorFor(topology: Topology, { to, validator }: MoveRequest): Validator {
  const choices = topology.validators.filter(
    (candidate) => candidate.candidates.includes(to) && (validator === undefined || candidate.name === validator),
  )
  const [choice, second] = choices
  if (choice && !second) return choice
  const known = topology.nodes.filter((node) => node.candidateOf.length > 0).map((node) => node.name)
  throw choice
    ? new AppError("USAGE", EXIT.usage, `${to} is a candidate of ${choices.map((candidate) => candidate.name).join(" and ")}`, {
        hint: "say which with --validator",
      })
    : new AppError("USAGE", EXIT.usage, `${to} is not a candidate${validator === undefined ? "" : ` of validator ${validator}`}`, {
        hint: `candidates: ${known.join(", ")}`,
      })
}
