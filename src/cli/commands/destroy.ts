import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { destinationOption, type FileOption, fileOption, type LockWaitOption, lockWaitOption, patient, sourceOf } from "./options.ts"

type DestroyOptions = FileOption & LockWaitOption & { readonly name?: string; readonly data?: true; readonly dryRun?: true }

export function addDestroyCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("destroy <former-node>")
    .description("remove the containers of a node that left the topology file; its keys stay, and its chain data without --data")
    .option("--name <name>", "the node's name once more, instead of typing it")
    .option("--data", "remove its chain data, too")
    .option("--dry-run", "show what would be removed; exit 2 when something would")
    .addOption(lockWaitOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (node: string, options: DestroyOptions) => {
      const [{ destroy }, { destroyPlanText }] = await Promise.all([import("../../app/destroy.ts"), import("../show-destroy.ts")])
      const [withData, dryRun] = [options.data ?? false, options.dryRun ?? false]
      const plan = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        destroy(patient(deployment, options), { node, withData, dryRun }, async (shown) => {
          io.err(destroyPlanText(shown, withData))
          await confirmByTyping(io, options.name === node, { what: `destroy of ${node}`, word: node, option: `--name ${node}` })
        }),
      )
      io.out(dryRun ? destroyPlanText(plan, withData) : `destroy: the containers of ${node} are gone; its keys are where they were\n`)
      if (dryRun) setExit(EXIT.changes)
    })
}
