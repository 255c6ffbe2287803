import { durationText } from "../core/duration.ts"
import type { Event, Report } from "../core/events.ts"

/** Progress as plain lines on stderr: what, where, how long, what is awaited. */
export function plainReport(write: (text: string) => void): Report {
  return (event) => {
    const line = lineOf(event)
    if (line !== undefined) write(`${line}\n`)
  }
}

function lineOf(event: Event): string | undefined {
  switch (event.kind) {
    case "step-begins":
      return undefined
    case "step-done":
      return `✓ ${event.number}/${event.of} ${event.title}${event.fact === undefined ? "" : `: ${event.fact}`} (${durationText(event.tookMs)})`
    case "step-failed":
      return `✗ ${event.number}/${event.of} ${event.title}: ${event.reason}`
    case "step-skipped":
      return `- ${event.title}: skipped: ${event.reason}`
    case "waiting":
      return `  … ${durationText(event.sinceMs)} waiting for ${event.what}: ${event.now}`
    case "note":
      return `  ${event.text}`
  }
}
