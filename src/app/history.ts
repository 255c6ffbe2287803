import { AppError, EXIT } from "../core/errors.ts"
import { type MergedReceipt, mergeReceipts } from "../core/history/merge-receipts.ts"
import type { Receipt } from "../core/receipt.ts"
import type { Topology, Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { type History, historyHere, historyOnSignerHost } from "./read-receipts.ts"

/** The moves of one validator, from both places. */
export type ValidatorHistory = {
  readonly validator: string
  readonly signerHost: string
  /** The oldest first. */
  readonly receipts: readonly Receipt[]
  /** Names of files among them that are no receipts. */
  readonly damaged: readonly string[]
  /** Why the copy on the signer's host could not be read; undefined when it was. */
  readonly unread?: string
}

export type GatheredHistory = {
  readonly validator: Validator
  readonly merged: readonly MergedReceipt[]
  /** The signer's host first, where it could be read. */
  readonly places: readonly History[]
  readonly unread: string | undefined
}

/** `gonka-ha history`: what both places tell. @throws AppError USAGE when there is no such validator */
export async function history(deployment: Deployment, validator: string | undefined): Promise<readonly ValidatorHistory[]> {
  const gathered = await gatherHistories(deployment, validator)
  return gathered.map(({ validator: { name, signerHost }, merged, unread }) => ({
    validator: name,
    signerHost,
    receipts: merged.flatMap(({ receipt }) => receipt ?? []),
    damaged: merged.filter(({ receipt }) => receipt === undefined).map((each) => each.name),
    ...(unread === undefined ? {} : { unread }),
  }))
}

/** `gonka-ha history NUMBER` @throws AppError USAGE when there is no such receipt, or when several validators have one */
export async function receiptNumbered(deployment: Deployment, number: number, validator: string | undefined): Promise<Receipt> {
  const histories = await history(deployment, validator)
  const found = histories.flatMap(({ receipts }) => receipts.filter((receipt) => receipt.number === number))
  const [receipt, second] = found
  if (receipt && !second) return receipt
  if (second) {
    const owners = [...new Set(found.map((each) => each.validator))]
    throw new AppError("USAGE", EXIT.usage, `there is a receipt ${number} of ${owners.join(" and of ")}`, {
      hint: owners.length > 1 ? "say which with --validator" : "`gonka-ha history --verify` tells how that came about",
    })
  }
  const unread = histories.find((each) => each.unread !== undefined)
  if (unread) {
    throw new AppError(
      "HOST_UNREACHABLE",
      EXIT.unreachable,
      `receipt ${number} is not on this machine, and ${unread.signerHost} could not be asked`,
      {
        hint: unread.unread ?? "",
      },
    )
  }
  const last = Math.max(0, ...histories.flatMap(({ receipts }) => receipts.map((each) => each.number)))
  throw new AppError("USAGE", EXIT.usage, `there is no receipt ${number}`, {
    hint: last === 0 ? "nothing was moved yet" : `the newest is ${last}; \`gonka-ha history\` lists them`,
  })
}

export async function gatherHistories(deployment: Deployment, validator: string | undefined): Promise<readonly GatheredHistory[]> {
  return Promise.all(
    validatorsNamed(deployment.topology, validator).map(async (each) => {
      const [here, there] = await Promise.all([historyHere(deployment, each), historyOnSignerHost(deployment, each)])
      const places = there.kind === "seen" ? [there.value, here] : [here]
      const merged = mergeReceipts(places, deployment.sha256)
      return { validator: each, merged, places, unread: there.kind === "seen" ? undefined : there.reason }
    }),
  )
}

function validatorsNamed({ validators }: Topology, name: string | undefined): readonly Validator[] {
  if (name === undefined) return validators
  const found = validators.filter((validator) => validator.name === name)
  if (found.length > 0) return found
  throw new AppError("USAGE", EXIT.usage, `there is no validator ${name}`, {
    hint: `validators: ${validators.map((validator) => validator.name).join(", ")}`,
  })
}
