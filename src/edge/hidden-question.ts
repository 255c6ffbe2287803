import { isCancel, password } from "@clack/prompts"
import { AppError, EXIT } from "../core/errors.ts"

/** Asks on this terminal and shows dots for what is typed. @throws AppError CANCELLED */
export async function hiddenAnswer(message: string, signal: AbortSignal): Promise<string> {
  const answer = await password({ message, mask: "•", input: process.stdin, output: process.stderr, signal })
  if (isCancel(answer)) throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was written")
  // Nothing typed has no value of its own in this library.
  return answer ?? ""
}
