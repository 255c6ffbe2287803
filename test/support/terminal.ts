import type { Io } from "../../src/cli/io.ts"

/** A terminal that gives one answer and keeps what is written to it. */
export function aTerminal({ interactive, answer = "" }: { readonly interactive: boolean; readonly answer?: string }) {
  const said = { out: "", err: "" }
  const questions: string[] = []
  const io: Io = {
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    interactive,
    ask: async (question) => {
      questions.push(question)
      return answer
    },
    questions: async () => {
      throw new Error("nothing may be asked here")
    },
  }
  return { io, said, questions }
}
