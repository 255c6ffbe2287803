import { abciPath, intField, messageOf, nested, stringArgument, textField } from "./abci-query.ts"
import type { SlashingSeen } from "./state.ts"

/*
 * Questions to the chain's slashing module. Field numbers are those of cosmos.slashing.v1beta1 (query.proto, slashing.proto), stable
 * since SDK 0.40.
 */

export const PARAMS_PATH = abciPath("/cosmos.slashing.v1beta1.Query/Params")

export function signingInfoPath(consensusAddress: string): string {
  return abciPath("/cosmos.slashing.v1beta1.Query/SigningInfo", stringArgument(consensusAddress))
}

/** True when the chain says that it has no record of this validator; any other failure tells nothing. */
export function isNoSuchRecord(code: number | undefined, log: string | undefined): boolean {
  return code === KEY_NOT_FOUND || /SigningInfo not found/.test(log ?? "")
}

/** ErrKeyNotFound of the SDK, which a gRPC NotFound becomes on the way through ABCI. */
const KEY_NOT_FOUND = 30

type Record = NonNullable<SlashingSeen["record"]>

/** Window and minimum of a QueryParamsResponse, in blocks. */
export function readParams(valueBase64: string): { readonly windowBlocks: number; readonly minSignedBlocks: number } {
  const params = nested(messageOf(valueBase64), 1)
  const windowBlocks = intField(params, 1)
  // A decimal with 18 places, written as the text of the integer.
  const fraction = Number(textField(params, 2)) / 1e18
  return { windowBlocks, minSignedBlocks: Math.round(windowBlocks * fraction) }
}

/** The record in a QuerySigningInfoResponse. */
export function readSigningInfo(valueBase64: string): Record {
  const info = nested(messageOf(valueBase64), 1)
  const jailedUntil = nested(info, 4)
  return {
    startHeight: intField(info, 2),
    countedBlocks: intField(info, 3),
    jailedUntilMs: Math.max(0, intField(jailedUntil, 1) * 1000),
    tombstoned: intField(info, 5) !== 0,
    missedBlocks: intField(info, 6),
  }
}
