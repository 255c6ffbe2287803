import { printable } from "../printable.ts"

/** One line of a host's audit log. */
export type AuditLine = {
  readonly host: string
  /** In UTC, as whoever wrote it had it on the clock; absent for a line that is not of the form that gonka-ha writes. */
  readonly at?: string
  /** Who, as their own machine has it: `user@machine`. */
  readonly by?: string
  /** The address that they came from, as the host saw it; or `this host`. */
  readonly from?: string
  readonly what: string
}

const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z) (\S+) (.*?)(?: \[from ([^[\]]*)\])?$/

/** Longer than any line that gonka-ha writes. */
const LONGEST = 1200

/** Milliseconds since 1970 of a written time; not a number when it cannot be read. */
type TimeMs = (written: string) => number

/** What a host says, as lines that no terminal acts upon. */
export function auditLinesIn(host: string, text: string, timeMs: TimeMs): readonly AuditLine[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => auditLine(host, printable(line).slice(0, LONGEST), timeMs))
}

function auditLine(host: string, line: string, timeMs: TimeMs): AuditLine {
  const [, at, by, what, from] = FORM.exec(line) ?? []
  if (at === undefined || by === undefined || what === undefined || Number.isNaN(timeMs(at))) return { host, what: line }
  return { host, at, by, ...(from === undefined ? {} : { from }), what }
}

/** All lines by their times. A line without one stays behind the one before it on its host, and at the same time the hosts keep their order. */
export function mergeAudit(logs: readonly (readonly AuditLine[])[], timeMs: TimeMs): readonly AuditLine[] {
  const timed = logs.flatMap((lines) => {
    let last = Number.NEGATIVE_INFINITY
    return lines.map((line) => {
      if (line.at !== undefined) last = timeMs(line.at)
      return { line, ms: last }
    })
  })
  return timed.sort((a, b) => (a.ms === b.ms ? 0 : a.ms - b.ms)).map(({ line }) => line)
}
