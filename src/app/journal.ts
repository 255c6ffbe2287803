import { reasonOf } from "../core/errors.ts"
import { type JournalLine, journalLines } from "../core/history/journal-line.ts"
import type { OperationKind } from "../core/observe/state.ts"
import { type Step, stepTitle } from "../core/plan/step.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import type { Facts } from "./execute.ts"
import { journalCopy } from "./journal-copy.ts"

/** What is done with one signer by itself, without moving it. */
export type SignerVerb = "fence" | "unfence" | "seal" | "import" | "export"

export type JournalEntry =
  | {
      readonly at: "begins"
      readonly operation: string
      readonly kind: OperationKind | SignerVerb | "up" | "restart" | "destroy" | "resync"
      readonly by: string
      readonly from?: string
      readonly to?: string
      readonly epoch?: number
    }
  | { readonly at: "step-begins"; readonly step: Step }
  | { readonly at: "step-done"; readonly step: Step; readonly fact?: string; readonly facts: Facts }
  | { readonly at: "step-failed"; readonly step: Step; readonly reason: string }
  /** A new try, a way back: what a reader of the receipt should know. */
  | { readonly at: "note"; readonly text: string }
  /** The receipt that was written, and the SHA-256 of its file. */
  | { readonly at: "receipt"; readonly validator: string; readonly number: number; readonly sha256: string }
  | { readonly at: "ends"; readonly result: "done" | "failed"; readonly reason?: string }

/** One file per operation, one line per entry, each on the disk before the work goes on. It adds evidence; it never overrides what is seen. */
export type Journal = {
  write(entry: JournalEntry): Promise<void>
  /** Everything that both copies tell of this operation, earlier runs of it on other machines included. */
  read(): Promise<readonly JournalLine[]>
}

/** @param copyAt the validator whose signer's host keeps a second copy */
export function openJournal(
  deployment: Pick<Deployment, "local" | "stateDir" | "clock" | "report" | "fleet" | "topology">,
  operation: string,
  copyAt?: Validator,
): Journal {
  const { local, stateDir, clock, report } = deployment
  const path = `${stateDir}/journal/${operation}.jsonl`
  const copy = copyAt && journalCopy(deployment, copyAt, operation)
  let stepBeganMs = clock.monoMs()
  let inPause = false
  return {
    async write(entry) {
      if (entry.at === "step-begins") {
        const { kind } = entry.step
        // Whoever takes over later must see what was begun; once a standby waits for the signer, nothing may keep it waiting.
        if (!inPause && (kind === "standby.detach" || kind === "signer.move")) await copy?.flush()
        inPause = kind === "standby.detach" || (inPause && kind === "signer.move")
        stepBeganMs = clock.monoMs()
      }
      const line = JSON.stringify({
        time: new Date(clock.wallMs()).toISOString(),
        ...entry,
        ...measured(entry, clock.monoMs() - stepBeganMs),
      })
      try {
        if (entry.at === "begins") await mend(local, path)
        await local.append(path, line)
      } catch (error) {
        // Without a journal nothing is begun. Once a signer may be stopped, going on is safer than stopping for want of a note.
        if (entry.at === "begins") throw error
        report({ kind: "note", text: `the journal could not be written: ${reasonOf(error)}` })
      }
      copy?.add(line)
      if (entry.at === "ends") await copy?.flush()
    },
    async read() {
      await copy?.flush()
      const [here, there] = await Promise.all([local.readText(path).catch(() => ""), copy?.read()])
      return journalLines([here, there ?? ""])
    },
  }
}

/** How long a step took, and its title: a reader need not know every kind of step that there ever was. */
function measured(entry: JournalEntry, tookMs: number): { readonly title?: string; readonly tookMs?: number } {
  if (entry.at === "step-begins") return { title: stepTitle(entry.step) }
  return entry.at === "step-done" || entry.at === "step-failed" ? { title: stepTitle(entry.step), tookMs: Math.round(tookMs) } : {}
}

/** A line that a crash has torn gets its end, so that the next one does not hang on to it. */
async function mend(local: Deployment["local"], path: string): Promise<void> {
  if (!(await local.exists(path))) return
  const text = await local.readText(path)
  if (text !== "" && !text.endsWith("\n")) await local.append(path, "")
}
