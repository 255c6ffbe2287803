import type { ContainerRow, ContainersView, ContainerVerdict } from "../core/observe/container-report.ts"
import { wrappedRow } from "./wrapped-row.ts"

const MARK: Readonly<Record<ContainerVerdict, string>> = { ok: "✓", waits: "✓", stopped: "✗", missing: "✗", outdated: "⚠", stray: "⚠" }

const WORDS: Readonly<Record<ContainerVerdict, string>> = {
  ok: "current",
  waits: "current",
  stopped: "current",
  missing: "-",
  outdated: "older",
  stray: "stray",
}

const WIDTHS = [12, 20, 8, 7, 21] as const

/** Every container of a deployment, a row for each; at most 80 columns. */
export function containersText({ containers, unknownHosts }: ContainersView): string {
  return `${[
    ...lines(" ", ["HOST", "CONTAINER", "ROLE", "FILES", "STATUS"]),
    ...containers.flatMap((row) => lines(MARK[row.verdict], [row.host, row.service, row.role, filesWord(row), statusWords(row)])),
    ...unknownHosts.flatMap(({ host, reason }) => lines("?", [host, "unknown", "", "", ""]).concat(reasonLines(reason))),
  ].join("\n")}\n`
}

function lines(mark: string, cells: readonly string[]): readonly string[] {
  return wrappedRow(
    WIDTHS,
    cells.map((cell) => [cell]),
  ).map((line, index) => `${index === 0 ? mark : " "} ${line}`)
}

function reasonLines(reason: string): readonly string[] {
  return wrappedRow([74], [[reason]]).map((line) => `    ${line}`)
}

/** Whether it was made of what is rendered. */
function filesWord({ verdict, isCurrent }: ContainerRow): string {
  return isCurrent === false ? WORDS.outdated : WORDS[verdict]
}

function statusWords({ verdict, status, duration, exitCode }: ContainerRow): string {
  if (status === undefined) return "does not exist"
  const word = exitCode === undefined ? status : `${status} (${exitCode})`
  const rest = duration === undefined ? word : `${word} ${duration}`
  return verdict === "waits" ? `waits, ${rest}` : rest
}
