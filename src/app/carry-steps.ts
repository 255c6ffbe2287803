import { AppError, EXIT } from "../core/errors.ts"
import { segments } from "../core/plan/needs-lock.ts"
import type { Step } from "../core/plan/step.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Progress, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import type { Journal } from "./journal.ts"
import { lockSigner, type SignerLock } from "./lock.ts"

/** What the steps are part of. */
export type Operation = {
  readonly journal: Journal
  readonly operation: string
  /** The command that does it, for the locks. */
  readonly verb: string
  /** Those whose signers' locks it takes. */
  readonly validators: readonly Validator[]
  /** The epochs that were seen when the plan was made; kept up to date. */
  readonly epochs: Map<string, number>
  readonly progress: Progress
}

/** Takes the signers' locks only around the steps that need them, and each time makes sure that nobody else worked on a signer since the plan was made. */
export async function carrySteps(deployment: Deployment, around: Operation, steps: readonly Step[]): Promise<void> {
  const { journal, operation, progress } = around
  const facts: Facts = {}
  for (const segment of segments(steps)) {
    const locks = segment.locked ? await lockAll(deployment, around) : new Map<string, SignerLock>()
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
        for (const lock of locks.values()) lock.stillOurs()
      },
      onStopped: async () => {},
    }
    try {
      await execute(segment.steps, handlers, run, progress)
    } finally {
      await Promise.all([...locks.values()].map((lock) => lock.release()))
    }
  }
}

async function lockAll(deployment: Deployment, { verb, validators, epochs }: Operation): Promise<Map<string, SignerLock>> {
  const locks = new Map<string, SignerLock>()
  try {
    for (const validator of validators) {
      const lock = await lockSigner(deployment, validator, `gonka-ha ${verb}`, epochs.get(validator.name) ?? 0)
      locks.set(validator.name, lock)
      epochs.set(validator.name, lock.control.epoch)
    }
    return locks
  } catch (error) {
    await Promise.all([...locks.values()].map((lock) => lock.release()))
    throw error
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
