import type { Command } from "commander"
import type { Cli } from "../../src/cli/cli.ts"
import { commandLine } from "../../src/cli/program.ts"

/** The commands as the command line has them; none of them is run. */
export function commandTree(): Command {
  const nothing = async () => {
    throw new Error("the command line is only read here")
  }
  const closed = { isTerminal: false, write: async () => false }
  const cli: Cli = {
    version: "0",
    io: {
      out: () => {},
      err: () => {},
      interactive: false,
      foreground: () => ({ out: closed, err: closed }),
      ask: nothing,
      askHidden: nothing,
      readInput: nothing,
      questions: nothing,
    },
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "",
    local: nothing,
    backups: nothing,
    withDeployment: nothing,
  }
  return commandLine(cli, () => {})
}

/** Every command that can be run, with its words: `keys show`. */
export function commandsOf(program: Command): readonly { readonly words: string; readonly command: Command }[] {
  const below = (command: Command, words: readonly string[]): readonly { words: string; command: Command }[] =>
    command.commands.length === 0
      ? [{ words: words.join(" "), command }]
      : command.commands.flatMap((child) => below(child, [...words, child.name()]))
  return below(program, [])
}
