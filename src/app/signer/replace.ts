import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { type FenceMethod, type FenceRecord, fenceSentence } from "../../core/fence-methods.ts"
import type { Issue } from "../../core/issue.ts"
import { chainTip } from "../../core/observe/health.ts"
import { replaceCommand } from "../../core/observe/replaced-host.ts"
import { type Observed, type PendingOperation, valueIn } from "../../core/observe/state.ts"
import { whoSigns } from "../../core/observe/who-signs.ts"
import { planPromote } from "../../core/plan/promote.ts"
import { heldCandidates, planFenceOff, planNewSigner, type Replacement, targetOf } from "../../core/plan/replace.ts"
import { judgeFence } from "../../core/plan/replace-fence.ts"
import { isReplaced, replaceReasons } from "../../core/plan/replace-reasons.ts"
import { imageAndSettings } from "../../core/plan/signer-image.ts"
import type { Step } from "../../core/plan/step.ts"
import type { Receipt } from "../../core/receipt.ts"
import type { Validator } from "../../core/topology.ts"
import { audit } from "../audit.ts"
import { carryOut } from "../carry-out.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import { execute, type Run } from "../execute.ts"
import { handlers } from "../handlers.ts"
import { openJournal } from "../journal.ts"
import { lockSigner, type SignerLock } from "../lock.ts"
import { operationId } from "../operation-id.ts"
import { pendingOf } from "../pending.ts"
import { replacedRecord } from "../signer-records.ts"
import { fenceFacts } from "./fence-facts.ts"
import { replacedValidator } from "./replaced-validator.ts"
import { FenceFailed } from "./silence.ts"

export type ReplaceRequest = {
  /** The lost host. */
  readonly host: string
  readonly validator: string | undefined
  /** Undefined only where a fence was attested before and the command goes on. */
  readonly method: FenceMethod | undefined
  /** Where the new signer starts; undefined to leave it to gonka-ha. */
  readonly node: string | undefined
  readonly oneWitness: boolean
}

export type ReplacePlan = {
  readonly validator: string
  readonly host: string
  readonly newHost: string
  readonly to: string
  readonly method: FenceMethod
  /** To be typed by whoever answers for the fence; undefined when somebody has done so already. */
  readonly sentence: string | undefined
  /** A fence that was attested by an earlier run. */
  readonly attested: FenceRecord | undefined
  /** What a machine sees of the fence. */
  readonly proof: readonly string[]
  readonly steps: readonly Step[]
}

export type ReplaceResult =
  | { readonly kind: "already"; readonly validator: string; readonly newHost: string }
  | { readonly kind: "planned"; readonly plan: ReplacePlan }
  | { readonly kind: "moved"; readonly receipt: Receipt; readonly path: string }

/** Asks for the sentence; says how it was given. @throws AppError CANCELLED, USAGE */
export type Attest = (plan: ReplacePlan) => Promise<FenceRecord["attested"] | undefined>

/**
 * Starts a validator's signer on another host because its own is lost, after the lost one was cut off from the chain (signing.md 6.6). Run
 * again after an interruption it goes on from what is seen; the fence that was attested stays.
 */
export async function replaceSigner(
  deployment: Deployment,
  request: ReplaceRequest,
  options: { readonly dryRun: boolean },
  attest: Attest,
): Promise<ReplaceResult> {
  const { topology } = deployment
  const validator = replacedValidator(topology, request)
  const observed = await collect(deployment)
  if (isReplaced(topology, observed, validator)) return { kind: "already", validator: validator.name, newHost: validator.signerHost }
  const judged = await judge(deployment, observed, validator, request)
  refuseFor(request.host, EXIT.refused, judged.reasons)
  const { replacement, attested, proof } = judged
  if (!replacement) throw new Error("a replacement without a target was not refused")
  const plan: ReplacePlan = {
    validator: validator.name,
    host: request.host,
    newHost: validator.signerHost,
    to: replacement.to,
    method: replacement.method,
    sentence: attested ? undefined : fenceSentence(replacement.method, request.host),
    attested,
    proof,
    steps: stepsLeft(deployment, replacement, observed),
  }
  if (options.dryRun) return { kind: "planned", plan }
  const how = await attest(plan)
  if (!attested && how === undefined) throw new Error("nobody has attested the fence")
  refuseInterrupted(deployment)
  const locks = await lockAll(deployment, observed, validator, request.host)
  try {
    // Typing may have taken a while: all of it is looked at again, now that nobody else may change it.
    const now = await collect(deployment)
    const again = await judge(deployment, now, validator, { ...request, method: replacement.method, node: replacement.to })
    refuseFor(request.host, EXIT.refused, again.reasons)
    refuseInterrupted(deployment)
    const fence = again.attested ?? fenceRecord(deployment, now, replacement, how ?? "typed", again.proof)
    const pending = pendingOf(now, validator)
    const operation: PendingOperation = {
      ...(pending ?? {
        id: operationId(deployment.clock, `replace-${validator.name}`),
        since: new Date(deployment.clock.wallMs()).toISOString(),
        startHeight: fence.tip,
      }),
      kind: "replace",
      from: undefined,
      to: replacement.to,
      by: deployment.operator,
      fence,
    }
    const lock = locks.get(validator.name)
    if (!lock) throw new Error(`the lock of ${validator.name} is not held`)
    await lock.control.writeOperation(operation)
    return await replace(deployment, { ...replacement, tip: fence.tip }, { lock, locks, operation, observed: now })
  } finally {
    await Promise.all([...locks.values()].map((lock) => lock.release()))
  }
}

