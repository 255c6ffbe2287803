import { durationText } from "../core/duration.ts"
import type { Event, Report } from "../core/events.ts"
import { printable } from "../core/printable.ts"
import { wrapped } from "./wrapped.ts"

/** Progress as plain lines on stderr: what, where, how long, what is awaited. */
export function plainReport(write: (text: string) => void): Report {
  return (event) => {
    for (const line of event.kind === "waiting" ? waitingLines(event) : lastingLines(event)) write(`${line}\n`)
  }
}

/** What stays to be read of an event, in at most 80 columns and without anything that a terminal would obey. */
export function lastingLines(event: Event): readonly string[] {
  switch (event.kind) {
    case "step-begins":
    case "waiting":
      return []
    case "step-done": {
      const fact = event.fact === undefined ? "" : `: ${event.fact}`
      return line("✓ ", `${event.number}/${event.of} ${event.title}${fact} (${durationText(event.tookMs)})`)
    }
    case "step-failed": {
      const took = event.tookMs === undefined ? "" : ` (${durationText(event.tookMs)})`
      return line("✗ ", `${event.number}/${event.of} ${event.title}: ${event.reason}${took}`)
    }
    case "step-skipped":
      return line("- ", `${event.title}: skipped: ${event.reason}`)
    case "note":
      return event.text.split("\n").flatMap((text) => line(`  ${/^ */.exec(text)?.[0] ?? ""}`, text.trim()))
  }
}

function waitingLines({ sinceMs, what, now }: Extract<Event, { kind: "waiting" }>): readonly string[] {
  return line("  … ", `${durationText(sinceMs)} waiting for ${what}: ${now}`)
}

function line(mark: string, text: string): readonly string[] {
  return wrapped(mark, printable(text))
}
