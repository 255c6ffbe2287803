import { reasonOf } from "../core/errors.ts"
import type { Step } from "../core/plan/step.ts"
import type { UpPlan } from "../core/plan/up.ts"
import { audit } from "./audit.ts"
import { carrySteps, halfWay } from "./carry-steps.ts"
import type { Deployment } from "./deployment.ts"
import type { Progress } from "./execute.ts"
import { openJournal } from "./journal.ts"
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
    await carrySteps(deployment, { journal, operation, verb, validators: deployment.topology.validators, epochs, progress }, plan.steps)
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

function hostsOf({ topology }: Deployment, step: Step): string[] {
  if ("host" in step.args) return [step.args.host]
  const node = "node" in step.args ? step.args.node : undefined
  return topology.nodes.filter((candidate) => candidate.name === node).map((candidate) => candidate.host)
}
