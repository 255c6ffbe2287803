import { type Command, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

const FORMATS = ["pretty", "json", "sarif"] as const

type Options = FileOption & JsonOption & { readonly format: (typeof FORMATS)[number]; readonly strict?: true }

export function addValidateCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local" | "now" | "version">, setExit: SetExit): void {
  program
    .command("validate")
    .description("check the topology file; every problem at once")
    .addOption(new Option("--format <format>", "how to show what was found").choices(FORMATS).default("pretty"))
    .option("--strict", "take warnings for errors")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { validateFile } = await import("../../app/validate.ts")
      const request = { source: sourceOf(cli, options), warnings: options.strict ? ("errors" as const) : ("warnings" as const) }
      const validation = await validateFile(await cli.local(), request)
      const exit = validation.isValid ? EXIT.ok : EXIT.specInvalid
      setExit(exit)
      switch (options.json ? "json" : options.format) {
        case "pretty": {
          const { validationText } = await import("../show-validation.ts")
          cli.io.out(validationText(validation))
          return
        }
        case "json": {
          const { file, issues, suppressed } = validation
          cli.io.out(envelope("validate", cli.now(), exit, { file, issues, suppressed }))
          return
        }
        case "sarif": {
          const { sarifText } = await import("../show-sarif.ts")
          cli.io.out(sarifText(validation, cli.version))
        }
      }
    })
}
