import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { chainTip } from "../core/observe/health.ts"
import { type Observed, type PendingOperation, valueIn } from "../core/observe/state.ts"
import { type WhoSigns, whoSigns } from "../core/observe/who-signs.ts"
import { installReasons, installSteps, type PreflightFacts, preflight, resumeReasons, type Verb } from "../core/plan/preflight.ts"
import { planPromote } from "../core/plan/promote.ts"
import type { Step } from "../core/plan/step.ts"
import type { Receipt } from "../core/receipt.ts"
import type { Topology, Validator } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import { type Journal, openJournal } from "./journal.ts"
import { lockSigner, type SignerLock } from "./lock.ts"
import { operationId } from "./operation-id.ts"
import { askGuard, gatherFacts } from "./preflight-facts.ts"
import { writeReceipt } from "./write-receipt.ts"

export type MoveRequest = { readonly verb: Verb; readonly to: string; readonly validator: string | undefined }

export type MovePlan = {
  readonly validator: string
  readonly from: string | undefined
  readonly to: string
  readonly verb: Verb
  readonly steps: readonly Step[]
}

export type MoveResult =
  | { readonly kind: "already"; readonly node: string }
  | { readonly kind: "planned"; readonly plan: MovePlan }
  | { readonly kind: "moved"; readonly receipt: Receipt; readonly path: string }

/** New plans after a missed pause or a late node; each begins with a fresh look. */
const MAX_ATTEMPTS = 4

/** Moves a validator to another node: preflight, confirmation, lock, the swap, proof, receipt. */
export async function move(
  deployment: Deployment,
  request: MoveRequest,
  options: { readonly dryRun: boolean },
  confirm: (plan: MovePlan) => Promise<void>,
): Promise<MoveResult> {
  const { topology, files } = deployment
  const validator = validatorFor(topology, request)
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
          ...(request.verb === "promote" ? installReasons(files, now, validator) : []),
        ]
      : resumeReasons(topology, now, validator, guard)
  refuseFor(request, judge(observed, facts ? facts.guard : await askGuard(deployment, observed, validator)))
  const aim = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  // A signer that is aimed at the target already, and was never started there, still comes from where the other operation took it.
  const from = staysPut ? pending.to : aim === request.to ? (pending?.from ?? aim) : aim
  const plan: MovePlan = {
    validator: validator.name,
    from,
    to: request.to,
    verb: request.verb,
    steps: stepsOf(deployment, observed, validator, { kind: request.verb, to: request.to, from }),
  }
  if (options.dryRun) return { kind: "planned", plan }
  await confirm(plan)
  if (deployment.signal.aborted) throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted, nothing was changed")
  const expected = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.epoch ?? 0
  const lock = await lockSigner(deployment, validator, `${request.verb} ${request.to}`, expected)
  try {
    // The confirmation may have taken a while: all of it is looked at again, now that nobody else may change it.
    const now = await collect(deployment)
    refuseFor(request, judge(now, await askGuard(deployment, now, validator)))
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
    return await carryOut(deployment, validator, lock, operation, now)
  } finally {
    await lock.release()
  }
}

/** Finishes what a killed or failed command left: looks at the world, and does what is left to do. */
export async function resume(deployment: Deployment, validatorName: string | undefined): Promise<MoveResult> {
  const { topology } = deployment
  if (validatorName !== undefined && !topology.validators.some(({ name }) => name === validatorName)) {
    const known = topology.validators.map(({ name }) => name).join(", ")
    throw new AppError("USAGE", EXIT.usage, `there is no validator ${validatorName}`, { hint: `validators: ${known}` })
  }
  const before = await collect(deployment)
  const unfinishedOf = topology.validators.filter(
    (validator) => (validatorName === undefined || validator.name === validatorName) && pendingOf(before, validator),
  )
  const validator = unfinishedOf[0]
  if (!validator)
    throw new AppError("REFUSED", EXIT.refused, "nothing was left half-way: there is nothing to resume", {
      hint: "`gonka-ha status` shows who signs",
    })
  const lock = await lockSigner(deployment, validator, "promote --resume")
  try {
    const observed = await collect(deployment)
    const operation = pendingOf(observed, validator)
    if (!operation) throw new AppError("REFUSED", EXIT.refused, "the operation was finished meanwhile")
    const guard = await askGuard(deployment, observed, validator)
    const reasons = resumeReasons(topology, observed, validator, guard)
    if (reasons.length > 0)
      throw new AppError("REFUSED", EXIT.halfWay, "the operation stays half-way: it must not go on as things stand", { issues: reasons })
    return await carryOut(deployment, validator, lock, operation, observed)
  } finally {
    await lock.release()
  }
}

