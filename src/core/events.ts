/** A step of a plan, as it is told of while it runs; `host` where it acts on one. */
type StepHead = { readonly number: number; readonly of: number; readonly title: string; readonly host?: string }

/** What a long operation tells while it runs; printing is somebody else's matter. */
export type Event =
  | ({ readonly kind: "step-begins" } & StepHead)
  | ({ readonly kind: "step-done"; readonly tookMs: number; readonly fact: string | undefined } & StepHead)
  | ({ readonly kind: "step-failed"; readonly reason: string } & StepHead)
  /** It has not begun and does not in this run, because of another step; without a number where it never got one. */
  | { readonly kind: "step-skipped"; readonly number?: number; readonly title: string; readonly host?: string; readonly reason: string }
  /** What is awaited, how it stands, and since when. */
  | { readonly kind: "waiting"; readonly what: string; readonly now: string; readonly sinceMs: number; readonly host?: string }
  | { readonly kind: "note"; readonly text: string; readonly host?: string }

export type Report = (event: Event) => void
