import type { StepKind } from "../../src/core/plan/step.ts"
import { journalLines, operations } from "../../test/drill/journals.ts"
import type { Operator } from "../../test/drill/operator.ts"

/** What `up` is busy with; steps of several hosts may overlap, and then their time counts once. */
export type Phase = "files" | "images" | "nodes" | "fresh" | "signer" | "balancers"

export type PhaseSeconds = Readonly<Record<Phase, number>>

const PHASE_OF: Partial<Record<StepKind, Phase>> = {
  "files.push": "files",
  "secrets.push": "files",
  "service.up": "nodes",
  "service.create": "nodes",
  "node.restart": "nodes",
  "port.give": "nodes",
  "standby.park": "nodes",
  "node.fresh": "fresh",
  "balancer.answers": "balancers",
}

type Interval = { readonly fromMs: number; readonly toMs: number }

/** Seconds per phase of the newest operation, out of its own journal. */
export async function phaseSeconds(operator: Operator): Promise<PhaseSeconds> {
  const operation = (await operations(operator)).at(-1)
  if (operation === undefined) throw new Error("there is no journal")
  const began = new Map<string, number>()
  const intervals: Record<Phase, Interval[]> = { files: [], images: [], nodes: [], fresh: [], signer: [], balancers: [] }
  for (const { at, time, step } of await journalLines(operator, operation)) {
    if (step === undefined) continue
    const key = JSON.stringify(step)
    const ms = Date.parse(String(time))
    if (at === "step-begins") began.set(key, ms)
    const fromMs = began.get(key)
    if (at === "step-done" && fromMs !== undefined) intervals[phaseOf(step.kind)].push({ fromMs, toMs: ms })
  }
  const seconds = (phase: Phase) => covered(intervals[phase]) / 1000
  return {
    files: seconds("files"),
    images: seconds("images"),
    nodes: seconds("nodes"),
    fresh: seconds("fresh"),
    signer: seconds("signer"),
    balancers: seconds("balancers"),
  }
}

/** What is of no host's files, images or nodes is done for the signer: its standby, its move, its first signatures. */
function phaseOf(kind: string): Phase {
  if (kind.startsWith("image.")) return "images"
  return new Map<string, Phase>(Object.entries(PHASE_OF)).get(kind) ?? "signer"
}

/** Milliseconds that lie in at least one of the intervals. */
function covered(intervals: readonly Interval[]): number {
  let total = 0
  let end = Number.NEGATIVE_INFINITY
  for (const { fromMs, toMs } of [...intervals].sort((a, b) => a.fromMs - b.fromMs)) {
    total += Math.max(0, toMs - Math.max(fromMs, end))
    end = Math.max(end, toMs)
  }
  return total
}
