import { AppError, EXIT, type ExitCode } from "../core/errors.ts"
import { issueText } from "../core/issue.ts"

/** What an operator reads when a command fails, and the exit code. A stack trace is only for what nobody expected. */
export function errorText(error: unknown): { readonly text: string; readonly exit: ExitCode } {
  if (!(error instanceof AppError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { text: `error[BUG]: ${detail}\nThis is a bug in gonka-ha; please report it with the text above.\n`, exit: EXIT.bug }
  }
  const lines = [
    `error[${error.code}]: ${error.message}`,
    ...error.issues.map((issue) => `  ${issueText(issue)}`),
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
  ]
  return { text: `${lines.join("\n")}\n`, exit: error.exit }
}
