import type { Command } from "commander"
import type { Cli, SetExit } from "../cli.ts"
import { destinationOption, type FileOption, fileOption, sourceOf } from "./options.ts"

export function addSshCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("ssh <host> [command...]")
    .description("a shell on a host, or one command after `--`, by the settings that everything else uses; its exit code is ours")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (host: string, argv: readonly string[], options: FileOption) => {
      const { shellOn } = await import("../../app/ssh.ts")
      const { out } = io.foreground()
      const tty = io.interactive && out.isTerminal
      setExit(await cli.withDeployment(sourceOf(cli, options), (deployment) => shellOn(deployment, host, argv, tty)))
    })
}
