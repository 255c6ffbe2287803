import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli } from "../cli.ts"
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

export function addRestartCommand(program: Command, cli: Cli): void {
  const { io, env } = cli
  program
    .command("restart <node>")
    .description(
      "restart the container of a node, or of a load balancer (NAME-balancer), as it is, and wait until it is fresh again, or answers; refused for the active node, which costs blocks",
    )
    .option("--cost-accepted", "restart it although blocks are missed for it; without this the expected number is told")
    .addOption(lockWaitOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("restart"))
    .action(async (node: string, options: FileOption & YesOption & JsonOption & LockWaitOption & { readonly costAccepted?: true }) => {
      const [{ restart }, { restartPlanText }] = await Promise.all([import("../../app/restart.ts"), import("../show-restart.ts")])
      const { costs } = await cli.withDeployment(
        sourceOf(cli, options),
        (deployment) =>
          restart(patient(deployment, options), { node, costAccepted: options.costAccepted ?? false }, async (plan) => {
            io.err(restartPlanText(plan))
            await confirmByTyping(io, options.yes ?? env.yes, { what: `restart ${node}`, word: node, option: "--yes" })
          }),
        progressOf(cli, options),
      )
      io.out(options.json ? envelopeLine("restart", cli.now(), EXIT.ok, { node, costs }) : `restart: ${node} is back\n`)
    })
}
