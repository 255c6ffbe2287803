import { durationText } from "../core/duration.ts"
import type { Event, Report } from "../core/events.ts"
import { printable } from "../core/printable.ts"
import { wrapped } from "./wrapped.ts"

/** A wait that is longer than this is told of less often: these lines stay, and some waits take hours. */
const LONG_WAIT_MS = 20_000
const TELL_EVERY_MS = 10_000

/** Progress as plain lines on stderr: what, where, how long, what is awaited. */
export function plainReport(write: (text: string) => void): Report {
  const told = new Map<string, number>()
  const isDue = ({ what, sinceMs }: Waiting) => {
    const last = told.get(what)
    // One that began anew starts from nothing again.
    if (last !== undefined && sinceMs > LONG_WAIT_MS && sinceMs >= last && sinceMs < last + TELL_EVERY_MS) return false
    told.set(what, sinceMs)
    return true
  }
  return (event) => {
    const lines = event.kind === "waiting" ? (isDue(event) ? waitingLines(event) : []) : lastingLines(event)
    for (const line of lines) write(`${line}\n`)
  }
}

type Waiting = Extract<Event, { kind: "waiting" }>

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

function waitingLines({ sinceMs, what, now }: Waiting): readonly string[] {
  return line("  … ", `${durationText(sinceMs)} waiting for ${what}: ${now}`)
}

function line(mark: string, text: string): readonly string[] {
  return wrapped(mark, printable(text))
}
