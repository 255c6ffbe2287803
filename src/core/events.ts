/** What a long operation tells while it runs; printing is somebody else's matter. */
export type Event =
  | { readonly kind: "step-begins"; readonly number: number; readonly of: number; readonly title: string }
  | {
      readonly kind: "step-done"
      readonly number: number
      readonly of: number
      readonly title: string
      readonly tookMs: number
      readonly fact: string | undefined
    }
  | { readonly kind: "step-failed"; readonly number: number; readonly of: number; readonly title: string; readonly reason: string }
  /** What is awaited, how it stands, and since when. */
  | { readonly kind: "waiting"; readonly what: string; readonly now: string; readonly sinceMs: number }
  | { readonly kind: "note"; readonly text: string }

export type Report = (event: Event) => void