async function carryOut(
  deployment: Deployment,
  validator: Validator,
  lock: SignerLock,
  begun: PendingOperation,
  first: Observed,
): Promise<MoveResult> {
  const { topology, report } = deployment
  const journal = openJournal(deployment, begun.id)
  let operation = begun
  const facts: Facts = begun.stopped ? { stopped: begun.stopped } : {}
  const run: Run = {
    deployment,
    facts,
    journal,
    control: () => lock.control,
    stillOurs: lock.stillOurs,
    onStopped: async (state) => {
      operation = { ...operation, stopped: state }
      await lock.control.writeOperation(operation)
    },
  }
  await journal.write({
    at: "begins",
    operation: begun.id,
    kind: begun.kind,
    by: deployment.operator,
    to: begun.to,
    epoch: lock.control.epoch,
    ...(begun.from === undefined ? {} : { from: begun.from }),
  })
  try {
    for (let attempt = 1, observed = first; ; attempt++, observed = await collect(deployment)) {
      try {
        refuseUnclear(whoSigns(topology, observed, validator))
        await execute(stepsOf(deployment, observed, validator, begun), handlers, run)
        break
      } catch (error) {
        if (!(error instanceof AppError) || !error.retry || attempt === MAX_ATTEMPTS) throw error
        delete facts.detachedAt
        report({ kind: "note", text: `${error.message}; looking again (${attempt} of ${MAX_ATTEMPTS - 1})` })
      }
    }
    const { receipt, path } = await writeReceipt(deployment, validator, operation)
    await lock.control.clearOperation()
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, [validator.signerHost], `${begun.kind} ${begun.to}: done, ${receipt.missed.length} missed (${begun.id})`)
    return { kind: "moved", receipt, path }
  } catch (error) {
    await endBadly(journal, error)
    await audit(deployment, [validator.signerHost], `${begun.kind} ${begun.to}: stopped: ${reasonOf(error)} (${begun.id})`)
    throw halfWay(error)
  }
}

/** What is left to do. A failover brings the signer's own files along, since an `up` would wait for the host that is lost. */
function stepsOf(
  { topology, files }: Deployment,
  observed: Observed,
  validator: Validator,
  { kind, to, from }: Pick<PendingOperation, "kind" | "to" | "from">,
): Step[] {
  return [
    ...(kind === "failover" ? installSteps(files, observed, validator) : []),
    ...planPromote(topology, files, observed, validator, to, from),
  ]
}

async function endBadly(journal: Journal, error: unknown): Promise<void> {
  await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
}

/** Once an operation is recorded, every expected failure leaves it half-way, whatever code it had by itself. */
function halfWay(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  if (error.exit === EXIT.interrupted)
    return new AppError(error.code, error.exit, error.message, { hint: "run `gonka-ha promote --resume`", cause: error })
  return new AppError(error.code, EXIT.halfWay, error.message, {
    hint: error.hint ? `${error.hint}; then \`gonka-ha promote --resume\`` : "run `gonka-ha promote --resume`",
    cause: error,
  })
}

/** A new plan is only made of what is known: unknown or doubtful never counts as stopped. */
function refuseUnclear(who: WhoSigns): void {
  if (who.kind === "active" || who.kind === "stopped") return
  const reason = who.kind === "conflict" ? who.reasons.join("; ") : who.kind === "unknown" ? who.reason : "the signer is not set up"
  throw new AppError("REFUSED", EXIT.halfWay, reason, { hint: "the operation stays recorded; go on when this is clear" })
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
    })
  }
  return new AppError(
    "HALF_WAY",
    EXIT.halfWay,
    `${operation.kind} to ${operation.to} was begun ${operation.since} by ${operation.by} and not finished`,
    {
      hint: "run `gonka-ha promote --resume`; if its target is lost, `gonka-ha promote` the node that signs now, or `gonka-ha failover` to another one when none does",
    },
  )
}

function refuseFor(request: MoveRequest, reasons: readonly Issue[]): void {
  if (reasons.length > 0)
    throw new AppError("REFUSED", EXIT.refused, `${request.verb} ${request.to} is refused, nothing was changed`, { issues: reasons })
}

function pendingOf(observed: Observed, validator: Validator): PendingOperation | undefined {
  return valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
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
