import type { AuditHistory } from "../app/audit-history.ts"
import type { AuditLine } from "../core/history/audit-line.ts"
import { wrappedRow } from "./wrapped-row.ts"

const WIDTHS = [19, 14, 43] as const

/** What was done to which hosts, the newest last; at most 80 columns. */
export function auditText({ lines, unread, cut }: AuditHistory): string {
  const table = [["WHEN (UTC)", "HOSTS", "WHO AND WHAT"], ...together(lines).map(cells)]
  return [
    ...(lines.length === 0
      ? ["no audit line was found"]
      : table.flatMap((row) =>
          wrappedRow(
            WIDTHS,
            row.map((cell) => [cell]),
          ),
        )),
    ...cut.map((host) => `… the log of ${host} goes back further; \`gonka-ha ssh ${host}\` shows all of it`),
    ...unread.map(({ host, reason }) => `? the log of ${host} could not be read: ${reason}`),
    "",
  ].join("\n")
}

type Entry = { readonly line: AuditLine; readonly hosts: readonly string[] }

/** What one command wrote on several hosts is one entry. */
function together(lines: readonly AuditLine[]): readonly Entry[] {
  const entries: Entry[] = []
  for (const line of lines) {
    const last = entries.at(-1)
    if (last !== undefined && line.at !== undefined && isSame(last.line, line))
      entries[entries.length - 1] = { ...last, hosts: [...last.hosts, line.host] }
    else entries.push({ line, hosts: [line.host] })
  }
  return entries
}

function isSame(a: AuditLine, b: AuditLine): boolean {
  return a.host !== b.host && a.at === b.at && a.by === b.by && a.from === b.from && a.what === b.what
}

function cells({ line: { at, by, from, what }, hosts }: Entry): string[] {
  const who = by === undefined ? "" : `${by}${from === undefined ? "" : ` from ${from}`}: `
  return [at?.replace("T", " ").slice(0, 19) ?? "", hosts.join(", "), `${who}${what}`]
}
