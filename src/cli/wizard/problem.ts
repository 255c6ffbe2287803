import { type InitPorts, type InitRequest, prepareInit } from "../../app/init.ts"
import { AppError } from "../../core/errors.ts"
import { FORM } from "../../core/spec/rules/form.ts"

/** What is wrong with a request, in the words that the command without questions would use; undefined when nothing is. */
export async function problemWith(ports: InitPorts, request: InitRequest, path?: readonly string[]): Promise<string | undefined> {
  try {
    await prepareInit(ports, request)
    return undefined
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return textOf(error, path?.join("."))
  }
}

/** The answer's own path goes without saying. */
function textOf({ issues, message, hint }: AppError, asked: string | undefined): string {
  if (issues.length === 0) return hint === undefined ? message : `${message}: ${hint}`
  return issues
    .filter((issue) => issue.severity === "error")
    .map((issue) => {
      const where = issue.path === asked ? "" : `${issue.path}: `
      // The advice on a value of the wrong form is only to do what the message says.
      const isSaid = issue.fix === undefined || issue.fix === FORM.wrongValue.fix
      return `${where}${issue.message}${isSaid ? "" : `: ${issue.fix}`}`
    })
    .join("; ")
}
