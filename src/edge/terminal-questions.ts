import { type CANCEL_SYMBOL, confirm, intro, isCancel, note, select, text } from "@clack/prompts"
import { AppError, EXIT } from "../core/errors.ts"
import type { Questions } from "../core/questions.ts"

/** Questions on this terminal. They are written to standard error, since only data belongs on standard output. */
export function terminalQuestions(signal: AbortSignal): Questions {
  const common = { input: process.stdin, output: process.stderr, signal }
  return {
    begin: (title) => intro(title, common),
    tell: (title, words) => note(words, title, { ...common, format: (line) => line }),
    choose: async ({ message, alternatives, first }) => {
      const options = alternatives.map(({ name, about }) => ({ value: name, label: `${name}: ${about}` }))
      return answered(await select({ ...common, message, options, initialValue: first }))
    },
    text: async ({ message, hint, start, check }) =>
      // An empty answer has no value of its own in this library.
      answered(
        await text({
          ...common,
          message,
          defaultValue: "",
          ...(hint === undefined ? {} : { placeholder: hint }),
          ...(start === undefined ? {} : { initialValue: start }),
          validate: (answer) => check((answer ?? "").trim()),
        }),
      ).trim(),
    yesOrNo: async ({ message, first }) => answered(await confirm({ ...common, message, initialValue: first })),
  }
}

/** Ctrl-C and Esc are seen by the library, which reads single keys. @throws AppError CANCELLED */
function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (isCancel(answer)) throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was written")
  return answer
}
