import { durationText } from "../core/duration.ts"
import type { NodeRow, StatusView, ValidatorView } from "../core/observe/status-view.ts"
import { COLUMNS, wrapped } from "./wrapped.ts"

const MARK = { fresh: "✓", lagging: "⚠", stale: "✗", unknown: "?" } as const

/** One screen of at most 80 columns. */
export function statusText(view: StatusView): string {
  const tip = view.tip === undefined ? "no node answers" : `tip ${view.tip}, ${age(view.tipAgeMs)} old`
  const head = `${view.deployment} on ${view.chain}   ${tip}`
  return [
    ...(head.length <= COLUMNS ? [head] : wrapped("", head)),
    ...view.validators.flatMap(validatorLines),
    "",
    row(["", "NODE", "HOST", "ROLE", "HEIGHT", "LAG", "AGE", "PEERS", "PORT"]),
    ...view.nodes.map(nodeLine),
    ...(view.critical.length + view.warnings.length > 0 ? [""] : []),
    ...view.critical.flatMap((line) => wrapped("✗ ", line)),
    ...view.warnings.flatMap((line) => wrapped("⚠ ", line)),
    "",
  ].join("\n")
}

function validatorLines(view: ValidatorView): string[] {
  const { signing } = view
  const head =
    signing.kind === "active"
      ? `${signing.attached ? "✓" : "⚠"} ${view.name}: active at ${signing.node}`
      : `✗ ${view.name}: ${signing.kind === "stopped" ? "signer stopped" : signing.kind === "new" ? "signer not set up" : signing.kind === "conflict" ? "more than one signer" : "unknown who signs"}`
  const window = view.signedInWindow ? `signed ${view.signedInWindow.signed} of ${view.signedInWindow.of}` : "signed: unknown"
  const budget = view.budget
    ? `jail budget ${view.budget.leftBlocks} blocks, about ${durationText(view.budget.leftMs)}`
    : "jail budget unknown"
  return [
    head,
    ...wrapped("    ", `${window}, ${budget}`),
    ...(signing.kind === "active" ? signing.evidence.flatMap((line) => wrapped("    ", line)) : []),
  ]
}

const WIDTHS = [2, 14, 10, 10, 9, 5, 8, 6, 10] as const

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => clip(cell, (WIDTHS[index] ?? 8) - 1).padEnd(WIDTHS[index] ?? 8))
    .join("")
    .trimEnd()
}

function nodeLine(node: NodeRow): string {
  return row([
    MARK[node.health.verdict],
    node.name,
    node.host,
    node.role,
    text(node.height),
    text(node.lagBlocks),
    age(node.ageMs),
    text(node.peers),
    node.port ?? "-",
  ])
}

function text(value: number | undefined): string {
  return value === undefined ? "?" : String(value)
}

function age(ms: number | undefined): string {
  return ms === undefined ? "?" : durationText(Math.max(0, ms))
}

function clip(cell: string, width: number): string {
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell
}
