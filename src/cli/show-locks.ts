import type { LocksView, LockView } from "../core/observe/lock-report.ts"
import { wrappedRow } from "./wrapped-row.ts"

const WIDTHS = [20, 7, 5, 40] as const
const MARK: Readonly<Record<LockView["state"], string>> = { free: "✓", held: "⚠", kept: "✗", unknown: "?" }

/** Every lock of a deployment, a row for each; at most 80 columns. */
export function locksText({ hosts, signers }: LocksView): string {
  return `${[
    ...row(" ", ["LOCK", "STATE", "EPOCH", "WHO, SINCE WHEN, WHAT FOR"]),
    ...hosts.flatMap(({ host, ...lock }) => lockRow(host, lock)),
    ...signers.flatMap(({ validator, host, ...lock }) => lockRow(`signer of ${validator} on ${host}`, lock)),
  ].join("\n")}\n`
}

function lockRow(name: string, { state, owner, since, reason, epoch }: LockView): readonly string[] {
  const who = owner === undefined ? (reason ?? "") : `${owner} since ${since}: ${reason}`
  return row(MARK[state], [name, state, epoch === undefined ? "" : String(epoch), who])
}

function row(mark: string, cells: readonly string[]): readonly string[] {
  const lines = wrappedRow(
    WIDTHS,
    cells.map((cell) => [cell]),
  )
  return lines.map((line, index) => `${index === 0 ? mark : " "} ${line}`)
}
