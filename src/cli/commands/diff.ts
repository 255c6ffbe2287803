import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

export function addDiffCommand(program: Command, cli: Cli, setExit: SetExit): void {
  program
    .command("diff")
    .description("what on the hosts is not as it is rendered, why, and what brings it in order; changes nothing")
    .option("--effective", "ask the running nodes, too, what they run on")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("diff"))
    .action(async (options: FileOption & JsonOption & { readonly effective?: true }) => {
      const [{ diff }, { diffText }] = await Promise.all([import("../../app/diff.ts"), import("../show-diff.ts")])
      const effective = options.effective ?? false
      const view = await cli.withDeployment(sourceOf(cli, options), (deployment) => diff(deployment, { effective }))
      const exit = view.drifts.length > 0 ? EXIT.changes : view.unseen.length > 0 ? EXIT.unreachable : EXIT.ok
      cli.io.out(options.json ? envelope("diff", cli.now(), exit, view) : diffText(view))
      setExit(exit)
    })
}
