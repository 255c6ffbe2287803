import type { ValidatorHistory } from "../app/history.ts"
import type { VerifiedHistory } from "../app/verify-history.ts"
import type { Receipt } from "../core/receipt.ts"
import { wrappedRow } from "./wrapped-row.ts"

const WIDTHS = [4, 19, 8, 20, 7, 12] as const

/** A table of moves for each validator, the newest last; at most 80 columns. */
export function historyText(histories: readonly ValidatorHistory[]): string {
  return `${histories.map(oneHistory).join("\n\n")}\n`
}

function oneHistory({ validator, signerHost, receipts, damaged, unread }: ValidatorHistory): string {
  const table = [["NO", "BEGAN (UTC)", "KIND", "FROM -> TO", "MISSED", "BY"], ...receipts.map(cells)]
  return [
    `moves of ${validator}, signer on ${signerHost}`,
    ...(receipts.length === 0
      ? ["  none yet"]
      : table.flatMap((row) =>
          wrappedRow(
            WIDTHS,
            row.map((cell) => [cell]),
          ),
        )),
    ...damaged.map((name) => `✗ ${name} is not a receipt that can be read`),
    ...(unread === undefined ? [] : [`? only what this machine has: the copy on ${signerHost} could not be read: ${unread}`]),
  ].join("\n")
}

function cells({ number, began, kind, from, to, missed, by }: Receipt): string[] {
  return [
    String(number),
    began.replace("T", " ").slice(0, 19),
    kind,
    `${from ?? "nowhere"} -> ${to}`,
    missed === undefined ? "unknown" : String(missed.length),
    by,
  ]
}

/** What was held against what, and everything that does not fit. */
export function verifiedText(verified: readonly VerifiedHistory[]): string {
  return `${verified.flatMap(oneVerified).join("\n")}\n`
}

function oneVerified({ validator, receipts, differences, unasked, notes, heights }: VerifiedHistory): string[] {
  const count = `${receipts} receipt${receipts === 1 ? "" : "s"}`
  const chain = heights.by === undefined ? "" : `, ${heights.asked} heights as ${heights.by} has them`
  const head =
    differences.length > 0
      ? `✗ ${validator}: ${count}, ${differences.length === 1 ? "one difference" : `${differences.length} differences`}`
      : unasked.length > 0
        ? `? ${validator}: ${count}, nothing differs in what could be asked`
        : receipts === 0
          ? `✓ ${validator}: no move yet`
          : `✓ ${validator}: ${count} hold: numbers, digests, both copies${chain}`
  return [
    head,
    ...differences.map((line) => `  ✗ ${line}`),
    ...unasked.map((line) => `  ? could not be asked: ${line}`),
    ...(heights.gone > 0
      ? [`  ${heights.gone} heights are no longer there on ${heights.by ?? "any node"}, so nobody was asked about them`]
      : []),
    ...notes.map((line) => `  ${line}`),
  ]
}
