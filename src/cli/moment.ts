import type { Moment } from "../app/moment.ts"
import { AppError, EXIT } from "../core/errors.ts"

/** `now`, `gap`, a time of ISO 8601 with its zone, or a time from now such as `+20m`. @throws AppError USAGE */
export function momentOf(text: string, nowMs: number): Moment {
  if (text === "now" || text === "gap") return { kind: text }
  const [, count, unit] = /^\+(\d{1,4})(s|m|h)$/.exec(text) ?? []
  if (count !== undefined)
    return { kind: "at", atMs: nowMs + Number(count) * { s: 1000, m: 60_000, h: 3_600_000 }[unit as "s" | "m" | "h"] }
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs))
    throw new AppError("USAGE", EXIT.usage, `--when ${text} is not a moment`, {
      hint: "now, gap (the next pause between two blocks, the default), a time such as 2026-11-30T04:00:00Z, or +20m",
    })
  if (atMs < nowMs) throw new AppError("USAGE", EXIT.usage, `--when ${text} has passed already`)
  return { kind: "at", atMs }
}
