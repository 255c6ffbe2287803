import { AppError, EXIT } from "../../core/errors.ts"
import { parseSignerState } from "../../core/observe/signer-state.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { hostOf, type Validator, validatorOf } from "../../core/topology.ts"
import { rpcOf } from "../chain.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { spentHeight, writeReplacedRecord } from "../signer-records.ts"
import { findWitnesses } from "../steps/chain-signing.ts"

/** Above anything that a signer which is cut off at the tip can still have signed, with slack for nodes that lag (signing.md 6.2, 6.6). */
export const SEAL_MARGIN_BLOCKS = 5

/** Writes the state that the new signer begins with: a height above everything that its key can have signed. Nothing is ever lowered. */
export async function sealSigner({ args }: StepOf<"signer.seal">, { deployment, control, stillOurs }: Run): Promise<string> {
  const { topology, clock } = deployment
  const validator = validatorOf(topology, args.validator)
  const present = await whatStands(deployment, validator)
  const known = await highestKnown(deployment, validator)
  const height = Math.max(known.height + SEAL_MARGIN_BLOCKS, present.sealed, present.floor)
  stillOurs()
  await control(validator.name).sealState(height)
  await control(validator.name).write("floor", String(height))
  await writeReplacedRecord(deployment, validator, {
    deployment: topology.deployment,
    host: validator.signerHost,
    replaces: args.host,
    // All of them: who drops one from the file gives its port back to it.
    replaced: validator.replacedHosts,
    at: new Date(clock.wallMs()).toISOString(),
    floor: height,
    because: known.because,
  })
  return `height ${height}: ${known.because}, and ${height - known.height} above it`
}

/** The tip of the chain, or what this machine knows the key to have signed above it. */
async function highestKnown(deployment: Deployment, validator: Validator): Promise<{ readonly height: number; readonly because: string }> {
  const { topology, fleet, keys } = deployment
  if ((await findWitnesses(deployment)).length === 0)
    throw new AppError("WAIT_STALLED", EXIT.halfWay, "no sentry answers, so the height to seal at is not known", {
      hint: "bring a sentry back",
    })
  const heights = await Promise.all(
    topology.nodes.map((node) =>
      rpcOf(fleet, node)
        .height()
        .catch(() => 0),
    ),
  )
  const tip = Math.max(...heights)
  const imported = await keys.importedState(validator.name)
  const state = imported === undefined ? undefined : parseSignerState(imported)
  const signed = Math.max(state?.kind === "ok" ? state.state.height : 0, (await spentHeight(deployment, validator)) ?? 0)
  return signed > tip
    ? { height: signed, because: `this machine knows that the key may have signed up to ${signed}` }
    : { height: tip, because: `the newest block of all nodes is ${tip}` }
}

/** What an earlier run of this replacement has left on the new host; anything else there is another signer's. */
async function whatStands(deployment: Deployment, validator: Validator): Promise<{ readonly sealed: number; readonly floor: number }> {
  const host = await readHost(deployment, hostOf(deployment.topology, validator.signerHost))
  if (host.kind === "unknown")
    throw new AppError("HOST_UNREACHABLE", EXIT.halfWay, `${validator.signerHost} cannot be asked: ${host.reason}`)
  const files = host.value.signers.get(validator.name)
  const state = files?.state
  if (files?.aim === undefined && (state === undefined || state.kind === "missing" || (state.kind === "ok" && state.sealed)))
    return { sealed: state?.kind === "ok" ? state.state.height : 0, floor: files?.floor ?? 0 }
  throw new AppError(
    "REFUSED",
    EXIT.halfWay,
    `${validator.signerHost} holds a state of this signer that was used or is damaged: it is not sealed over`,
    {
      hint: "`gonka-ha signer status` shows what it is",
    },
  )
}
