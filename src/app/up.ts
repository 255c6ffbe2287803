import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Step } from "../core/plan/step.ts"
import { planUp, type UpPlan, unreachableHosts } from "../core/plan/up.ts"
import { audit } from "./audit.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import { openJournal } from "./journal.ts"
import { lockSigner, type SignerLock } from "./lock.ts"
import { operationId } from "./operation-id.ts"

export type UpResult = { readonly changed: boolean; readonly plan: UpPlan }

/** Decides whether a plan is carried out; throws AppError CANCELLED when not. */
export type Confirm = (plan: UpPlan) => Promise<void>

/** Brings the deployment up or makes it match its files; what is right already is not touched. */
export async function up(deployment: Deployment, options: { readonly dryRun: boolean }, confirm: Confirm): Promise<UpResult> {
  const plan = await planNow(deployment)
  if (plan.steps.length === 0 || options.dryRun) return { changed: false, plan }
  await confirm(plan)
  const { topology, clock, report } = deployment
  const locks = new Map<string, SignerLock>()
  const operation = operationId(clock, "up")
  const journal = openJournal(deployment, operation)
  const hosts = [...new Set(plan.steps.flatMap((step) => hostsOf(deployment, step)))]
  try {
    for (const validator of topology.validators) locks.set(validator.name, await lockSigner(deployment, validator, "gonka-ha up"))
    const run: Run = {
      deployment,
      facts: {},
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
    await journal.write({ at: "begins", operation, kind: "up", by: deployment.operator })
    await execute(plan.steps, handlers, run)
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hosts, `up: ${plan.steps.length} steps done (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    report({ kind: "note", text: "what was done stays; run `gonka-ha up` again to go on" })
    await audit(deployment, hosts, `up: stopped: ${reasonOf(error)} (${operation})`)
    throw error
  } finally {
    await Promise.all([...locks.values()].map((lock) => lock.release()))
  }
  return { changed: true, plan }
}

async function planNow(deployment: Deployment): Promise<UpPlan> {
  const observed = await collect(deployment)
  const away = unreachableHosts(deployment.topology, observed)
  if (away.length > 0)
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, "not every host can be reached, so nothing was changed", { issues: away })
  const plan = planUp(deployment.topology, deployment.files, deployment.secrets, observed)
  if ("refused" in plan)
    throw new AppError("REFUSED", EXIT.refused, "up does not touch this deployment as it stands", { issues: plan.refused })
  return plan
}

function hostsOf({ topology }: Deployment, step: Step): string[] {
  if ("host" in step.args) return [step.args.host]
  const node = "node" in step.args ? step.args.node : undefined
  return topology.nodes.filter((candidate) => candidate.name === node).map((candidate) => candidate.host)
}
