import type { Questions } from "../core/questions.ts"

/** The terminal as the commands see it: data goes to `out`, everything else to `err`. */
export type Io = {
  out(text: string): void
  err(text: string): void
  readonly interactive: boolean
  /** Asks on the terminal; only when interactive. */
  ask(question: string): Promise<string>
  /** Questions that lead through something; only when interactive. */
  questions(): Promise<Questions>
}
