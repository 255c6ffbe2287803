import type { Command } from "commander"
import { AppError, type ErrorCode, EXIT, type ExitCode } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { AnswerOption } from "./answer-option.ts"

/** What a command answers with `--json` when it fails; the form of `schema/error.schema.json`. */
export type ErrorAnswer = {
  /** The command's words, such as `signer status`. */
  readonly command: string
  readonly code: ErrorCode | "BUG"
  readonly message: string
  readonly hint?: string
  readonly issues: readonly Issue[]
}

/**
 * The words of the command that was asked to answer in JSON; undefined when none was. It goes by what was typed, so that it also knows of
 * a command line that is wrong.
 */
export function jsonCommand(program: Command, argv: readonly string[]): string | undefined {
  const [typed, words] = [argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined), [] as string[]]
  let command = program
  for (const word of typed) {
    const child = command.commands.find((each) => each.name() === word)
    if (child === undefined) break
    words.push(word)
    command = child
  }
  if (!command.options.some((option) => option instanceof AnswerOption)) return undefined
  const isAsked = typed.some(
    (word, index) => word === "--json" || word === "--format=json" || (word === "json" && typed[index - 1] === "--format"),
  )
  return isAsked ? words.join(" ") : undefined
}

export function errorAnswer(command: string, error: unknown): { readonly answer: ErrorAnswer; readonly exit: ExitCode } {
  if (!(error instanceof AppError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { answer: { command, code: "BUG", message, issues: [] }, exit: EXIT.bug }
  }
  const { code, message, hint, issues, exit } = error
  return { answer: { command, code, message, ...(hint === undefined ? {} : { hint }), issues }, exit }
}
