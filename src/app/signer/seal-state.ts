import { AppError, EXIT } from "../../core/errors.ts"
import { type SealHeight, sealHeight } from "../../core/plan/seal-height.ts"
import type { Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"
import { lockSigner } from "../lock.ts"
import { signerRecord, spentHeight } from "../signer-records.ts"
import { agreedTip } from "./agreed-tip.ts"
import { chosenValidator } from "./chosen-validator.ts"
import { type DownSigner, holdStill, lookAtDownSigner } from "./hold-still.ts"
import { type PutState, standing } from "./import-state.ts"
import { recorded } from "./recorded.ts"

type SealRequest = { readonly validator: string | undefined; readonly height: number | undefined }

export type SealPlan = {
  readonly validator: string
  readonly host: string
  /** At the moment of the plan; the chain goes on until it is carried out. */
  readonly height: number
  readonly because: string
  /** What stands there now, in words. */
  readonly before: string
}

/**
 * `gonka-ha signer state seal`: the way on for a signer whose state is lost, damaged or older than what it has signed. Everything up to a
 * height above the tip is forbidden for good, which covers whatever the lost state knew.
 */
export async function sealState(
  deployment: Deployment,
  request: SealRequest,
  confirm: (plan: SealPlan) => Promise<void>,
): Promise<PutState> {
  const { topology, clock } = deployment
  const validator = chosenValidator(topology, request.validator)
  const before = await lookAtDownSigner(deployment, validator, "seal")
  await refuseEmptyHost(deployment, validator, before)
  const planned = await decide(deployment, validator, before, request)
  await confirm({
    validator: validator.name,
    host: validator.signerHost,
    height: planned.height,
    because: planned.because,
    before: standing(before),
  })
  const lock = await lockSigner(deployment, validator, "signer state seal")
  try {
    const down = await holdStill(deployment, validator, "seal")
    const { height, because, tip } = await decide(deployment, validator, down, request)
    const moveAsideAs = `damaged-${new Date(clock.wallMs()).toISOString().replaceAll(/[-:]/g, "").slice(0, 15)}`
    return await recorded(
      deployment,
      validator,
      { verb: "seal", detail: `height ${height}: ${because}; before: ${standing(down)}`, epoch: lock.control.epoch },
      async () => {
        lock.stillOurs()
        await lock.control.replaceState(height, { moveAsideAs })
        // An older one would call the new state one of another chain.
        await lock.control.writeTip(Math.max(tip, height))
        return { validator: validator.name, host: validator.signerHost, height, because }
      },
      () => `sealed at height ${height}: ${because}`,
    )
  } finally {
    await lock.release()
  }
}

async function decide(
  deployment: Deployment,
  validator: Validator,
  { observed, files }: DownSigner,
  { height: wanted }: SealRequest,
): Promise<Extract<SealHeight, { kind: "sealed" }> & { readonly tip: number }> {
  const { topology } = deployment
  const tip = await agreedTip(deployment, observed)
  const slashing = observed.slashing.get(validator.name)
  if (slashing?.kind !== "seen")
    throw refusal(`whether this key signs elsewhere is not known: ${slashing?.reason ?? "the chain was not asked"}`, "run it again")
  if (slashing.value.record?.tombstoned) throw refusal("this key is tombstoned: it can never sign again", "nothing is to be mended here")
  const decided = sealHeight({
    tip,
    blockMs: topology.chain.blockMs,
    wanted,
    floor: files?.floor,
    state: files?.state.kind === "ok" ? files.state.state : undefined,
    spent: await spentHeight(deployment, validator),
  })
  if (decided.kind === "refused") throw refusal(decided.reason, decided.fix)
  return { ...decided, tip: tip.height }
}

/**
 * A seal on a host that has nothing of the signer would make one out of nothing, and whether it is the same machine with an empty disk or
 * another one under the old name cannot be seen: only `signer replace` proves that the first is gone.
 */
async function refuseEmptyHost(deployment: Deployment, validator: Validator, { files, wasNew }: DownSigner): Promise<void> {
  if (!wasNew || (files && (files.floor !== undefined || files.state.kind !== "missing"))) return
  const isRecorded = (await signerRecord(deployment, validator)) !== undefined
  throw refusal(
    `${validator.signerHost} has nothing of the signer of ${validator.name}`,
    isRecorded
      ? "it was set up before: if its host is lost or was installed anew, name a new one and run `gonka-ha signer replace`"
      : "`gonka-ha up` sets it up",
  )
}

function refusal(reason: string, hint: string): AppError {
  return new AppError("REFUSED", EXIT.refused, `seal is refused, nothing was changed: ${reason}`, { hint })
}
