/** What it is about: a host, and a step of the plan that is under way; left out where it is about all of it. */
type About = { readonly host?: string; readonly number?: number }

/** A step, as it is told of while it runs. */
type StepHead = { readonly number: number; readonly of: number; readonly title: string; readonly host?: string }

/** What a long operation tells while it runs; printing is somebody else's matter. */
export type Event =
  | ({ readonly kind: "step-begins" } & StepHead)
  | ({ readonly kind: "step-done"; readonly tookMs: number; readonly fact: string | undefined } & StepHead)
  | ({ readonly kind: "step-failed"; readonly tookMs?: number; readonly reason: string } & StepHead)
  /** It has not begun and does not in this run, because of another step; without a number where it never got one. */
  | ({ readonly kind: "step-skipped"; readonly title: string; readonly reason: string } & About)
  /** What is awaited, how it stands, and since when. */
  | ({ readonly kind: "waiting"; readonly what: string; readonly now: string; readonly sinceMs: number } & About)
  | ({ readonly kind: "note"; readonly text: string } & About)

export type Report = (event: Event) => void

/** The same report for the inside of one step: what it tells without saying what it is about is about that step. */
export function reportWithin(report: Report, about: About): Report {
  return (event) => report(event.kind === "waiting" || event.kind === "note" ? { ...about, ...event } : event)
}
