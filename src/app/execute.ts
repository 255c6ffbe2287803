import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { reportWithin } from "../core/events.ts"
import type { SignerState } from "../core/observe/signer-state.ts"
import { type Step, type StepKind, type StepOf, stepTitle } from "../core/plan/step.ts"
import { stepHost } from "../core/plan/step-host.ts"
import type { Deployment } from "./deployment.ts"
import type { Journal } from "./journal.ts"
import type { SignerControl } from "./signer-control.ts"

/** What steps learn and later steps need. */
export type Facts = {
  /** The signer's state, read when no process could change it any more. */
  stopped?: SignerState
  /** The new node waits for the signer; `after` is the height in whose pause its parking signer was stopped, where a pause was waited for. */
  detached?: { readonly after: number | undefined }
}

/** A step's handler: does it, proves its postcondition from outside, and says in one line what it saw. */
export type Handlers = { readonly [K in StepKind]: (step: StepOf<K>, run: Run) => Promise<string | undefined> }

export type Run = {
  readonly deployment: Deployment
  /** Id of the operation, as in its journal. */
  readonly operation: string
  readonly facts: Facts
  readonly journal: Journal
  /** Control of a validator's signer; a validator whose lock is not held cannot be changed. */
  readonly control: (validator: string) => SignerControl
  /** Throws when the right to change a signer is no longer ours. */
  readonly stillOurs: () => void
  /** Does one thing under the signers' locks in a step that does not hold them all the while. */
  readonly locked: <T>(work: () => Promise<T>) => Promise<T>
  /** Told when the signer has been stopped and its state is final. */
  readonly onStopped: (state: SignerState) => Promise<void>
}

/** How far a plan has come, across the parts in which it is executed. */
export type Progress = { begun: number; of: number }

/** Runs the steps in order. It decides nothing: a failed step ends the run, and what comes after has not begun. */
export async function execute(
  steps: readonly Step[],
  handlers: Handlers,
  run: Run,
  progress: Progress = { begun: 0, of: steps.length },
): Promise<void> {
  const { clock, report, signal, crashAfter } = run.deployment
  for (const step of steps) {
    const host = stepHost(run.deployment.topology, step)
    const about = { number: progress.begun + 1, ...(host === undefined ? {} : { host }) }
    const head = { ...about, of: progress.of, title: stepTitle(step) }
    if (signal.aborted && mayStopBefore(step, run.facts))
      throw new AppError("INTERRUPTED", EXIT.interrupted, `interrupted before: ${head.title}`, {
        hint: "run the same command again to go on",
      })
    run.stillOurs()
    progress.begun++
    const begun = clock.monoMs()
    report({ kind: "step-begins", ...head })
    await run.journal.write({ at: "step-begins", step })
    let fact: string | undefined
    try {
      const deployment = { ...run.deployment, report: reportWithin(report, about) }
      fact = await handle(step, handlers, { ...run, deployment })
    } catch (error) {
      report({ kind: "step-failed", ...head, tookMs: clock.monoMs() - begun, reason: reasonOf(error) })
      await run.journal.write({ at: "step-failed", step, reason: reasonOf(error) })
      throw error
    }
    await run.journal.write({ at: "step-done", step, ...(fact === undefined ? {} : { fact }), facts: run.facts })
    report({ kind: "step-done", ...head, tookMs: clock.monoMs() - begun, fact })
    crashAfter(`${step.kind}`)
  }
}

/**
 * Once a standby waits for the signer, the quickest way to safety is forward: only watching the result may be cut short then, and what comes
 * after that.
 */
function mayStopBefore(step: Step, { detached, stopped }: Facts): boolean {
  return (detached === undefined && stopped === undefined) || step.kind === "chain.signing" || step.kind === "node.restart"
}

function handle<K extends StepKind>(step: StepOf<K>, handlers: Handlers, run: Run): Promise<string | undefined> {
  const handler: Handlers[K] = handlers[step.kind as K]
  return handler(step, run)
}
