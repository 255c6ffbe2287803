import type { Command } from "commander"
import type { Moment } from "../../app/moment.ts"
import { EXIT } from "../../core/errors.ts"
import type { Verb } from "../../core/plan/preflight/facts.ts"
import type { Cli } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { envelopeLine } from "../envelope.ts"
import { momentOf } from "../moment.ts"
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

type MoveOptions = FileOption & YesOption & JsonOption & LockWaitOption & { validator?: string; dryRun?: true }

export function addMoveCommands(program: Command, cli: Cli): void {
  const { io, env } = cli
  const run = async (verb: Verb, to: string, options: MoveOptions, when: Moment) => {
    const [{ move }, { movePlanText }, { moveText }] = await Promise.all([
      import("../../app/move.ts"),
      import("../show-plan.ts"),
      import("../show-move.ts"),
    ])
    await cli.withDeployment(
      sourceOf(cli, options),
      async (deployment) => {
        const result = await move(
          patient(deployment, options),
          { verb, to, validator: options.validator, when },
          { dryRun: options.dryRun ?? false },
          async (plan) => {
            io.err(movePlanText(plan))
            await confirmByTyping(io, options.yes ?? env.yes, { what: `${verb} ${to}`, word: to, option: "--yes" })
          },
        )
        io.out(options.json ? envelopeLine(verb, cli.now(), EXIT.ok, result) : moveText(result))
      },
      progressOf(cli, options),
    )
  }
  const end = async (how: "resume" | "abort", options: MoveOptions) => {
    const [ending, { moveText }] = await Promise.all([import("../../app/resume.ts"), import("../show-move.ts")])
    const result = await cli.withDeployment(
      sourceOf(cli, options),
      (deployment) => ending[how](patient(deployment, options), options.validator),
      progressOf(cli, options),
    )
    io.out(options.json ? envelopeLine("promote", cli.now(), EXIT.ok, result) : moveText(result))
  }
  program
    .command("promote [node]")
    .description("move validating to a node, provably safe; the active node must be well")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--when <moment>", "now, gap (the next pause between two blocks), a time (2026-11-30T04:00:00Z) or +20m", "gap")
    .option("--dry-run", "do all that changes nothing, show the plan and what it would cost")
    .option("--resume", "finish what was left half-way")
    .option("--abort", "take back what was left half-way, where that is safe")
    .addOption(lockWaitOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("promote"))
    .action(async (node: string | undefined, options: MoveOptions & { when: string; resume?: true; abort?: true }, command: Command) => {
      const usage = (message: string) => command.error(`error: ${message}`, { exitCode: EXIT.usage })
      if (options.resume && options.abort) return usage("--resume goes on, --abort goes back: say one of them")
      const how = options.resume ? "resume" : options.abort ? "abort" : undefined
      if (how) {
        if (node !== undefined) return usage(`--${how} is about what was begun; it takes no node`)
        if (options.dryRun) return usage(`--${how} acts at once: it takes no --dry-run`)
        return end(how, options)
      }
      if (node === undefined) return usage("say which node, or --resume or --abort")
      await run("promote", node, options, momentOf(options.when, Date.parse(cli.now())))
    })
  program
    .command("failover <node>")
    .description("move validating away from a node that is lost; the signer must be alive")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--dry-run", "do all that changes nothing, and show the plan")
    .addOption(lockWaitOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("failover"))
    .action((node: string, options: MoveOptions) => run("failover", node, options, { kind: "gap" }))
}
