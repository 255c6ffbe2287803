import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { envelopeLine } from "../envelope.ts"
import {
  destinationOption,
  type FileOption,
  fileOption,
  type JsonOption,
  jsonLinesOption,
  type LockWaitOption,
  lockWaitOption,
  patient,
  progressOf,
  sourceOf,
  type YesOption,
  yesOption,
} from "./options.ts"

type Options = FileOption &
  YesOption &
  JsonOption &
  LockWaitOption & { readonly from?: string; readonly costAccepted?: true; readonly dryRun?: true }

export function addResyncCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io, env } = cli
  program
    .command("resync <node>")
    .description("give a node that does not sign new chain data, from a snapshot or a sibling; what it had is set aside")
    .option("--from <node>", "copy from this node, which stands still meanwhile; keys, signer state and address book are never copied")
    .option("--cost-accepted", "do it although no other fresh standby, sentry or node of an api is there meanwhile")
    .option("--dry-run", "show the plan only; exit 2 when nothing stands in its way")
    .addOption(lockWaitOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("resync"))
    .action(async (node: string, options: Options) => {
      const [{ resync }, { resyncAnswer }, { resyncedText, resyncPlanText }] = await Promise.all([
        import("../../app/resync.ts"),
        import("../resync-answer.ts"),
        import("../show-resync.ts"),
      ])
      const { from, costAccepted = false, dryRun = false } = options
      const done = await cli.withDeployment(
        sourceOf(cli, options),
        (deployment) =>
          resync(patient(deployment, options), { node, from, costAccepted, dryRun }, async (plan) => {
            io.err(resyncPlanText(plan))
            await confirmByTyping(io, options.yes ?? env.yes, { what: `resync ${node}`, word: node, option: "--yes" })
          }),
        progressOf(cli, options),
      )
      const exit = dryRun ? EXIT.changes : EXIT.ok
      const text = dryRun ? resyncPlanText(done.plan) : resyncedText(done)
      io.out(options.json ? envelopeLine("resync", cli.now(), exit, resyncAnswer(done)) : text)
      setExit(exit)
    })
}
