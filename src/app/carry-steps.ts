import { AppError, EXIT } from "../core/errors.ts"
import { segments } from "../core/plan/needs-lock.ts"
import type { Step } from "../core/plan/step.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Progress, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import type { Journal } from "./journal.ts"
import type { SignerLock } from "./lock.ts"
import type { SharedLocks } from "./shared-locks.ts"

/** What the steps are part of. */
export type Operation = {
  readonly journal: Journal
  readonly operation: string
  /** Those whose signers' locks it takes. */
  readonly validators: readonly Validator[]
  readonly locks: SharedLocks
  readonly progress: Progress
  /** Throws when the right to change the hosts is no longer ours; left out where none was taken. */
  readonly stillOurs?: () => void
}

/** Takes the signers' locks only around the steps that need them, and each time makes sure that nobody else worked on a signer since the plan was made. */
export async function carrySteps(deployment: Deployment, around: Operation, steps: readonly Step[]): Promise<void> {
  const { journal, operation, progress } = around
  const facts: Facts = {}
  for (const segment of segments(steps)) {
    const locks: ReadonlyMap<string, SignerLock> = segment.locked ? await around.locks.take(around.validators) : new Map()
    const run: Run = {
      deployment,
      operation,
      facts,
      journal,
      control: (validator) => {
        const lock = locks.get(validator)
        if (!lock) throw new Error(`the lock of ${validator} is not held`)
        return lock.control
      },
      stillOurs: () => {
        around.stillOurs?.()
        for (const lock of locks.values()) lock.stillOurs()
      },
      onStopped: async () => {},
      locked: segment.locked ? (work) => work() : (work) => underLocks(around, work),
    }
    try {
      await execute(segment.steps, handlers, run, progress)
    } finally {
      await around.locks.giveBack([...locks.keys()])
    }
  }
}

async function underLocks<T>({ locks, validators }: Operation, work: () => Promise<T>): Promise<T> {
  const taken = await locks.take(validators)
  try {
    return await work()
  } finally {
    await locks.giveBack([...taken.keys()])
  }
}

/** Once something was changed, every expected failure leaves the work half-way, whatever code it had by itself. */
export function halfWay(error: unknown): unknown {
  if (!(error instanceof AppError) || error.exit === EXIT.interrupted || error.exit === EXIT.lockHeld) return error
  return new AppError(error.code, EXIT.halfWay, error.message, {
    issues: error.issues,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
