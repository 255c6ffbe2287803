import type { Io } from "../../src/cli/io.ts"
import type { Outlet } from "../../src/core/ports.ts"
import { isJsonAnswer, publishedNames } from "./published-schema.ts"

/** A terminal that gives one answer and keeps what is written to it. What is answered in JSON must be of the schema that is published for it. */
export function aTerminal({
  interactive,
  answer = "",
  input,
  rows,
}: {
  readonly interactive: boolean
  readonly answer?: string
  readonly input?: string | undefined
  /** Of a screen on which the cursor may be moved; without it there is none. */
  readonly rows?: number
}) {
  const said = { out: "", err: "" }
  const questions: string[] = []
  const outlet = (which: keyof typeof said): Outlet => ({
    isTerminal: interactive,
    ...(rows === undefined ? {} : { screen: { rows: () => rows } }),
    write: async (piece) => {
      if (which === "out" && typeof piece === "string" && isJsonAnswer(piece)) publishedNames(piece)
      said[which] += typeof piece === "string" ? piece : Buffer.from(piece).toString()
      return true
    },
  })
  const io: Io = {
    out: (text) => {
      if (isJsonAnswer(text)) publishedNames(text)
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    interactive,
    foreground: () => ({ out: outlet("out"), err: outlet("err") }),
    ask: async (question) => {
      questions.push(question)
      return answer
    },
    askHidden: async (question) => {
      questions.push(question)
      return answer
    },
    readInput: async () => input,
    questions: async () => {
      throw new Error("nothing may be asked here")
    },
  }
  return { io, said, questions }
}
