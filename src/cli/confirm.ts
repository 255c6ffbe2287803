import { AppError, EXIT } from "../core/errors.ts"
import type { Io } from "./io.ts"

/** What is confirmed: the word to type, and the option that stands for it where nobody can type. */
export type Confirmation = { readonly what: string; readonly word: string; readonly option: string }

/** Asks for one exact word before something is changed. @throws AppError USAGE without a terminal and without the option, CANCELLED on any other answer */
export async function confirmByTyping(io: Io, given: boolean, { what, word, option }: Confirmation): Promise<void> {
  if (given) return
  if (!io.interactive) {
    throw new AppError("USAGE", EXIT.usage, `${what} needs a confirmation, and there is no terminal to ask on`, {
      hint: `add ${option} to go on without asking`,
    })
  }
  const answer = await io.ask(`Type ${word} to go on: `)
  if (answer.trim() !== word) throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was changed")
}
