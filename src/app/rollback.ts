import { AppError, EXIT } from "../core/errors.ts"
import { chooseGeneration, type WantedState } from "../core/generation/choose.ts"
import type { Made } from "../core/generation/manifest.ts"
import { withNodeImageOf } from "../core/generation/previous-files.ts"
import { unfitFiles, unfitSteps } from "../core/generation/unfit.ts"
import type { Issue } from "../core/issue.ts"
import type { PlanReport } from "../core/plan/plan-report.ts"
import type { UpPlan } from "../core/plan/up.ts"
import { unitName } from "../core/plan/up-units.ts"
import type { FileSet } from "../core/render/fileset.ts"
import type { Deployment } from "./deployment.ts"
import { filesOfGeneration, keptGenerations } from "./generations.ts"
import { lookAtAll, planFrom } from "./look-and-plan.ts"
import { reportOn } from "./plan.ts"
import { carryPlan, type UpResult, type Way } from "./up.ts"

export type RollbackRequest = Pick<Way, "parallel" | "waitLimitMs"> & {
  /** The operation that installed what is wanted back; the one before the last when there is none. */
  readonly to: string | undefined
  readonly dryRun: boolean
}

export type GenerationsView = {
  /** The newest first; that is what was last installed as a whole. */
  readonly hosts: readonly { readonly host: string; readonly kept: readonly Made[]; readonly unfinished?: Made }[]
  /** Where `rollback` returns to without a name; left out when there is no way back, with the reasons. */
  readonly next?: Made
  readonly nothing?: readonly Issue[]
}

export type RollbackResult = UpResult & { readonly to: WantedState; readonly report: PlanReport }

/**
 * Brings back the files that an earlier operation installed, by the plan and the steps of `up`, with every gate of both. Neither keys nor
 * signers, nor who signs, are touched.
 * @param confirm throws AppError CANCELLED when it is not to be done
 * @throws AppError HOST_UNREACHABLE, REFUSED with every reason; HALF_WAY once it has begun
 */
export async function rollback(
  whole: Deployment,
  { to, dryRun, ...way }: RollbackRequest,
  confirm: (to: WantedState, report: PlanReport) => Promise<void>,
): Promise<RollbackResult> {
  const deployment: Deployment = way.waitLimitMs === undefined ? whole : { ...whole, waitLimitMs: way.waitLimitMs }
  const { topology, files, sha256 } = deployment
  const observed = await lookAtAll(deployment)
  const choice = chooseGeneration(await keptGenerations(deployment), files, to, sha256)
  if ("refused" in choice) throw refusal(choice.refused)
  const previous: FileSet = new Map(
    await Promise.all(
      [...choice.sources].map(async ([host, source]) => [host, await filesOfGeneration(deployment, host, source)] as const),
    ),
  )
  refuse(unfitFiles(topology, files, previous))
  const then: Deployment = { ...deployment, files: previous, topology: withNodeImageOf(topology, previous) }
  const looked = await planFrom(then, observed)
  refuse(unfitSteps(topology, looked.plan.steps))
  const planned = { ...looked, plan: withoutMoves(looked.plan, choice.state) }
  const report = await reportOn(then, planned)
  const result = dryRun
    ? { changed: false, plan: planned.plan, steps: 0 }
    : await carryPlan(then, planned, "rollback", way, () => confirm(choice.state, report))
  return { ...result, to: choice.state, report }
}

/** Who signs is not changed: an active node whose container is to change keeps it until a person has promoted another one. */
function withoutMoves(plan: UpPlan, { operation }: WantedState): UpPlan {
  const heldBack = plan.moves.map(({ from, cause }) => ({
    severity: "warning" as const,
    path: from,
    message: `${cause}, but ${from} is the active validator: only its files are brought back`,
    fix: `promote another node, then run \`gonka-ha rollback --to ${operation}\``,
  }))
  // Nobody is left, so a load balancer in front of such a node has nothing to wait for.
  const kept = new Set(plan.moves.map(({ from }) => unitName({ kind: "node", id: from })))
  const units = plan.units.map((unit) => ({ ...unit, needs: unit.needs.filter((name) => !kept.has(name)) }))
  return { ...plan, units, moves: [], heldBack: [...plan.heldBack, ...heldBack] }
}

/** What every host keeps, and what a rollback without a name would return to. @throws AppError HOST_UNREACHABLE */
export async function generations(deployment: Deployment): Promise<GenerationsView> {
  const { topology, files, sha256 } = deployment
  const kept = await keptGenerations(deployment)
  const choice = chooseGeneration(kept, files, undefined, sha256)
  return {
    hosts: topology.hosts.map(({ name: host }) => {
      const here = kept.get(host)
      const pushing = here?.pushing
      return { host, kept: (here?.kept ?? []).map(madeBy), ...(pushing === undefined ? {} : { unfinished: madeBy(pushing) }) }
    }),
    ...("state" in choice ? { next: madeBy(choice.state) } : { nothing: choice.refused }),
  }
}

function madeBy({ operation, at, by }: Made): Made {
  return { operation, at, by }
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw refusal(issues)
}

function refusal(issues: readonly Issue[]): AppError {
  return new AppError("REFUSED", EXIT.refused, "rollback does not touch this deployment as it stands; nothing was changed", { issues })
}
