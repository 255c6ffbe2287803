import { reasonOf } from "../core/errors.ts"
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

export function openJournal(
  { local, stateDir, clock, report }: Pick<Deployment, "local" | "stateDir" | "clock" | "report">,
  operation: string,
): Journal {
  const path = `${stateDir}/journal/${operation}.jsonl`
  return {
    async write(entry) {
      try {
        await local.append(path, JSON.stringify({ time: new Date(clock.wallMs()).toISOString(), ...entry }))
      } catch (error) {
        // Without a journal nothing is begun. Once a signer may be stopped, going on is safer than stopping for want of a note.
        if (entry.at === "begins") throw error
        report({ kind: "note", text: `the journal could not be written: ${reasonOf(error)}` })
      }
    },
  }
}
