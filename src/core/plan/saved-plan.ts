import * as z from "zod"
import type { Issue } from "../issue.ts"
import type { FileSet, Sha256 } from "../render/fileset.ts"
import { sortedMap } from "../sorted-value.ts"
import type { Topology } from "../topology.ts"
import { type MoveAway, moveTitle } from "./changed-seat.ts"
import { type Step, stepTitle } from "./step.ts"
import { whatMoved } from "./what-moved.ts"
import { type WorldFact, worldDigest } from "./world-facts.ts"

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/)

/** The file that `plan --out` writes and `apply` reads. Nothing of it is carried out: it only says which plan was agreed to. */
export const savedPlanSchema = z.strictObject({
  schema: z.literal("gonka-ha/saved-plan/v1"),
  /** The version of gonka-ha that made it: another one may render or plan differently. */
  version: z.string(),
  deployment: z.string(),
  /** Over the whole topology and everything that is rendered from it. */
  topology: sha256Text,
  made: z.string(),
  by: z.string(),
  /** Over `facts`. */
  seen: sha256Text,
  facts: z.array(
    z.strictObject({
      at: z.string(),
      kind: z.enum(["host", "file", "container", "owner", "start", "port", "signer", "place", "tmkms", "signs"]),
      name: z.string(),
      value: z.record(z.string(), z.string()),
    }),
  ),
  /** What was asked for: hosts and nodes, all of them where both are empty. */
  asked: z.strictObject({
    hosts: z.array(z.string()),
    nodes: z.array(z.string()),
    allowUnreachable: z.boolean(),
    inPlace: z.boolean(),
  }),
  /** Steps, and then the promotions that make room for a changed active node. */
  steps: z.array(z.strictObject({ kind: z.string(), title: z.string(), cause: z.string(), args: z.record(z.string(), z.unknown()) })),
})

export type SavedPlan = z.output<typeof savedPlanSchema>

/** Of an `UpPlan`. */
type PlannedWork = { readonly steps: readonly Step[]; readonly moves: readonly MoveAway[] }

/** What a saved plan is held against. */
export type PlanOrigin = { readonly version: string; readonly deployment: string; readonly topology: string }

export function savedPlan(
  origin: PlanOrigin & { readonly made: string; readonly by: string },
  facts: readonly WorldFact[],
  asked: SavedPlan["asked"],
  plan: PlannedWork,
  sha256: Sha256,
): SavedPlan {
  return {
    schema: "gonka-ha/saved-plan/v1",
    ...origin,
    seen: worldDigest(facts, sha256),
    facts: facts.map((fact) => ({ ...fact, value: { ...fact.value } })),
    asked,
    steps: savedSteps(plan),
  }
}

/** @returns undefined when the text is no saved plan, or its facts are not those of its digest any more */
export function parseSavedPlan(text: string, sha256: Sha256): SavedPlan | undefined {
  const plan = savedPlanSchema.safeParse(jsonOf(text)).data
  return plan !== undefined && plan.seen === worldDigest(plan.facts, sha256) ? plan : undefined
}

/** Why a saved plan is not one for this deployment as its file describes it now; empty when it is. */
export function originRefusals(saved: SavedPlan, origin: PlanOrigin): readonly Issue[] {
  if (saved.deployment !== origin.deployment)
    return [refusal(saved.deployment, `the plan is for this deployment, and the file describes ${origin.deployment}`)]
  return [
    ...(saved.version === origin.version
      ? []
      : [refusal(saved.deployment, `the plan was made by gonka-ha ${saved.version}, and this is ${origin.version}`)]),
    ...(saved.topology === origin.topology
      ? []
      : [refusal(saved.deployment, "the topology file, or what is rendered from it, has changed since the plan was made")]),
  ]
}

/** Why the world is not the one that the plan was made for, thing by thing; empty when it is. */
export function worldRefusals(saved: SavedPlan, facts: readonly WorldFact[], sha256: Sha256): readonly Issue[] {
  if (saved.seen === worldDigest(facts, sha256)) return []
  return whatMoved(saved.facts, facts).map(({ at, what }) => refusal(at, what))
}

/**
 * Why a plan made now is another one, although nothing has moved that is compared: a node that has fallen behind meanwhile, for one, is waited
 * for. Empty when it is the same.
 */
export function stepRefusals(saved: SavedPlan, plan: PlannedWork): readonly Issue[] {
  const [before, now] = [saved.steps, savedSteps(plan)].map((list) => list.map((step) => ({ title: step.title, text: textOf(step) })))
  if (!before || !now || JSON.stringify(before) === JSON.stringify(now)) return []
  const gone = before.filter(({ text }) => !now.some((step) => step.text === text))
  const more = now.filter(({ text }) => !before.some((step) => step.text === text))
  const told = [
    ...gone.map(({ title }) => refusal(saved.deployment, `not needed as it was planned any more: ${title}`)),
    ...more.map(({ title }) => refusal(saved.deployment, `needed now: ${title}`)),
  ]
  return told.length > 0 ? told : [refusal(saved.deployment, "the same steps are needed in another order")]
}

/** A digest over everything that is wanted: the whole topology, and the files that are rendered from it. */
export function wantedDigest(topology: Topology, files: FileSet, sha256: Sha256): string {
  const rendered = [...files.values()].map((host) => [host.host, host.files.map((file) => [file.path, file.sha256])])
  return sha256(JSON.stringify([topology, rendered], (_, value: unknown) => (value instanceof Map ? [...value] : value)))
}

function savedSteps({ steps, moves }: PlannedWork): SavedPlan["steps"] {
  return [
    ...steps.map(savedStep),
    ...moves.map((move) => ({
      kind: "move",
      title: moveTitle(move),
      cause: move.cause,
      args: { validator: move.validator, from: move.from, to: move.to },
    })),
  ]
}

function savedStep(step: Step): SavedPlan["steps"][number] {
  return { kind: step.kind, title: stepTitle(step), cause: step.cause, args: { ...sortedMap(step.args) } }
}

function textOf(step: SavedPlan["steps"][number]): string {
  return JSON.stringify(sortedMap(step))
}

function refusal(path: string, message: string): Issue {
  return { severity: "error", path, message }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
