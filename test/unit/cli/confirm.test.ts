import { expect, it } from "vitest"
import { confirmByTyping } from "../../../src/cli/confirm.ts"
import { aTerminal } from "../../support/terminal.ts"

const wanted = { what: "promote node-2", word: "node-2", option: "--yes" }

it("asks nothing when the answer was given before", async () => {
  const terminal = aTerminal({ interactive: false })
  await confirmByTyping(terminal.io, true, wanted)
  expect(terminal.questions).toEqual([])
})

it("refuses without a terminal, and names the option", async () => {
  const terminal = aTerminal({ interactive: false })
  await expect(confirmByTyping(terminal.io, false, wanted)).rejects.toMatchObject({
    code: "USAGE",
    exit: 64,
    message: "promote node-2 needs a confirmation, and there is no terminal to ask on",
    hint: "add --yes to go on without asking",
  })
  expect(terminal.questions).toEqual([])
})

it.each(["node-2", " node-2\t"])("goes on with the right word: %j", async (answer) => {
  const terminal = aTerminal({ interactive: true, answer })
  await confirmByTyping(terminal.io, false, wanted)
  expect(terminal.questions).toEqual(["Type node-2 to go on: "])
})

it.each(["", "yes", "y", "node-1", "NODE-2", "node-2 node-2"])("cancels with any other: %j", async (answer) => {
  await expect(confirmByTyping(aTerminal({ interactive: true, answer }).io, false, wanted)).rejects.toMatchObject({
    code: "CANCELLED",
    exit: 10,
  })
})