type Judged = {
  readonly replacement: Replacement | undefined
  readonly attested: FenceRecord | undefined
  readonly proof: readonly string[]
  readonly reasons: readonly Issue[]
}

/** Everything that speaks for and against it, without changing anything. */
async function judge(deployment: Deployment, observed: Observed, validator: Validator, request: ReplaceRequest): Promise<Judged> {
  const { topology, files, secrets } = deployment
  const { host } = request
  const before = pendingOf(observed, validator)
  const kept = before?.kind === "replace" ? before.fence : undefined
  const attested = kept && kept.host === host && (request.method === undefined || request.method === kept.method) ? kept : undefined
  const method = request.method ?? attested?.method
  if (method === undefined) {
    const hint =
      "say --fence ssh, power-off, node-firewall, sentry-firewall or destroyed; `gonka-ha signer replace --help` tells what each means"
    throw new AppError("USAGE", EXIT.usage, `how the signer on ${host} is kept from the chain must be said`, { hint })
  }
  const to = request.node ?? (before?.kind === "replace" ? before.to : undefined) ?? targetOf(topology, observed, validator, host)
  const fence = judgeFence(topology, validator, host, method, await fenceFacts(deployment, validator, host))
  const reasons = replaceReasons(topology, observed, validator, {
    host,
    method,
    to,
    secrets,
    unreadable: await unreadableSecrets(deployment, validator),
    record: await replacedRecord(deployment, validator),
    oneWitness: request.oneWitness,
  })
  const tip = attested?.tip ?? chainTip(observed)?.height ?? 0
  return {
    replacement: to === undefined ? undefined : { topology, files, secrets, validator, host, method, tip, to },
    attested,
    proof: fence.proof,
    reasons: [...fence.reasons, ...reasons, ...imageAndSettings(topology, files, observed)],
  }
}

/** A reference that leads nowhere, or to another key, shows before anything is changed. */
async function unreadableSecrets({ secrets, keys }: Deployment, validator: Validator): Promise<readonly string[]> {
  const reasons: string[] = []
  for (const secret of secrets) {
    if (secret.host !== validator.signerHost || secret.source.kind !== "reference") continue
    try {
      await keys.readSecret(secret)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      reasons.push(reasonOf(error))
    }
  }
  return reasons
}

function fenceRecord(
  { operator, clock }: Deployment,
  observed: Observed,
  { method, host }: Replacement,
  attested: FenceRecord["attested"],
  proof: readonly string[],
): FenceRecord {
  const tip = chainTip(observed)?.height
  if (tip === undefined) throw new Error("a replacement was allowed without a node that answers")
  const at = new Date(clock.wallMs()).toISOString()
  return { method, host, sentence: fenceSentence(method, host), attested, by: operator, at, tip, proof: shortened(proof) }
}

/** It is read back with the operation, of which a look takes in four kilobytes. */
function shortened(proof: readonly string[]): readonly string[] {
  return proof.slice(0, 8).map((line) => line.slice(0, 160))
}

/** What is left to do, as it looks now; each part is planned anew when it comes to it. */
function stepsLeft({ topology, files }: Deployment, replacement: Replacement, observed: Observed): readonly Step[] {
  const { validator, to } = replacement
  const last = planPromote(topology, files, observed, validator, to, undefined, "at-once")
  const isNew = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.aim === undefined
  if (!isNew) return last
  // The parts before it have created the container and parked the node by then.
  const start = last.filter(
    (step) =>
      step.kind !== "service.create" && step.kind !== "standby.park" && !(step.kind === "port.give" && step.args.owner === "parking"),
  )
  return [...planFenceOff(replacement, observed), ...planNewSigner(replacement, observed), ...start]
}

type Begun = {
  readonly lock: SignerLock
  readonly locks: ReadonlyMap<string, SignerLock>
  readonly operation: PendingOperation
  readonly observed: Observed
}

