import type { Command } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

export function addLocalCommands(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("render")
    .description("write every host's files to rendered/")
    .option("--check", "write nothing; show what would change, and exit 2 when something would")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("render"))
    .action(async (options: FileOption & JsonOption & { check?: true }) => {
      const [{ renderDeployment }, { renderedAnswer, renderedText, staleText }] = await Promise.all([
        import("../../app/render.ts"),
        import("../show-render.ts"),
      ])
      const rendered = await renderDeployment(await cli.local(), { source: sourceOf(cli, options), check: options.check ?? false })
      const exit = options.check && rendered.changes.length > 0 ? EXIT.changes : EXIT.ok
      if (options.json) io.out(envelope("render", cli.now(), exit, renderedAnswer(rendered, !options.check)))
      else io.out(options.check ? staleText(rendered) : renderedText(rendered))
      setExit(exit)
    })

  const keys = program.command("keys").description("the deployment's keys on this machine")
  keys
    .command("show")
    .description("public parts only")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("keys"))
    .action(async (options: FileOption & JsonOption) => {
      const [{ showKeys }, { publicKeysText }] = await Promise.all([import("../../app/keys.ts"), import("../show-keys.ts")])
      const shown = await showKeys(await cli.local(), sourceOf(cli, options))
      io.out(options.json ? envelope("keys", cli.now(), EXIT.ok, shown) : publicKeysText(shown))
    })
  keys
    .command("generate")
    .description("make what is missing, never a consensus key")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption) => {
      const [{ generateKeys }, { generatedKeysText }] = await Promise.all([import("../../app/keys.ts"), import("../show-keys.ts")])
      io.out(generatedKeysText(await generateKeys(await cli.local(), sourceOf(cli, options))))
    })
  keys
    .command("import")
    .description("take an existing consensus key, a signing state, or both")
    .option("--validator <name>", "whose")
    .option("--key <file>", "priv_validator_key.json or a tmkms softsign key")
    .option("--state <file>", "priv_validator_state.json of a node or of tmkms")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & { validator?: string; key?: string; state?: string }) => {
      const [{ importKeys }, { importedKeysText }] = await Promise.all([import("../../app/keys.ts"), import("../show-keys.ts")])
      const request = { source: sourceOf(cli, options), validator: options.validator, keyFile: options.key, stateFile: options.state }
      io.out(importedKeysText(await importKeys(await cli.local(), request)))
    })
}
