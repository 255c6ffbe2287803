import * as z from "zod"
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
  await refuseForeignHost(deployment, validator, before)
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

/** A seal makes a signer out of nothing. Where none has been, that is a second signer, and only `signer replace` proves that the first is gone. */
async function refuseForeignHost(deployment: Deployment, validator: Validator, { files, wasNew }: DownSigner): Promise<void> {
  if (!wasNew || (files && (files.floor !== undefined || files.state.kind !== "missing"))) return
  const path = await signerRecord(deployment, validator)
  const host = path === undefined ? undefined : hostIn(await deployment.local.readText(path))
  if (host === validator.signerHost) return
  throw path === undefined
    ? refusal(`no signer of ${validator.name} was ever set up on ${validator.signerHost}`, "`gonka-ha up` sets it up")
    : refusal(
        `the signer of ${validator.name} was set up on ${host ?? "a host that its record does not name"}, not on ${validator.signerHost}`,
        "`gonka-ha signer replace` proves that the old one is gone, then starts a new one",
      )
}

function hostIn(record: string): string | undefined {
  try {
    return z.object({ host: z.string() }).safeParse(JSON.parse(record)).data?.host
  } catch {
    return undefined
  }
}

function refusal(reason: string, hint: string): AppError {
  return new AppError("REFUSED", EXIT.refused, `seal is refused, nothing was changed: ${reason}`, { hint })
}
