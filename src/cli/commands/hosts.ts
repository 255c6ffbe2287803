import { type Command, InvalidArgumentError, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { StatusView } from "../../core/observe/status-view.ts"
import { harmless } from "../../core/printable.ts"
import type { Cli, SetExit } from "../cli.ts"
import { confirmByTyping } from "../confirm.ts"
import { envelope, envelopeLine } from "../envelope.ts"
import {
  destinationOption,
  type FileOption,
  fileOption,
  type JsonOption,
  jsonLinesOption,
  jsonOption,
  type PaceOptions,
  type PartOptions,
  paceOf,
  paceOptions,
  partOptions,
  patient,
  progressOf,
  requestOf,
  sourceOf,
  type YesOption,
  yesOption,
} from "./options.ts"

type StatusOptions = FileOption & JsonOption & { readonly watch?: true; readonly interval?: number }

const USUAL_INTERVAL_S = 5

export function addHostCommands(program: Command, cli: Cli, setExit: SetExit): void {
  const { io, env } = cli
  const upCommand = program
    .command("up")
    .description(
      "bring the deployment up, or make it match its files; who signs changes only where the active node itself has to be restarted: another candidate is promoted first",
    )
    .option("--dry-run", "show the plan only; exit 2 when there is something to do")
    .addOption(yesOption())
  for (const option of [...partOptions(), ...paceOptions()]) upCommand.addOption(option)
  upCommand
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("up"))
    .action(async (options: FileOption & YesOption & JsonOption & PartOptions & PaceOptions & { dryRun?: true }) => {
      const [{ up }, { upPlanText }, { upAnswer }] = await Promise.all([
        import("../../app/up.ts"),
        import("../show-plan.ts"),
        import("../up-answer.ts"),
      ])
      await cli.withDeployment(
        sourceOf(cli, options),
        async (deployment) => {
          const way = { ...requestOf(deployment.topology, options), ...paceOf(options), dryRun: options.dryRun ?? false }
          const result = await up(patient(deployment, options), way, async (plan) => {
            io.err(upPlanText(plan))
            await confirmByTyping(io, options.yes ?? env.yes, { what: "up", word: "yes", option: "--yes" })
          })
          const isLeft = result.plan.heldBack.length > 0 || (options.dryRun && result.plan.steps.length + result.plan.moves.length > 0)
          const exit = isLeft ? EXIT.changes : EXIT.ok
          if (options.json) io.out(envelopeLine("up", cli.now(), exit, upAnswer(result)))
          else io.out(result.changed ? `up: done, ${result.steps} steps\n` : upPlanText(result.plan))
          setExit(exit)
        },
        progressOf(cli, options),
      )
    })

  program
    .command("status")
    .description("every node on one screen, who signs and how that is known")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("status"))
    .option("--watch", "look again and again until Ctrl-C: in place on a terminal, one look below the other elsewhere")
    .addOption(new Option("--interval <seconds>", "with --watch: between two looks (default: 5)").argParser(secondsOf))
    .action(async (options: StatusOptions, command: Command) => {
      if (options.watch) return watch(cli, options, setExit)
      if (options.interval !== undefined) command.error("error: --interval is between two looks of --watch", { exitCode: EXIT.usage })
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
    .addOption(jsonLinesOption("down"))
    .action(async (options: FileOption & JsonOption & { name?: string }) => {
      const { down } = await import("../../app/down.ts")
      await cli.withDeployment(
        sourceOf(cli, options),
        async (deployment) => {
          const { deployment: name } = deployment.topology
          await confirmByTyping(io, options.name === name, { what: `down of ${name}`, word: name, option: `--name ${name}` })
          await down(deployment)
          io.out(
            options.json
              ? envelopeLine("down", cli.now(), EXIT.ok, { deployment: name })
              : "down: the containers are gone; keys, chain data and signer state are where they were\n",
          )
        },
        progressOf(cli, options),
      )
    })
}

/** Ends with the code of the last look. */
async function watch(cli: Cli, options: StatusOptions, setExit: SetExit): Promise<void> {
  const [{ watchStatus }, { statusText }, { watchScreen }] = await Promise.all([
    import("../../app/watch-status.ts"),
    import("../show-status.ts"),
    import("../watch-screen.ts"),
  ])
  const { out } = cli.io.foreground()
  const seconds = options.interval ?? USUAL_INTERVAL_S
  const screen = options.json ? { show: (text: string) => out.write(text), end: async () => {} } : watchScreen(out)
  const head = () => (out.screen ? `${cli.now()}, again every ${seconds} s until Ctrl-C\n` : cli.now())
  // An outlet takes every byte as it is, and whatever a host has put into a text must not steer the terminal.
  const shown = (view: StatusView) => harmless(statusText(view))
  const last = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
    watchStatus(deployment, seconds * 1000, (view) =>
      screen.show(options.json ? envelopeLine("status", cli.now(), view.exitCode, view) : `${head()}\n${shown(view)}\n`),
    ).finally(screen.end),
  )
  // What was seen last is worth more than the screen as it was before.
  if (last && out.screen && !options.json) await out.write(shown(last))
  setExit(last?.exitCode ?? EXIT.interrupted)
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("It is a whole number of seconds, from 1 to 9999.")
}
