import { AppError, EXIT } from "../core/errors.ts"

/** Of each output of one command; what is asked for is far smaller, and a host must not fill this machine's memory. */
export const MAX_OUTPUT_CHARS = 32_000_000

export function tooMuch(argv: readonly string[], host: string): AppError {
  return new AppError(
    "REMOTE_COMMAND",
    EXIT.halfWay,
    `${argv[0]} on ${host} printed more than ${MAX_OUTPUT_CHARS / 1_000_000} MB and was stopped`,
    { hint: "it answers as no host does that is well: look at it before you trust anything that it says" },
  )
}
