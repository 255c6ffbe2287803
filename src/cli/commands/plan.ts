import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
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

export function addPlanCommands(program: Command, cli: Cli, setExit: SetExit): void {
  const { io, env, version } = cli
  const planCommand = program
    .command("plan")
    .description("what `up` would do: by host, every step with its cause, what differs and what it costs; changes nothing")
    .option("--out <file>", "keep the plan in this file, for `apply`")
  for (const option of partOptions()) planCommand.addOption(option)
  planCommand
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("plan"))
    .action(async (options: FileOption & JsonOption & PartOptions & { readonly out?: string }) => {
      const [{ plan }, { planReportText }] = await Promise.all([import("../../app/plan.ts"), import("../show-plan-report.ts")])
      const report = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        plan(deployment, { version, out: options.out, ...requestOf(deployment.topology, options) }),
      )
      const exit = report.hosts.length > 0 || report.moves.length > 0 || report.heldBack.length > 0 ? EXIT.changes : EXIT.ok
      io.out(options.json ? envelope("plan", cli.now(), exit, report) : planReportText(report, options.out))
      setExit(exit)
    })

  const applyCommand = program
    .command("apply <plan>")
    .description("do what a plan of `plan --out` says; refused when anything has moved since, naming what moved")
    .addOption(yesOption())
  for (const option of paceOptions()) applyCommand.addOption(option)
  applyCommand
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("apply"))
    .action(async (file: string, options: FileOption & YesOption & JsonOption & PaceOptions) => {
      const [{ apply }, { planReportText }, { upPlanText }, { upAnswer }] = await Promise.all([
        import("../../app/apply.ts"),
        import("../show-plan-report.ts"),
        import("../show-plan.ts"),
        import("../up-answer.ts"),
      ])
      await cli.withDeployment(
        sourceOf(cli, options),
        async (deployment) => {
          const result = await apply(patient(deployment, options), { file, version, ...paceOf(options) }, async (report) => {
            io.err(planReportText(report))
            await confirmByTyping(io, options.yes ?? env.yes, { what: "apply", word: "yes", option: "--yes" })
          })
          const exit = result.plan.heldBack.length > 0 ? EXIT.changes : EXIT.ok
          if (options.json) io.out(envelopeLine("apply", cli.now(), exit, upAnswer(result)))
          else io.out(result.changed ? `apply: done, ${result.steps} steps\n` : upPlanText(result.plan))
          setExit(exit)
        },
        progressOf(cli, options),
      )
    })
}
