import type { Event, Report } from "../core/events.ts"
import { harmlessJson } from "../core/printable.ts"

/** One line of progress for programs; the form of `schema/event.schema.json`. */
export type EventLine = {
  readonly schema: "gonka-ha/event/v1"
  readonly at: string
  readonly kind: Event["kind"]
  readonly host?: string | undefined
  readonly number?: number | undefined
  readonly of?: number | undefined
  readonly title?: string | undefined
  readonly elapsedMs?: number | undefined
  readonly fact?: string | undefined
  readonly reason?: string | undefined
  readonly what?: string | undefined
  readonly now?: string | undefined
  readonly text?: string | undefined
}

/** Progress as one JSON object on each line. @param now the time in UTC */
export function jsonReport(write: (text: string) => void, now: () => string): Report {
  const told = (event: Event): EventLine => ({ schema: "gonka-ha/event/v1", at: now(), ...lineOf(event) })
  return (event) => write(`${harmlessJson(JSON.stringify(told(event)))}\n`)
}

function lineOf(event: Event): Omit<EventLine, "schema" | "at"> {
  switch (event.kind) {
    case "step-begins":
    case "step-skipped":
    case "note":
      return event
    case "step-done": {
      const { tookMs, ...line } = event
      return { ...line, elapsedMs: Math.round(tookMs) }
    }
    case "step-failed": {
      const { tookMs, ...line } = event
      return { ...line, elapsedMs: tookMs === undefined ? undefined : Math.round(tookMs) }
    }
    case "waiting": {
      const { sinceMs, ...line } = event
      return { ...line, elapsedMs: Math.round(sinceMs) }
    }
  }
}
