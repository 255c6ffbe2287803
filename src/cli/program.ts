import { Command, CommanderError } from "commander"
import { AppError, EXIT } from "../core/errors.ts"
import type { Cli, SetExit } from "./cli.ts"
import { addCheckImageCommand } from "./commands/check-image.ts"
import { addCompletionCommand } from "./commands/completion.ts"
import { addConfigCommand } from "./commands/config.ts"
import { addDestroyCommand } from "./commands/destroy.ts"
import { addDiffCommand } from "./commands/diff.ts"
import { addDoctorCommand } from "./commands/doctor.ts"
import { addExecCommand } from "./commands/exec.ts"
import { addExplainCommand } from "./commands/explain.ts"
import { addGraphCommand } from "./commands/graph.ts"
import { addHistoryCommand } from "./commands/history.ts"
import { addHostCommands } from "./commands/hosts.ts"
import { addInitCommand } from "./commands/init.ts"
import { addLocalCommands } from "./commands/local.ts"
import { addLockCommand } from "./commands/lock.ts"
import { addLogsCommand } from "./commands/logs.ts"
import { addMoveCommands } from "./commands/move.ts"
import { addPlanCommands } from "./commands/plan.ts"
import { addPsCommand } from "./commands/ps.ts"
import { addRestartCommand } from "./commands/restart.ts"
import { addResyncCommand } from "./commands/resync.ts"
import { addRollbackCommand } from "./commands/rollback.ts"
import { addSchemaCommand } from "./commands/schema.ts"
import { addSignerCommands } from "./commands/signer.ts"
import { addSshCommand } from "./commands/ssh.ts"
import { addValidateCommand } from "./commands/validate.ts"

import { envelopeLine } from "./envelope.ts"
import { errorAnswer, jsonCommand } from "./json-error.ts"

const EXIT_HELP = `
Exit codes: 0 ok, no changes · 1 bug · 2 changes found · 3 spec invalid · 4 degraded ·
5 critical: not signing, or unclear who signs · 6 refused by a safety gate, nothing
changed · 7 stopped half-way, journal kept · 8 lock held · 9 host unreachable ·
10 cancelled · 64 usage · 130 interrupted`

/** Parses the arguments and runs one command. @returns the exit code */
export async function runCommand(cli: Cli, argv: readonly string[]): Promise<number> {
  let exit: number = EXIT.ok
  const program = commandLine(cli, (code) => {
    exit = code
  })
  try {
    await program.parseAsync([...argv], { from: "user" })
  } catch (error) {
    return failed(cli, error, jsonCommand(program, argv))
  }
  return exit
}

/**
 * A program that asked for JSON gets JSON, whatever goes wrong; people get a text from whoever called.
 * @param asked the words of the command that was to answer in JSON
 */
function failed({ io, now }: Cli, error: unknown, asked: string | undefined): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
  // What is wrong with the command line has been told by now.
  const wrong = error instanceof CommanderError ? usageError(error) : error
  if (asked !== undefined) {
    const { answer, exit } = errorAnswer(asked, wrong)
    io.out(envelopeLine("error", now(), exit, answer))
    if (wrong instanceof AppError) return exit
  }
  if (error instanceof CommanderError) return EXIT.usage
  throw error
}

function usageError({ message }: CommanderError): AppError {
  return new AppError("USAGE", EXIT.usage, message.replace(/^error: /, ""))
}

/** Every command with its options, in the order in which help lists them. */
export function commandLine(cli: Cli, setExit: SetExit): Command {
  const program = new Command("gonka-ha")
    .description("High availability for Gonka validators on plain Docker Compose hosts")
    .version(cli.version)
    .exitOverride()
    .configureOutput({ writeOut: cli.io.out, writeErr: cli.io.err })
    .showHelpAfterError("(gonka-ha --help lists the commands)")
    .addHelpText("after", EXIT_HELP)
  addInitCommand(program, cli)
  addValidateCommand(program, cli, setExit)
  addConfigCommand(program, cli, setExit)
  addLocalCommands(program, cli, setExit)
  addSchemaCommand(program, cli)
  addGraphCommand(program, cli)
  addPlanCommands(program, cli, setExit)
  addDiffCommand(program, cli, setExit)
  addHostCommands(program, cli, setExit)
  addDestroyCommand(program, cli, setExit)
  addRollbackCommand(program, cli, setExit)
  addDoctorCommand(program, cli, setExit)
  addPsCommand(program, cli, setExit)
  addLogsCommand(program, cli, setExit)
  addExecCommand(program, cli, setExit)
  addSshCommand(program, cli, setExit)
  addLockCommand(program, cli, setExit)
  addRestartCommand(program, cli)
  addResyncCommand(program, cli, setExit)
  addMoveCommands(program, cli)
  addHistoryCommand(program, cli, setExit)
  addSignerCommands(program, cli, setExit)
  addCheckImageCommand(program, cli, setExit)
  addExplainCommand(program, cli, setExit)
  addCompletionCommand(program, cli)
  return program
}
