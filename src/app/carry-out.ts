import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { type Observed, type PendingOperation, valueIn } from "../core/observe/state.ts"
import { type WhoSigns, whoSigns } from "../core/observe/who-signs.ts"
import { installSteps } from "../core/plan/preflight/install.ts"
import { planPromote } from "../core/plan/promote.ts"
import { rivalAt } from "../core/plan/rival.ts"
import { imageChanges } from "../core/plan/signer-image.ts"
import type { Step, SwapTiming } from "../core/plan/step.ts"
import type { Receipt } from "../core/receipt.ts"
import { nodeOf, type Topology, type Validator } from "../core/topology.ts"
import { audit } from "./audit.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { execute, type Facts, type Run } from "./execute.ts"
import { handlers } from "./handlers.ts"
import { type Journal, openJournal } from "./journal.ts"
import type { SignerLock } from "./lock.ts"
import { writeReceipt } from "./write-receipt.ts"

/** New plans after a missed pause or a late node; each begins with a fresh look. */
const MAX_ATTEMPTS = 4

export type Moved = { readonly kind: "moved"; readonly receipt: Receipt; readonly path: string }

/** Carries out an operation that is recorded on the signer's host, until the chain has shown that it is done. */
export async function carryOut(
  deployment: Deployment,
  validator: Validator,
  lock: SignerLock,
  begun: PendingOperation,
  first: Observed,
  timing: SwapTiming = "in-gap",
): Promise<Moved> {
  const { topology, report } = deployment
  const journal = openJournal(deployment, begun.id, validator)
  const stopped = stoppedBefore(first, validator, begun)
  let operation = stopped ? { ...begun, stopped } : begun
  const facts: Facts = stopped ? { stopped } : {}
  const run: Run = {
    deployment,
    operation: begun.id,
    facts,
    journal,
    control: () => lock.control,
    stillOurs: lock.stillOurs,
    locked: (work) => work(),
    onStopped: async (state) => {
      operation = { ...operation, stopped: state }
      await lock.control.writeOperation(operation)
    },
  }
  await journal.write({
    at: "begins",
    operation: begun.id,
    kind: begun.kind,
    by: deployment.operator,
    to: begun.to,
    epoch: lock.control.epoch,
    ...(begun.from === undefined ? {} : { from: begun.from }),
  })
  try {
    for (let attempt = 1, observed = first; ; attempt++, observed = await collect(deployment, observed)) {
      try {
        refuseUnclear(whoSigns(topology, observed, validator))
        refuseTaken(topology, observed, validator, begun.to)
        await execute(stepsOf(deployment, observed, validator, begun, timing), handlers, run)
        break
      } catch (error) {
        if (!(error instanceof AppError) || !error.retry || attempt === MAX_ATTEMPTS) throw error
        delete facts.detached
        const text = `${error.message}; looking again (${attempt} of ${MAX_ATTEMPTS - 1})`
        report({ kind: "note", text })
        await journal.write({ at: "note", text })
      }
    }
    const { receipt, path } = await writeReceipt(deployment, validator, operation, journal)
    await lock.control.clearOperation()
    await journal.write({ at: "ends", result: "done" })
    await audit(
      deployment,
      hostsOf(topology, validator, begun, first),
      `${begun.kind} ${begun.to}: done, ${receipt.missed?.length ?? "unknown"} missed (${begun.id})`,
    )
    return { kind: "moved", receipt, path }
  } catch (error) {
    await endBadly(journal, error)
    await audit(
      deployment,
      hostsOf(topology, validator, begun, first),
      `${begun.kind} ${begun.to}: stopped: ${reasonOf(error)} (${begun.id})`,
    )
    throw halfWay(error)
  }
}

/** Where a move changes something: a node that is lost is left alone. */
function hostsOf(topology: Topology, validator: Validator, { from, to }: PendingOperation, observed: Observed): readonly string[] {
  const nodes = [to, from].flatMap((node) => (node === undefined ? [] : [nodeOf(topology, node).host]))
  return [validator.signerHost, ...nodes.filter((host) => observed.hosts.get(host)?.kind === "seen")]
}

/**
 * The state with which this operation stopped the signer. Whoever did so may have gone away before noting it; then the record of the critical
 * section says it. One that ended where it began stopped nothing for good.
 */
function stoppedBefore(observed: Observed, validator: Validator, operation: PendingOperation): Facts["stopped"] {
  const move = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.move
  const isOurs = move?.run.startsWith(`${operation.id}/`) === true && (move.at === "to" || move.at === "stopped" || move.at === "unclear")
  return (isOurs ? move?.state : undefined) ?? operation.stopped
}

/**
 * What is left to do. A failover brings the signer's own files along, since an `up` would wait for the host that is lost; but not below a
 * container of another image, which may not be able to read them, and which then stays as it is with the files that it has.
 */
export function stepsOf(
  { topology, files }: Deployment,
  observed: Observed,
  validator: Validator,
  { kind, to, from }: Pick<PendingOperation, "kind" | "to" | "from">,
  timing: SwapTiming,
): Step[] {
  const install = kind === "failover" ? installSteps(files, observed, validator) : []
  const staysAsItIs = install.length > 0 && imageChanges(topology, files, observed, validator)
  return [...(staysAsItIs ? [] : install), ...planPromote(topology, files, observed, validator, to, from, timing, staysAsItIs)]
}

async function endBadly(journal: Journal, error: unknown): Promise<void> {
  await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
}

/** Once an operation is recorded, every expected failure leaves it half-way, whatever code it had by itself. */
function halfWay(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  if (error.exit === EXIT.interrupted)
    return new AppError(error.code, error.exit, error.message, { hint: "run `gonka-ha promote --resume`, or `--abort`", cause: error })
  return new AppError(error.code, EXIT.halfWay, error.message, {
    hint: error.hint ? `${error.hint}; then \`gonka-ha promote --resume\`` : "run `gonka-ha promote --resume`, or `--abort`",
    cause: error,
  })
}

/** Another validator may have come first: its lock is on another host, so both could begin. Its port stays its own. */
function refuseTaken(topology: Topology, observed: Observed, validator: Validator, to: string): void {
  const rival = rivalAt(topology, observed, validator, to)
  if (!rival) return
  throw new AppError(
    "REFUSED",
    EXIT.halfWay,
    `${to} is the active node of validator ${rival.name}, or about to be: one port holds one signer`,
    {
      hint: "run `gonka-ha promote --abort`, and choose another candidate",
    },
  )
}

/** A new plan is only made of what is known: unknown or doubtful never counts as stopped. */
function refuseUnclear(who: WhoSigns): void {
  if (who.kind === "active" || who.kind === "stopped") return
  const reason = who.kind === "conflict" ? who.reasons.join("; ") : who.kind === "unknown" ? who.reason : "the signer is not set up"
  throw new AppError("REFUSED", EXIT.halfWay, reason, { hint: "the operation stays recorded; go on when this is clear" })
}
