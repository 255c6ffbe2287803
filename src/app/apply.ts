import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import type { PlanReport } from "../core/plan/plan-report.ts"
import { originRefusals, parseSavedPlan, type SavedPlan, stepRefusals, worldRefusals } from "../core/plan/saved-plan.ts"
import { scopeOf } from "../core/plan/scope.ts"
import { worldFacts } from "../core/plan/world-facts.ts"
import type { Deployment } from "./deployment.ts"
import { lookAtAll, planFrom, type UpRequest } from "./look-and-plan.ts"
import { originOf, reportOn } from "./plan.ts"
import { carryPlan, type UpResult, type Way } from "./up.ts"

/**
 * `gonka-ha apply FILE`: does what a saved plan says, and only as long as it is what `up` would do in the world as it is now.
 * @param confirm shown the plan; throws AppError CANCELLED when it is not to be done
 * @throws AppError FILE_UNREADABLE; REFUSED when the plan is for something else or the world has moved, naming what moved
 */
export async function apply(
  deployment: Deployment,
  { file, version, ...way }: Pick<Way, "parallel" | "waitLimitMs"> & { readonly file: string; readonly version: string },
  confirm: (report: PlanReport) => Promise<void>,
): Promise<UpResult> {
  const saved = await readPlan(deployment, file)
  refuse(file, "is not for this deployment as it stands", originRefusals(saved, originOf(deployment, version)))
  const request = requestOf(deployment, saved)
  const observed = await lookAtAll(deployment, request)
  refuse(file, MOVED, worldRefusals(saved, worldFacts(deployment.topology, observed), deployment.sha256))
  const planned = await planFrom(deployment, observed, request)
  refuse(file, MOVED, stepRefusals(saved, planned.plan))
  return carryPlan(deployment, planned, "apply", { ...request, ...way }, async () => confirm(await reportOn(deployment, planned)))
}

const MOVED = "was made for a world that has moved since, so nothing was changed"

/** The origin was compared before: what was named is there. */
function requestOf({ topology }: Deployment, { asked }: SavedPlan): UpRequest {
  return { scope: scopeOf(topology, asked), allowUnreachable: asked.allowUnreachable, inPlace: asked.inPlace }
}

async function readPlan({ local, sha256 }: Deployment, file: string): Promise<SavedPlan> {
  const saved = parseSavedPlan(await local.readText(file), sha256)
  if (saved === undefined)
    throw new AppError("FILE_UNREADABLE", EXIT.usage, `${file} is no plan of gonka-ha, or it was changed by hand`, {
      hint: "make one with: gonka-ha plan --out FILE",
    })
  return saved
}

function refuse(file: string, why: string, issues: readonly Issue[]): void {
  if (issues.length === 0) return
  throw new AppError("REFUSED", EXIT.refused, `the plan in ${file} ${why}`, {
    issues,
    hint: `a new plan is needed: gonka-ha plan --out ${file}`,
  })
}
