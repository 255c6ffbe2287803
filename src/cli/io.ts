import type { Outlet } from "../core/ports.ts"
import type { Questions } from "../core/questions.ts"

/** Both outputs of a command that goes on until it is ended. */
export type Foreground = { readonly out: Outlet; readonly err: Outlet }

/** The terminal as the commands see it: data goes to `out`, everything else to `err`. */
export type Io = {
  out(text: string): void
  err(text: string): void
  readonly interactive: boolean
  /** For a command that goes on until it is ended: from here on Ctrl-C is its ordinary end, and nothing is said about it. */
  foreground(): Foreground
  /** Asks on the terminal; only when interactive. */
  ask(question: string): Promise<string>
  /** Asks for what nobody may read over the shoulder; only when interactive. @throws AppError CANCELLED */
  askHidden(question: string): Promise<string>
  /** Everything that is piped in; undefined when standard input is a terminal. */
  readInput(): Promise<string | undefined>
  /** Questions that lead through something; only when interactive. */
  questions(): Promise<Questions>
}
