import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { newPassphrase, passphrase } from "../../../src/cli/passphrase.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"
import { aTerminal } from "../../support/terminal.ts"

const GOOD = "correct horse battery staple"

function piped(input: string | undefined) {
  return { io: aTerminal({ interactive: false, input }).io, files: localFiles, file: undefined }
}

function fileWith(text: string) {
  const file = join(temporaryDir(), "passphrase")
  writeFileSync(file, text)
  return { io: aTerminal({ interactive: true, answer: "what is typed is not asked for" }).io, files: localFiles, file }
}

describe("a passphrase", () => {
  it.each([GOOD, `${GOOD}\n`, `${GOOD}\r\n`])("is one line, with or without its end: %j", async (text) => {
    expect((await passphrase(piped(text))).expose()).toBe(GOOD)
    expect((await passphrase(fileWith(text))).expose()).toBe(GOOD)
  })

  it("keeps the blanks around it, as age's own program does", async () => {
    expect((await passphrase(piped(`  ${GOOD} \n`))).expose()).toBe(`  ${GOOD} `)
  })

  it.each([
    { name: "nothing is piped in", sources: piped(""), says: "standard input is empty" },
    { name: "an empty line is piped in", sources: piped("\n"), says: "standard input is empty" },
    { name: "there are two lines", sources: piped(`${GOOD}\n${GOOD}\n`), says: "one line of what can be typed" },
    { name: "it cannot be typed", sources: piped(`${GOOD}\0`), says: "one line of what can be typed" },
    { name: "there is nowhere to ask", sources: piped(undefined), says: "no terminal to ask on" },
  ])("is refused when $name", async ({ sources, says }) => {
    await expect(passphrase(sources)).rejects.toMatchObject({ code: "USAGE", exit: 64, message: expect.stringContaining(says) })
  })

  it("may be short where it only opens what is there", async () => {
    expect((await passphrase(piped("short"))).expose()).toBe("short")
  })
})

describe("a new passphrase", () => {
  it.each(["elevenchara", "🐎🐎🐎🐎🐎🐎"])("has more characters than %s", async (text) => {
    await expect(newPassphrase(piped(text))).rejects.toMatchObject({ exit: 64, message: expect.stringContaining("it takes at least 12") })
  })

  it("may have twelve", async () => {
    expect((await newPassphrase(piped("elevencharac"))).expose()).toBe("elevencharac")
  })

  it("is asked for twice on a terminal, and only there", async () => {
    const terminal = aTerminal({ interactive: true, answer: GOOD })
    expect((await newPassphrase({ io: terminal.io, files: localFiles, file: undefined })).expose()).toBe(GOOD)
    expect(terminal.questions).toEqual(["Passphrase of the backup", "Once more"])
  })

  it("is refused when the second one differs, without a word of either", async () => {
    const { io } = aTerminal({ interactive: true, answer: GOOD })
    const answers = [GOOD, `${GOOD}!`]
    const made = newPassphrase({ io: { ...io, askHidden: async () => answers.shift() ?? "" }, files: localFiles, file: undefined })
    await expect(made).rejects.toMatchObject({ exit: 64, message: "the two passphrases differ; nothing was written" })
  })
})
