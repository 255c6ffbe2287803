import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { segments } from "../core/plan/needs-lock.ts"
import type { Step } from "../core/plan/step.ts"
import { planUp, type UpPlan, unreachableHosts } from "../core/plan/up.ts"
import type { Validator } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Progress, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import { type Journal, openJournal } from "./journal.ts"
import { lockSigner, type SignerLock } from "./lock.ts"
import { operationId } from "./operation-id.ts"
import { recordedReplaced, signerRecord } from "./signer-records.ts"

export type UpResult = { readonly changed: boolean; readonly plan: UpPlan }

/** Decides whether a plan is carried out; throws AppError CANCELLED when not. */
export type Confirm = (plan: UpPlan) => Promise<void>

/** Brings the deployment up or makes it match its files; what is right already is not touched. */
export async function up(deployment: Deployment, options: { readonly dryRun: boolean }, confirm: Confirm): Promise<UpResult> {
  const { plan, epochs } = await planNow(deployment)
  if (plan.steps.length === 0 || options.dryRun) return { changed: false, plan }
  await confirm(plan)
  await readReferences(deployment, plan.steps)
  const operation = operationId(deployment.clock, "up")
  const journal = openJournal(deployment, operation)
  await journal.write({ at: "begins", operation, kind: "up", by: deployment.operator })
  const hosts = [...new Set(plan.steps.flatMap((step) => hostsOf(deployment, step)))]
  const progress: Progress = { begun: 0, of: plan.steps.length }
  try {
    await carryOut(deployment, journal, operation, plan.steps, epochs, progress)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hosts, `up: ${plan.steps.length} steps done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    deployment.report({ kind: "note", text: "what was done stays; run `gonka-ha up` again to go on" })
    await audit(deployment, hosts, `up: stopped: ${reasonOf(error)} (${operation})`)
    throw halfWay(error)
  }
  return { changed: true, plan }
}

/** A reference that leads nowhere, or to another key, shows before anything is changed. */
async function readReferences({ secrets, keys }: Deployment, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.kind !== "secrets.push") continue
    const pushed = secrets.filter(({ host, path }) => host === step.args.host && step.args.paths.includes(path))
    for (const secret of pushed) if (secret.source.kind === "reference") await keys.readSecret(secret)
  }
}

/** Takes the signers' locks only around the steps that need them, and each time makes sure that nobody else worked on a signer since the plan was made. */
async function carryOut(
  deployment: Deployment,
  journal: Journal,
  operation: string,
  steps: readonly Step[],
  epochs: Map<string, number>,
  progress: Progress,
): Promise<void> {
  const facts: Facts = {}
  for (const segment of segments(steps)) {
    const locks = segment.locked ? await lockAll(deployment, epochs) : new Map<string, SignerLock>()
    const run: Run = {
      deployment,
      operation,
      facts,
      journal,
      control: (validator) => {
        const lock = locks.get(validator)
        if (!lock) throw new Error(`the lock of ${validator} is not held`)
        return lock.control
      },
      stillOurs: () => {
        for (const lock of locks.values()) lock.stillOurs()
      },
      onStopped: async () => {},
    }
    try {
      await execute(segment.steps, handlers, run, progress)
    } finally {
      await Promise.all([...locks.values()].map((lock) => lock.release()))
    }
  }
}

async function lockAll(deployment: Deployment, epochs: Map<string, number>): Promise<Map<string, SignerLock>> {
  const locks = new Map<string, SignerLock>()
  try {
    for (const validator of deployment.topology.validators) {
      const lock = await lockSigner(deployment, validator, "gonka-ha up", epochs.get(validator.name) ?? 0)
      locks.set(validator.name, lock)
      epochs.set(validator.name, lock.control.epoch)
    }
    return locks
  } catch (error) {
    await Promise.all([...locks.values()].map((lock) => lock.release()))
    throw error
  }
}

/** Once something was changed, every expected failure leaves the work half-way, whatever code it had by itself. */
function halfWay(error: unknown): unknown {
  if (!(error instanceof AppError) || error.exit === EXIT.interrupted || error.exit === EXIT.lockHeld) return error
  return new AppError(error.code, EXIT.halfWay, error.message, {
    issues: error.issues,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

async function planNow(deployment: Deployment): Promise<{ readonly plan: UpPlan; readonly epochs: Map<string, number> }> {
  const forgotten = await forgottenHosts(deployment)
  if (forgotten.length > 0)
    throw new AppError("REFUSED", EXIT.refused, "up does not touch this deployment as it stands", { issues: forgotten })
  const observed = await collect(deployment)
  const away = unreachableHosts(deployment.topology, observed)
  if (away.length > 0)
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, "not every host can be reached, so nothing was changed", { issues: away })
  const plan = planUp(deployment.topology, deployment.files, deployment.secrets, observed, await recordedSigners(deployment, observed))
  if ("refused" in plan)
    throw new AppError("REFUSED", EXIT.refused, "up does not touch this deployment as it stands", { issues: plan.refused })
  const epochs = new Map(deployment.topology.validators.map((validator) => [validator.name, epochOf(observed, validator)]))
  return { plan, epochs }
}

/**
 * A replaced signer is kept out by the port that was closed to it, and the ports follow from `replaces`: with one of its hosts gone from the
 * file, `up` would open that port again.
 */
async function forgottenHosts(deployment: Deployment): Promise<readonly Issue[]> {
  const issues: Issue[] = []
  for (const validator of deployment.topology.validators) {
    for (const host of await recordedReplaced(deployment, validator)) {
      if (validator.replacedHosts.includes(host)) continue
      issues.push({
        severity: "error",
        path: validator.name,
        message: `its signer on ${host} was replaced, and the file does not say so any more: the nodes would open again the port that it dials`,
        fix: `put ${host} back into signer.replaces, where it was; it stays there for good`,
      })
    }
  }
  return issues
}

/**
 * Validators whose signer this machine has set up before. One that was interrupted before its first start has left its sealed state on the
 * host, and may be set up again.
 */
async function recordedSigners(deployment: Deployment, observed: Observed): Promise<ReadonlySet<string>> {
  const recorded = new Set<string>()
  for (const validator of deployment.topology.validators) {
    const state = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.state
    const isUnfinished = state?.kind === "ok" && state.sealed
    if (!isUnfinished && (await signerRecord(deployment, validator)) !== undefined) recorded.add(validator.name)
  }
  return recorded
}

function epochOf(observed: Observed, validator: Validator): number {
  return valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.epoch ?? 0
}

function hostsOf({ topology }: Deployment, step: Step): string[] {
  if ("host" in step.args) return [step.args.host]
  const node = "node" in step.args ? step.args.node : undefined
  return topology.nodes.filter((candidate) => candidate.name === node).map((candidate) => candidate.host)
}
