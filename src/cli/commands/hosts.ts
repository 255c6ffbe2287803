import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { envelope } from "../envelope.ts"
import {
  destinationOption,
  type FileOption,
  fileOption,
  type JsonOption,
  jsonOption,
  sourceOf,
  type YesOption,
  yesOption,
} from "./options.ts"

export function addHostCommands(program: Command, cli: Cli, setExit: SetExit): void {
  const { io, env } = cli
  program
    .command("up")
    .description("bring the deployment up, or make it match its files; never changes who signs")
    .option("--dry-run", "show the plan only; exit 2 when there is something to do")
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & YesOption & { dryRun?: true }) => {
      const [{ up }, { upPlanText }] = await Promise.all([import("../../app/up.ts"), import("../show-plan.ts")])
      await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
        const result = await up(deployment, { dryRun: options.dryRun ?? false }, async (plan) => {
          io.err(upPlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: "up", word: "yes", option: "--yes" })
        })
        io.out(result.changed ? `up: done, ${result.plan.steps.length} steps\n` : upPlanText(result.plan))
        if (result.plan.heldBack.length > 0 || (options.dryRun && result.plan.steps.length > 0)) setExit(EXIT.changes)
      })
    })

  program
    .command("status")
    .description("every node on one screen, who signs and how that is known")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption())
    .action(async (options: FileOption & JsonOption) => {
      const [{ status }, { statusText }] = await Promise.all([import("../../app/status.ts"), import("../show-status.ts")])
      const view = await cli.withDeployment(sourceOf(cli, options), status)
      io.out(options.json ? envelope("status", cli.now(), view.exitCode, view) : statusText(view))
      setExit(view.exitCode)
    })

  program
    .command("down")
    .description("stop and remove the containers; keys, chain data and signer state stay")
    .option("--name <name>", "the deployment's name, instead of typing it")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & { name?: string }) => {
      const { down } = await import("../../app/down.ts")
      await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
        const { deployment: name } = deployment.topology
        await confirmByTyping(io, options.name === name, { what: `down of ${name}`, word: name, option: `--name ${name}` })
        await down(deployment)
      })
      io.out("down: the containers are gone; keys, chain data and signer state are where they were\n")
    })
}
