import type { Command } from "commander"
import type { InitPorts, InitRequest } from "../../app/init.ts"
import { specFile } from "../../app/load.ts"
import { AppError, EXIT } from "../../core/errors.ts"
import type { Cli } from "../cli.ts"
import type { Given } from "../wizard/wizard.ts"
import { collect, type FileOption, fileOption, type YesOption, yesOption } from "./options.ts"

type Options = FileOption &
  YesOption & {
    readonly preset?: string
    readonly name?: string
    readonly profile?: string
    readonly set: readonly string[]
    readonly importConsensusKey: readonly string[]
    readonly importState: readonly string[]
  }

export function addInitCommand(program: Command, cli: Cli): void {
  program
    .command("init")
    .description("write a topology file, keys and .gitignore; on a terminal, init without --preset asks for everything")
    .option("--preset <preset>", "shape to start from: solo, compact, ha-2, ha-3, multi-validator")
    .option("--name <name>", "name of the deployment")
    .option("--profile <profile>", "network profile: gonka-mainnet, gonka-testnet, devnet (default: the preset's)")
    .option("--set <path=value>", "set a value in the file; may be repeated", collect, [])
    .option(
      "--import-consensus-key <file>",
      "use this key (priv_validator_key.json or tmkms softsign) instead of a new one; with several validators VALIDATOR=FILE, repeated",
      collect,
      [],
    )
    .option("--import-state <file>", "the imported key's last signing state; in the same form", collect, [])
    .addOption(yesOption())
    .addOption(fileOption())
    .action(async (options: Options) => {
      const given: Given = {
        file: specFile(options.file, cli.env.file),
        name: options.name,
        profile: options.profile,
        settings: options.set,
        keyFiles: options.importConsensusKey,
        stateFiles: options.importState,
      }
      const ports = await cli.local()
      if (options.preset !== undefined) await initialise(cli, ports, { ...given, preset: options.preset })
      else await ask(cli, ports, given, options.yes ?? cli.env.yes)
    })
}

async function initialise(cli: Cli, ports: InitPorts, request: InitRequest): Promise<void> {
  const [{ initDeployment }, { initText }] = await Promise.all([import("../../app/init.ts"), import("../show-init.ts")])
  cli.io.out(initText(await initDeployment(ports, request)))
}

async function ask({ io }: Cli, ports: InitPorts, given: Given, mayNotAsk: boolean): Promise<void> {
  if (!io.interactive || mayNotAsk) {
    const { presetNames } = await import("../../app/init-choices.ts")
    const why = io.interactive ? "nothing may be asked" : "there is no terminal to ask on"
    throw new AppError("USAGE", EXIT.usage, `init needs a shape to start from, and ${why}`, {
      hint: `name one with --preset: ${(await presetNames(ports)).join(", ")}`,
    })
  }
  const [{ writeInit }, { askForInit }, { sameCommand }, { initText }, questions] = await Promise.all([
    import("../../app/init.ts"),
    import("../wizard/wizard.ts"),
    import("../wizard/summary.ts"),
    import("../show-init.ts"),
    io.questions(),
  ])
  const { request, prepared } = await askForInit(ports, questions, given)
  io.out(initText(await writeInit(ports, prepared)))
  io.err(`The same without questions:\n  ${sameCommand(request)}\n`)
}
