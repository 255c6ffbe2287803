import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Verb } from "../../core/plan/preflight.ts"
import type { Cli } from "../cli.ts"
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

export function addMoveCommands(program: Command, cli: Cli): void {
  const { io, env } = cli
  const run = async (verb: Verb, to: string, options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true }) => {
    const [{ move }, { movePlanText }, { moveText }] = await Promise.all([
      import("../../app/move.ts"),
      import("../show-plan.ts"),
      import("../show-move.ts"),
    ])
    await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
      const result = await move(
        deployment,
        { verb, to, validator: options.validator },
        { dryRun: options.dryRun ?? false },
        async (plan) => {
          io.err(movePlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: `${verb} ${to}`, word: to, option: "--yes" })
        },
      )
      io.out(options.json ? envelope(verb, cli.now(), EXIT.ok, result) : moveText(result))
    })
  }
  program
    .command("promote [node]")
    .description("move validating to a node, provably safe; the active node must be well")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--dry-run", "preflight and plan only")
    .option("--resume", "finish what was left half-way")
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption())
    .action(
      async (
        node: string | undefined,
        options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true; resume?: true },
        command: Command,
      ) => {
        if (options.resume) {
          if (node !== undefined) command.error("error: --resume finishes what was begun; it takes no node", { exitCode: EXIT.usage })
          if (options.dryRun) command.error("error: --resume acts at once: it takes no --dry-run", { exitCode: EXIT.usage })
          const [{ resume }, { moveText }] = await Promise.all([import("../../app/move.ts"), import("../show-move.ts")])
          const result = await cli.withDeployment(sourceOf(cli, options), (deployment) => resume(deployment, options.validator))
          io.out(options.json ? envelope("promote", cli.now(), EXIT.ok, result) : moveText(result))
          return
        }
        if (node === undefined) return command.error("error: say which node, or --resume", { exitCode: EXIT.usage })
        await run("promote", node, options)
      },
    )
  program
    .command("failover <node>")
    .description("move validating away from a node that is lost; the signer must be alive")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--dry-run", "preflight and plan only")
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption())
    .action((node: string, options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true }) =>
      run("failover", node, options),
    )
}
