import { type Command, Option } from "commander"
import type { Validation } from "../../app/validate.ts"
import type { FailureReport } from "../../core/domains/failure-report.ts"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

const FORMATS = ["pretty", "json", "sarif"] as const

type Options = FileOption & JsonOption & { readonly format: (typeof FORMATS)[number]; readonly strict?: true; readonly domains?: true }

export function addValidateCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local" | "now" | "version">, setExit: SetExit): void {
  program
    .command("validate")
    .description("check the topology file; every problem at once")
    .addOption(new Option("--format <format>", "how to show what was found").choices(FORMATS).default("pretty"))
    .option("--strict", "take warnings for errors")
    .option("--domains", "also show what the loss of each host, rack, site and provider stops; exit 4 when one stops signing for good")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("validate"))
    .action(async (options: Options, command: Command) => {
      const format = options.json ? "json" : options.format
      if (options.domains && format === "sarif") command.error("error: --domains has no form in sarif", { exitCode: EXIT.usage })
      const { validateFile } = await import("../../app/validate.ts")
      const request = { source: sourceOf(cli, options), warnings: options.strict ? ("errors" as const) : ("warnings" as const) }
      const validation = await validateFile(await cli.local(), request)
      const domains = options.domains ? await domainsOf(validation) : undefined
      const exit = !validation.isValid ? EXIT.specInvalid : domains?.verdict === "signing-for-good" ? EXIT.degraded : EXIT.ok
      setExit(exit)
      switch (format) {
        case "pretty": {
          const { validationText } = await import("../show-validation.ts")
          cli.io.out(validationText(validation))
          if (domains) {
            const { domainsText } = await import("../show-domains.ts")
            cli.io.out(`\n${domainsText(domains)}`)
          }
          return
        }
        case "json": {
          const { file, issues, suppressed } = validation
          cli.io.out(envelope("validate", cli.now(), exit, { file, issues, suppressed, ...(domains && { domains }) }))
          return
        }
        case "sarif": {
          const { sarifText } = await import("../show-sarif.ts")
          cli.io.out(sarifText(validation, cli.version))
        }
      }
    })
}

/** Of a file with errors nothing can be said that would hold. */
async function domainsOf({ isValid, spec }: Validation): Promise<FailureReport | undefined> {
  if (!isValid || !spec) return undefined
  const [{ failureReport }, { membersOf }] = await Promise.all([
    import("../../core/domains/failure-report.ts"),
    import("../../core/domains/members.ts"),
  ])
  return failureReport(membersOf(spec))
}
