import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { segments } from "../core/plan/needs-lock.ts"
import type { Step } from "../core/plan/step.ts"
import type { UpPlan } from "../core/plan/up.ts"
import { audit } from "./audit.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Progress, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import { type Journal, openJournal } from "./journal.ts"
import { lockSigner, type SignerLock } from "./lock.ts"
import { lookAndPlan, type Planned } from "./look-and-plan.ts"
import { operationId } from "./operation-id.ts"

export type UpResult = { readonly changed: boolean; readonly plan: UpPlan }

/** Decides whether a plan is carried out; throws AppError CANCELLED when not. */
export type Confirm = (plan: UpPlan) => Promise<void>

/** Brings the deployment up or makes it match its files; what is right already is not touched. */
export async function up(deployment: Deployment, options: { readonly dryRun: boolean }, confirm: Confirm): Promise<UpResult> {
  const planned = await lookAndPlan(deployment)
  return options.dryRun ? { changed: false, plan: planned.plan } : carryPlan(deployment, planned, "up", confirm)
}

/** Asks, and then does what a plan says. @param verb the command that does it, for journals, locks and audit lines */
export async function carryPlan(
  deployment: Deployment,
  { plan, epochs }: Planned,
  verb: "up" | "apply",
  confirm: Confirm,
): Promise<UpResult> {
  if (plan.steps.length === 0) return { changed: false, plan }
  await confirm(plan)
  await readReferences(deployment, plan.steps)
  const operation = operationId(deployment.clock, verb)
  const journal = openJournal(deployment, operation)
  await journal.write({ at: "begins", operation, kind: "up", by: deployment.operator })
  const hosts = [...new Set(plan.steps.flatMap((step) => hostsOf(deployment, step)))]
  const progress: Progress = { begun: 0, of: plan.steps.length }
  try {
    await carryOut(deployment, { journal, operation, verb, epochs, progress }, plan.steps)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hosts, `${verb}: ${plan.steps.length} steps done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (progress.begun === 0) throw error
    deployment.report({ kind: "note", text: "what was done stays; run `gonka-ha up` again to go on" })
    await audit(deployment, hosts, `${verb}: stopped: ${reasonOf(error)} (${operation})`)
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

type Operation = {
  readonly journal: Journal
  readonly operation: string
  readonly verb: string
  readonly epochs: Map<string, number>
  readonly progress: Progress
}

/** Takes the signers' locks only around the steps that need them, and each time makes sure that nobody else worked on a signer since the plan was made. */
async function carryOut(
  deployment: Deployment,
  { journal, operation, verb, epochs, progress }: Operation,
  steps: readonly Step[],
): Promise<void> {
  const facts: Facts = {}
  for (const segment of segments(steps)) {
    const locks = segment.locked ? await lockAll(deployment, verb, epochs) : new Map<string, SignerLock>()
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

async function lockAll(deployment: Deployment, verb: string, epochs: Map<string, number>): Promise<Map<string, SignerLock>> {
  const locks = new Map<string, SignerLock>()
  try {
    for (const validator of deployment.topology.validators) {
      const lock = await lockSigner(deployment, validator, `gonka-ha ${verb}`, epochs.get(validator.name) ?? 0)
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

function hostsOf({ topology }: Deployment, step: Step): string[] {
  if ("host" in step.args) return [step.args.host]
  const node = "node" in step.args ? step.args.node : undefined
  return topology.nodes.filter((candidate) => candidate.name === node).map((candidate) => candidate.host)
}
