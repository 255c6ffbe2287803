import type { Io } from "../../src/cli/io.ts"
import type { Outlet } from "../../src/core/ports.ts"

/** A terminal that gives one answer and keeps what is written to it. */
export function aTerminal({
  interactive,
  answer = "",
  input,
}: {
  readonly interactive: boolean
  readonly answer?: string
  readonly input?: string | undefined
}) {
  const said = { out: "", err: "" }
  const questions: string[] = []
  const outlet = (which: keyof typeof said): Outlet => ({
    isTerminal: interactive,
    write: async (piece) => {
      said[which] += typeof piece === "string" ? piece : Buffer.from(piece).toString()
      return true
    },
  })
  const io: Io = {
    out: (text) => {
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
