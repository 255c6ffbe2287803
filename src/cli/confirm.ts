import { AppError, EXIT } from "../core/errors.ts"
import type { Io } from "./io.ts"

/** Asks for one exact word before something is changed. @throws AppError USAGE without a terminal and without --yes, CANCELLED on any other answer */
export async function confirmByTyping(io: Io, yes: boolean, word: string, what: string): Promise<void> {
  if (yes) return
  if (!io.interactive) {
    throw new AppError("USAGE", EXIT.usage, `${what} needs a confirmation, and there is no terminal to ask on`, {
      hint: "add --yes to go on without asking",
    })
  }
  const answer = await io.ask(`Type ${word} to go on: `)
  if (answer.trim() !== word) throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was changed")
}
