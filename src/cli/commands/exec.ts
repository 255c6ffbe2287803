import type { Command } from "commander"
import { AppError, EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { harmless } from "../harmless.ts"
import { destinationOption, type FileOption, fileOption, sourceOf } from "./options.ts"

export function addExecCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("exec <node> <command...>")
    .description("run the command after `--` in a node's container; its exit code is ours; refused for signers")
    .option(
      "-i, --interactive",
      "on this terminal, with its keys: for a shell; without it the command gets no input, not from a pipe either",
    )
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (node: string, argv: readonly string[], options: FileOption & { readonly interactive?: true }) => {
      const { enter, execIn } = await import("../../app/exec.ts")
      const { out, err } = io.foreground()
      if (options.interactive && !(io.interactive && out.isTerminal))
        throw new AppError("USAGE", EXIT.usage, "--interactive needs a terminal, and there is none", { hint: "leave it out" })
      const code = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        options.interactive
          ? enter(deployment, { node, argv })
          : execIn(deployment, { node, argv }, { out: harmless(out), err: harmless(err) }),
      )
      setExit(code ?? EXIT.interrupted)
    })
}
