import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { hostsNeeded, type Scope } from "../core/plan/scope.ts"
import { planUp, type UpPlan, unreachableHosts } from "../core/plan/up.ts"
import type { Validator } from "../core/topology.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { recordedReplaced, signerRecord } from "./signer-records.ts"

/** A plan, what it was made from, and each signer's epoch at that moment: whoever takes a lock later sees whether somebody else had it since. */
export type Planned = { readonly observed: Observed; readonly plan: UpPlan; readonly epochs: Map<string, number> }

/** What of a deployment is looked at and changed, and how. */
export type UpRequest = {
  /** Left out: everything. */
  readonly scope?: Scope | undefined
  /** Hosts that give no answer are left out instead of stopping everything. */
  readonly allowUnreachable?: boolean
  /** Changed active nodes are restarted where they are. */
  readonly inPlace?: boolean
}

/** Looks at every host and decides what `up` has to do. @throws AppError HOST_UNREACHABLE, REFUSED with every reason */
export async function lookAndPlan(deployment: Deployment, request: UpRequest = {}): Promise<Planned> {
  return planFrom(deployment, await lookAtAll(deployment, request), request)
}

/** One look at all hosts. @throws AppError HOST_UNREACHABLE with every host that is needed and gives no answer */
export async function lookAtAll(deployment: Deployment, { scope, allowUnreachable }: UpRequest = {}): Promise<Observed> {
  const forgotten = await forgottenHosts(deployment)
  if (forgotten.length > 0) throw refusal(forgotten)
  const observed = await collect(deployment)
  if (allowUnreachable) return observed
  const needed = hostsNeeded(deployment.topology, scope)
  const away = unreachableHosts(deployment.topology, observed).filter(({ path }) => needed.has(path))
  if (away.length > 0)
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, "not every host can be reached, so nothing was changed", {
      issues: away,
      hint: "with --allow-unreachable the others are brought up as far as that is safe; --host and --node look at a part alone",
    })
  return observed
}

/** @throws AppError REFUSED with every reason */
export async function planFrom(deployment: Deployment, observed: Observed, { scope, inPlace }: UpRequest = {}): Promise<Planned> {
  const plan = planUp(deployment.topology, deployment.files, deployment.secrets, observed, {
    recorded: await recordedSigners(deployment, observed),
    ...(scope === undefined ? {} : { scope }),
    ...(inPlace === undefined ? {} : { inPlace }),
  })
  if ("refused" in plan) throw refusal(plan.refused)
  const epochs = new Map(deployment.topology.validators.map((validator) => [validator.name, epochOf(observed, validator)]))
  return { observed, plan, epochs }
}

function refusal(issues: readonly Issue[]): AppError {
  return new AppError("REFUSED", EXIT.refused, "up does not touch this deployment as it stands", { issues })
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
