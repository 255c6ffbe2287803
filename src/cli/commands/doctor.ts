import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

type Options = FileOption & JsonOption & { readonly list?: true; readonly matrix?: true }

const EXIT_HELP = `
Exit codes: 0 every check is ok · 4 a warning, or something is not known ·
5 something is bad`

export function addDoctorCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("doctor [checks...]")
    .description("find what will hurt before it does; checks by name (host.disk) or by area (host), all when none is named")
    .option("--list", "name the checks and look at nothing")
    .option("--matrix", "show how each host finds the ports of each other one")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("doctor", "doctor-checks"))
    .addHelpText("after", EXIT_HELP)
    .action(async (names: readonly string[], options: Options) => {
      const [{ chosenChecks }, { checksText, doctorText }] = await Promise.all([
        import("../../core/doctor/examine.ts"),
        import("../show-doctor.ts"),
      ])
      const checks = chosenChecks(names)
      if (options.list) {
        const list = checks.map(({ id, title, why, scope, fix }) => ({ id, title, why, scope, fix }))
        io.out(options.json ? envelope("doctor-checks", cli.now(), EXIT.ok, { checks: list }) : checksText(checks))
        return
      }
      const { doctor } = await import("../../app/doctor.ts")
      const { files, templatesDir } = await cli.local()
      const script = await files.readText(`${templatesDir}/doctor.sh`)
      const report = await cli.withDeployment(sourceOf(cli, options), (deployment) => doctor(deployment, script, checks))
      io.out(
        options.json ? envelope("doctor", cli.now(), report.exitCode, report) : doctorText(report, { matrix: options.matrix ?? false }),
      )
      setExit(report.exitCode)
    })
}
