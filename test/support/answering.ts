import { AppError, EXIT } from "../../src/core/errors.ts"
import type { Questions } from "../../src/core/questions.ts"

/** An answer for the question whose message holds this text; a list gives one answer after the other, as long as they are refused. */
export type Script = Readonly<Record<string, string | boolean | readonly string[]>>

/** A person who answers by a script, and presses Enter where it says nothing. Ctrl-C is a script's `^C`. */
export function answering(script: Script) {
  const asked: string[] = []
  const refusals: string[] = []
  const told: string[] = []
  const unused = new Set(Object.keys(script))

  function answerTo(message: string): string | boolean | readonly string[] | undefined {
    asked.push(message)
    const key = Object.keys(script).find((part) => message.includes(part))
    if (key === undefined) return undefined
    unused.delete(key)
    if (script[key] === "^C") throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was written")
    return script[key]
  }

  const questions: Questions = {
    begin: (title) => told.push(title),
    tell: (title, text) => told.push(`${title}\n${text}`),
    choose: async ({ message, alternatives, first }) => {
      const answer = answerTo(message) ?? first
      if (!alternatives.some(({ name }) => name === answer)) throw new Error(`${String(answer)} is no alternative`)
      return String(answer)
    },
    text: async ({ message, start, check }) => {
      const answers = [answerTo(message) ?? start ?? ""].flat()
      for (const answer of answers) {
        const problem = await check(String(answer))
        if (problem === undefined) return String(answer)
        refusals.push(problem)
      }
      throw new Error(`${message}: every answer was refused: ${refusals.join(", ")}`)
    },
    yesOrNo: async ({ message, first }) => {
      const answer = answerTo(message) ?? first
      if (typeof answer !== "boolean") throw new Error(`${message} wants yes or no`)
      return answer
    },
  }
  return { questions, asked, refusals, told, unused }
}
