import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { goOn } from "../core/observe/replaced-host.ts"
import type { Observed, PendingOperation } from "../core/observe/state.ts"
import { whoSigns } from "../core/observe/who-signs.ts"
import { loweredPorts } from "../core/plan/lowered-ports.ts"
import { resumeReasons } from "../core/plan/preflight/signer.ts"
import { rivalAt } from "../core/plan/rival.ts"
import { nodeOf, type Validator } from "../core/topology.ts"
import { carryOut, type Moved } from "./carry-out.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { lockSigner, type SignerLock } from "./lock.ts"
import { pendingOf } from "./pending.ts"
import { askGuard } from "./preflight-facts.ts"
import { refuseKept } from "./refuse-kept.ts"

/** Finishes what a killed or failed command left: looks at the world, and does what is left to do. */
export async function resume(deployment: Deployment, validatorName: string | undefined): Promise<Moved> {
  return withUnfinished(deployment, validatorName, "promote --resume", async ({ validator, lock, operation, observed }) => {
    const guard = await askGuard(deployment, observed, validator)
    refuseFor("the operation stays half-way: it must not go on as things stand", [
      ...resumeReasons(deployment.topology, observed, validator, guard),
      ...(operation.kind === "failover" ? loweredPorts(deployment.topology, observed) : []),
    ])
    return carryOut(deployment, validator, lock, operation, observed)
  })
}

/**
 * Takes back what a killed or failed command began: the signer ends at the node that it came from. Where it never left that node, only the
 * other node is parked again. It is a move like any other, with every gate.
 * @throws AppError REFUSED (exit 7) when the way back is not known to be safe; the operation stays recorded
 */
export async function abort(deployment: Deployment, validatorName: string | undefined): Promise<Moved> {
  return withUnfinished(deployment, validatorName, "promote --abort", async ({ validator, lock, operation, observed }) => {
    const guard = await askGuard(deployment, observed, validator)
    refuseFor("it cannot be taken back as things stand; the operation stays half-way", [
      ...resumeReasons(deployment.topology, observed, validator, guard),
      ...wayBackReasons(deployment, observed, validator, operation),
    ])
    const { from, to } = operation
    if (from === undefined) throw new Error("a way back was allowed to nowhere")
    const backwards: PendingOperation = { ...operation, kind: "abort", from: to, to: from }
    await lock.control.writeOperation(backwards)
    return carryOut(deployment, validator, lock, backwards, observed)
  })
}

/** Why the signer cannot go back to where it came from. */
function wayBackReasons(
  { topology }: Deployment,
  observed: Observed,
  validator: Validator,
  { kind, from, to }: PendingOperation,
): readonly Issue[] {
  const refuse = (path: string, message: string): Issue => ({
    severity: "error",
    path,
    message,
    fix: "`gonka-ha promote --resume` goes on forward",
  })
  if (kind === "abort") return [refuse(validator.name, `it is being taken back to ${to} already`)]
  if (from === undefined) return [refuse(validator.name, "it came from no node")]
  const rival = rivalAt(topology, observed, validator, from)
  if (rival) return [refuse(from, `is the active node of validator ${rival.name} by now: one port holds one signer`)]
  const who = whoSigns(topology, observed, validator)
  if (who.kind === "active" && who.node === from) return []
  const host = observed.hosts.get(nodeOf(topology, from).host)
  if (host?.kind !== "seen") return [refuse(from, `its host cannot be asked: ${host?.reason ?? "not observed"}`)]
  const node = observed.nodes.get(from)
  return node?.kind === "seen" ? [] : [refuse(from, `does not answer: ${node?.reason ?? "not observed"}`)]
}

type Unfinished = {
  readonly validator: Validator
  readonly lock: SignerLock
  readonly operation: PendingOperation
  readonly observed: Observed
}

async function withUnfinished(
  deployment: Deployment,
  validatorName: string | undefined,
  purpose: string,
  work: (unfinished: Unfinished) => Promise<Moved>,
): Promise<Moved> {
  const { topology } = deployment
  if (validatorName !== undefined && !topology.validators.some(({ name }) => name === validatorName)) {
    const known = topology.validators.map(({ name }) => name).join(", ")
    throw new AppError("USAGE", EXIT.usage, `there is no validator ${validatorName}`, { hint: `validators: ${known}` })
  }
  const before = await collect(deployment)
  const validator = topology.validators.find(
    (candidate) => (validatorName === undefined || candidate.name === validatorName) && pendingOf(before, candidate),
  )
  if (!validator)
    throw new AppError("REFUSED", EXIT.refused, `nothing was left half-way: there is nothing to ${purpose.replace(/^.*--/, "")}`, {
      hint: "`gonka-ha status` shows who signs",
    })
  const lock = await lockSigner(deployment, validator, purpose)
  try {
    const observed = await collect(deployment)
    const operation = pendingOf(observed, validator)
    if (!operation) throw new AppError("REFUSED", EXIT.refused, "the operation was finished meanwhile")
    if (operation.kind === "replace")
      throw new AppError("REFUSED", EXIT.halfWay, "the replacement of a lost signer was left half-way", {
        hint: `run \`${goOn(operation, validator)}\`: it goes on from what it sees`,
      })
    refuseKept(deployment, observed, validator, [operation.from, operation.to])
    return await work({ validator, lock, operation, observed })
  } finally {
    await lock.release()
  }
}

function refuseFor(what: string, reasons: readonly Issue[]): void {
  if (reasons.length > 0) throw new AppError("REFUSED", EXIT.halfWay, what, { issues: reasons })
}
