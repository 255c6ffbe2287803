import { type Command, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import { AnswerOption } from "../answer-option.ts"
import type { Cli, SetExit } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { envelope, envelopeLine } from "../envelope.ts"
import {
  destinationOption,
  type FileOption,
  fileOption,
  type JsonOption,
  type PaceOptions,
  paceOf,
  paceOptions,
  patient,
  progressOf,
  sourceOf,
  type YesOption,
  yesOption,
} from "./options.ts"

type RollbackOptions = FileOption &
  PaceOptions &
  YesOption &
  JsonOption & { readonly to?: string; readonly list?: true; readonly dryRun?: true }

export function addRollbackCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io, env } = cli
  const command = program
    .command("rollback")
    .description("bring back the files that were installed before the last change; never touches keys, signers or who signs")
    .option("--to <generation>", "what this operation installed, instead of what was there before the last one")
    .option("--list", "show what every host keeps, and change nothing")
    .addOption(new Option("--dry-run", "show the plan only; exit 2 when there is something to do").conflicts("list"))
    .addOption(yesOption())
  for (const option of paceOptions()) command.addOption(option)
  command
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(
      new AnswerOption("one JSON object on each line: progress as it happens, and the answer as the last one", [
        "rollback",
        "generations",
        "event",
      ]),
    )
    .action(async (options: RollbackOptions) => (options.list ? list(cli, options) : roll(options)))

  async function roll(options: RollbackOptions): Promise<void> {
    const [{ rollback }, { generationText, rollbackAnswer }, { planReportText }] = await Promise.all([
      import("../../app/rollback.ts"),
      import("../show-rollback.ts"),
      import("../show-plan-report.ts"),
    ])
    await cli.withDeployment(
      sourceOf(cli, options),
      async (deployment) => {
        const request = { to: options.to, dryRun: options.dryRun ?? false, ...paceOf(options) }
        const result = await rollback(patient(deployment, options), request, async (to, report) => {
          io.err(`Back to ${generationText(to)}\n${planReportText(report)}`)
          await confirmByTyping(io, options.yes ?? env.yes, { what: "rollback", word: "yes", option: "--yes" })
        })
        const isLeft = result.plan.heldBack.length > 0 || (request.dryRun && result.plan.steps.length > 0)
        const exit = isLeft ? EXIT.changes : EXIT.ok
        if (options.json) io.out(envelopeLine("rollback", cli.now(), exit, rollbackAnswer(result)))
        else if (result.changed) io.out(`rollback: done, ${result.steps} steps; \`gonka-ha plan\` shows what the file would change again\n`)
        else io.out(`Back to ${generationText(result.to)}\n${planReportText(result.report)}`)
        setExit(exit)
      },
      progressOf(cli, options),
    )
  }
}

async function list(cli: Cli, options: RollbackOptions): Promise<void> {
  const [{ generations }, { generationsText }] = await Promise.all([import("../../app/rollback.ts"), import("../show-rollback.ts")])
  const view = await cli.withDeployment(sourceOf(cli, options), generations)
  cli.io.out(options.json ? envelope("generations", cli.now(), EXIT.ok, view) : generationsText(view))
}
