import type { Verb } from "../core/plan/preflight.ts"
import type { Step } from "../core/plan/step.ts"
import type { Deployment } from "./deployment.ts"
import type { Facts } from "./execute.ts"

export type JournalEntry =
  | {
      readonly at: "begins"
      readonly operation: string
      readonly kind: Verb | "up"
      readonly by: string
      readonly from?: string
      readonly to?: string
      readonly epoch?: number
    }
  | { readonly at: "step-begins"; readonly step: Step }
  | { readonly at: "step-done"; readonly step: Step; readonly fact?: string; readonly facts: Facts }
  | { readonly at: "step-failed"; readonly step: Step; readonly reason: string }
  | { readonly at: "ends"; readonly result: "done" | "failed"; readonly reason?: string }

/** One file per operation, one line per entry, each on the disk before the work goes on. It adds evidence; it never overrides what is seen. */
export type Journal = { write(entry: JournalEntry): Promise<void> }

export function openJournal({ local, stateDir, clock }: Pick<Deployment, "local" | "stateDir" | "clock">, operation: string): Journal {
  const path = `${stateDir}/journal/${operation}.jsonl`
  return {
    write: (entry) => local.append(path, JSON.stringify({ time: new Date(clock.wallMs()).toISOString(), ...entry })),
  }
}
