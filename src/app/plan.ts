import { AppError, EXIT } from "../core/errors.ts"
import type { PlanReport } from "../core/plan/plan-report.ts"
import { planReport } from "../core/plan/report-of.ts"
import { type PlanOrigin, parseSavedPlan, type SavedPlan, savedPlan, wantedDigest } from "../core/plan/saved-plan.ts"
import { worldFacts } from "../core/plan/world-facts.ts"
import type { Deployment } from "./deployment.ts"
import { installedTexts } from "./installed-texts.ts"
import { lookAndPlan, type Planned, type UpRequest } from "./look-and-plan.ts"

const PRIVATE_FILE = 0o600

/**
 * `gonka-ha plan`: what `up` would do, why, and what it costs. Changes nothing on a host.
 * @param out where to keep the plan for `apply`
 * @throws AppError HOST_UNREACHABLE, REFUSED with every reason, FILE_EXISTS when something else than a plan is at `out`
 */
export async function plan(
  deployment: Deployment,
  { version, out, ...request }: UpRequest & { readonly version: string; readonly out: string | undefined },
): Promise<PlanReport> {
  if (out !== undefined) await refuseToOverwrite(deployment, out)
  const planned = await lookAndPlan(deployment, request)
  const report = await reportOn(deployment, planned)
  if (out !== undefined) {
    const { topology, sha256, clock, operator, local } = deployment
    const made = { made: new Date(clock.wallMs()).toISOString(), by: operator }
    const saved = savedPlan(
      { ...originOf(deployment, version), ...made },
      worldFacts(topology, planned.observed),
      askedOf(request),
      planned.plan,
      sha256,
    )
    await local.replace(out, `${JSON.stringify(saved, null, 2)}\n`, PRIVATE_FILE)
  }
  return report
}

function askedOf({ scope, allowUnreachable = false, inPlace = false }: UpRequest): SavedPlan["asked"] {
  return { hosts: [...(scope?.hosts ?? [])].sort(), nodes: [...(scope?.nodes ?? [])].sort(), allowUnreachable, inPlace }
}

/** With the lines that differ in installed files, which are read for it. */
export async function reportOn(deployment: Deployment, { observed, plan }: Planned): Promise<PlanReport> {
  const { topology, files } = deployment
  return planReport({ topology, files, observed, installed: await installedTexts(deployment, observed) }, plan)
}

export function originOf({ topology, files, sha256 }: Deployment, version: string): PlanOrigin {
  return { version, deployment: topology.deployment, topology: wantedDigest(topology, files, sha256) }
}

/** An older plan is replaced; a topology file that was named by mistake is not. */
async function refuseToOverwrite({ local, sha256 }: Deployment, out: string): Promise<void> {
  if (!(await local.exists(out)) || parseSavedPlan(await local.readText(out), sha256) !== undefined) return
  throw new AppError("FILE_EXISTS", EXIT.refused, `${out} exists and is no saved plan, so it is not overwritten`, {
    hint: "give another name after --out, or move that file away",
  })
}