async function replace(
  deployment: Deployment,
  replacement: Replacement,
  { lock, locks, operation, observed }: Begun,
): Promise<Extract<ReplaceResult, { kind: "moved" }>> {
  const { topology } = deployment
  const { validator, host } = replacement
  try {
    if (valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.aim === undefined)
      await prepare(deployment, replacement, { lock, locks, operation, observed })
    const now = await collect(deployment)
    const who = whoSigns(topology, now, validator)
    if (who.kind === "conflict")
      throw new AppError("REFUSED", EXIT.halfWay, who.reasons.join("; "), { hint: "stop and remove all but one signer first" })
    return await carryOut(deployment, validator, lock, operation, now, "at-once")
  } catch (error) {
    throw halfWay(error, host)
  }
}

/** Everything up to the moment when the new signer may start: a crash at any point of it leaves a key that is nowhere, or a signer without an aim. */
async function prepare(deployment: Deployment, replacement: Replacement, { lock, locks, operation, observed }: Begun): Promise<void> {
  const { validator, host } = replacement
  const journal = openJournal(deployment, operation.id, validator)
  const run: Run = {
    deployment,
    operation: operation.id,
    facts: {},
    journal,
    control: (name) => {
      const held = locks.get(name)
      if (!held) throw new Error(`the lock of ${name} is not held`)
      return held.control
    },
    stillOurs: () => {
      for (const held of locks.values()) held.stillOurs()
    },
    onStopped: async () => {},
    locked: (work) => work(),
  }
  await journal.write({
    at: "begins",
    operation: operation.id,
    kind: "replace",
    by: deployment.operator,
    to: operation.to,
    epoch: lock.control.epoch,
  })
  const { fence } = operation
  if (!fence) throw new Error("a replacement was begun without a fence")
  await journal.write({ at: "note", text: `fence of ${host}: ${JSON.stringify(fence)}` })
  await audit(
    deployment,
    [validator.signerHost],
    `replace ${host}: fence ${fence.method}, "${fence.sentence}" (${fence.attested}) (${operation.id})`,
  )
  try {
    await execute(planFenceOff(replacement, observed), handlers, run)
    const moved = await collect(deployment)
    refuseHeld(replacement, moved)
    await execute(planNewSigner(replacement, moved), handlers, run)
    await lock.control.write("aim", replacement.to)
  } catch (error) {
    // What was attested is not so. The next run must not go by it.
    if (error instanceof FenceFailed) {
      const { fence: _, ...open } = operation
      await lock.control.writeOperation(open)
    }
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    await audit(deployment, [validator.signerHost], `replace ${host}: stopped: ${reasonOf(error)} (${operation.id})`)
    throw error
  }
}

/** A node at which another validator signs is not restarted under it; as long as it has the old port, the fence has a hole. */
function refuseHeld(replacement: Replacement, observed: Observed): void {
  const held = heldCandidates(replacement, observed)
  if (held.length === 0) return
  const issues = held.map(
    ({ node, by }): Issue => ({
      severity: "error",
      path: node,
      message: `${by} signs through it, so its privval port cannot move now, and the lost signer may still dial it`,
      fix: `move ${by} to another node, whose port has moved: \`gonka-ha promote NODE --validator ${by}\``,
    }),
  )
  throw new AppError("HALF_WAY", EXIT.halfWay, "not every candidate has closed the port that the lost signer dials", { issues })
}

function halfWay(error: unknown, host: string): unknown {
  if (!(error instanceof AppError) || error instanceof FenceFailed) return error
  const again = `run \`${replaceCommand(host)}\` again: it goes on from what it sees`
  // The part that every move ends with speaks of a promotion; what is behind that says what to do.
  const own = (error.cause instanceof AppError ? error.cause : error).hint
  return new AppError(error.code, error.exit === EXIT.interrupted ? error.exit : EXIT.halfWay, error.message, {
    hint: own === undefined ? again : `${own}; then ${again}`,
    issues: error.issues,
    cause: error,
  })
}

/** Of every validator that shares the nodes as well: its standbys are restarted. */
async function lockAll(deployment: Deployment, observed: Observed, validator: Validator, host: string): Promise<Map<string, SignerLock>> {
  const sharing = deployment.topology.validators.filter(({ candidates }) => candidates.some((node) => validator.candidates.includes(node)))
  const locks = new Map<string, SignerLock>()
  try {
    for (const each of sharing) {
      const epoch = valueIn(observed.hosts.get(each.signerHost))?.signers.get(each.name)?.epoch ?? 0
      locks.set(each.name, await lockSigner(deployment, each, `signer replace ${host}`, epoch))
    }
    return locks
  } catch (error) {
    await Promise.all([...locks.values()].map((lock) => lock.release()))
    throw error
  }
}

function refuseFor(host: string, exit: typeof EXIT.refused, issues: readonly Issue[]): void {
  if (issues.length > 0) throw new AppError("REFUSED", exit, `signer replace ${host} is refused, nothing was changed`, { issues })
}

function refuseInterrupted({ signal }: Deployment): void {
  if (signal.aborted) throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted, nothing was changed")
}
