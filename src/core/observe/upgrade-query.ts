import { abciPath, intField, messageOf, nested, textField } from "./abci-query.ts"

/*
 * The question after the chain's next upgrade. Field numbers are those of cosmos.upgrade.v1beta1 (query.proto, upgrade.proto), stable
 * since SDK 0.40.
 */

/** At its height every node stops and goes on with another binary. */
export type UpgradePlan = { readonly name: string; readonly height: number }

export const CURRENT_PLAN_PATH = abciPath("/cosmos.upgrade.v1beta1.Query/CurrentPlan")

/** The plan in a QueryCurrentPlanResponse; undefined when none is scheduled. */
export function readCurrentPlan(valueBase64: string): UpgradePlan | undefined {
  const answer = messageOf(valueBase64)
  if (!answer.has(1)) return undefined
  const plan = nested(answer, 1)
  return { name: textField(plan, 1), height: intField(plan, 3) }
}

/** True when the chain says that it has no upgrade module; any other failure tells nothing. */
export function hasNoUpgrades(code: number | undefined, log: string | undefined): boolean {
  return code === UNKNOWN_REQUEST && /unknown query path/.test(log ?? "")
}

/** ErrUnknownRequest of the SDK. */
const UNKNOWN_REQUEST = 6
