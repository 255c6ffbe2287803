import type { Command } from "commander"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

export function addPsCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("ps")
    .description("every container on every host, and whether it is what is rendered; exit 4 when one is not, or a host gives no answer")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("ps"))
    .action(async (options: FileOption & JsonOption) => {
      const [{ containersOf }, { containersText }] = await Promise.all([import("../../app/ps.ts"), import("../show-ps.ts")])
      const view = await cli.withDeployment(sourceOf(cli, options), containersOf)
      io.out(options.json ? envelope("ps", cli.now(), view.exitCode, view) : containersText(view))
      setExit(view.exitCode)
    })
}
