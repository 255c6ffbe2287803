import { Argument, type Command, Option } from "commander"
import type { Names } from "../../app/names.ts"
import { EXIT } from "../../core/errors.ts"
import type { Cli } from "../cli.ts"
import { isShell, SCRIPTS, SHELLS } from "../completion/scripts.ts"
import type { Wanted } from "../completion/wanted.ts"
import { sourceOf } from "./options.ts"

const SHELL_WORDS = "bash, zsh or fish"

export function addCompletionCommand(program: Command, cli: Cli): void {
  const { io } = cli
  const shell = new Argument("[shell]", SHELL_WORDS)
  // Offered, and not checked: with --candidates other words stand there.
  shell.argChoices = [...SHELLS]
  program
    .command("completion")
    .description(`print what makes ${SHELL_WORDS} complete commands, options and the names of nodes, hosts and validators`)
    .addArgument(shell)
    // Asked by the scripts of the shells, with the words that were typed.
    .addOption(new Option("--candidates").hideHelp())
    .allowExcessArguments()
    .action(async (word: string | undefined, options: { readonly candidates?: true }, command: Command) => {
      if (options.candidates) {
        for (const line of await candidates(program, cli, command.args)) io.out(`${line}\n`)
        return
      }
      if (!isShell(word) || command.args.length > 1) command.error(`error: say for which shell: ${SHELL_WORDS}`, { exitCode: EXIT.usage })
      else io.out(SCRIPTS[word])
    })
}

async function candidates(program: Command, cli: Cli, words: readonly string[]): Promise<readonly string[]> {
  const [{ wantedBy }, { candidateLines }] = await Promise.all([
    import("../completion/wanted.ts"),
    import("../completion/candidate-lines.ts"),
  ])
  const wanted = wantedBy(program, words)
  return candidateLines(wanted, wanted.names === undefined ? undefined : await namesOrNone(cli, wanted))
}

/** Nobody who presses a key to complete a word wants to read what is wrong with the topology file. */
async function namesOrNone(cli: Cli, { file, destination }: Wanted): Promise<Names | undefined> {
  try {
    const [{ namesIn }, ports] = await Promise.all([import("../../app/names.ts"), cli.local()])
    const source = sourceOf(cli, { ...(file === undefined ? {} : { file }), ...(destination === undefined ? {} : { destination }) })
    return await namesIn(ports, source)
  } catch {
    return undefined
  }
}
