import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import { hasErrors, issueLine } from "../../core/issue.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

export function addConfigCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local" | "now">, setExit: SetExit): void {
  program
    .command("config")
    .description("print the topology with every value and where it comes from, without secrets")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("config"))
    .action(async (options: FileOption & JsonOption) => {
      const [{ resolvedConfig }, { configText }] = await Promise.all([import("../../app/config.ts"), import("../show-config.ts")])
      const config = await resolvedConfig(await cli.local(), sourceOf(cli, options))
      const exit = hasErrors(config.issues) ? EXIT.specInvalid : EXIT.ok
      setExit(exit)
      for (const issue of config.issues.filter(({ severity }) => severity === "error")) cli.io.err(`${issueLine(issue)}\n`)
      if (config.idsUnknown !== undefined) cli.io.err(`node ids are not shown: ${config.idsUnknown}\n`)
      const values = () => [...config.settings, ...config.facts].map(({ path, value, origin }) => ({ path: path.join("."), value, origin }))
      cli.io.out(options.json ? envelope("config", cli.now(), exit, values()) : configText(config))
    })
}
