import { type Command, InvalidArgumentError, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { SignerExit, SignerView } from "../../core/observe/signer-view.ts"
import type { Cli, SetExit } from "../cli.ts"
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
import { addSignerBackup } from "./signer-backup.ts"
import { addSignerReplace } from "./signer-replace.ts"

type ValidatorOption = { readonly validator?: string }

const validatorOption = () => new Option("--validator <name>", "whose signer, when there are several")

export function addSignerCommands(program: Command, cli: Cli, setExit: SetExit): void {
  const signer = program.command("signer").description("the process that holds a validator's key")
  addStatus(signer, cli, setExit)
  addState(signer, cli, setExit)
  addFence(signer, cli)
  addSignerBackup(signer, cli)
  addSignerReplace(signer, cli)
}

function addStatus(signer: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  signer
    .command("status")
    .description("where each signer runs, what it has signed, and what keeps it from signing")
    .addOption(validatorOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("signer-status"))
    .action(async (options: FileOption & JsonOption & ValidatorOption) => {
      const [{ signerStatus }, { signersText }] = await Promise.all([import("../../app/signer/status.ts"), import("../show-signer.ts")])
      const signers = await cli.withDeployment(sourceOf(cli, options), (deployment) => signerStatus(deployment, options.validator))
      const exit = worst(signers)
      io.out(options.json ? envelope("signer-status", cli.now(), exit, { signers }) : signersText(signers))
      setExit(exit)
    })
}

function addState(signer: Command, cli: Cli, setExit: SetExit): void {
  const { io, env } = cli
  const state = signer.command("state").description("what a signer has signed so far; only ever raised")
  state
    .command("show")
    .description("height, round and step, the floor below, and the newest signature on the chain")
    .addOption(validatorOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("signer-state"))
    .action(async (options: FileOption & JsonOption & ValidatorOption) => {
      const [{ signerStatus }, { signerStatesText }] = await Promise.all([
        import("../../app/signer/status.ts"),
        import("../show-signer.ts"),
      ])
      const signers = await cli.withDeployment(sourceOf(cli, options), (deployment) => signerStatus(deployment, options.validator))
      const exit = worst(signers)
      const states = signers.map(({ validator, host, state: file, floor, signedOnChain, problems }) => ({
        validator,
        host,
        state: file,
        floor,
        signedOnChain,
        problems,
      }))
      io.out(options.json ? envelope("signer-state", cli.now(), exit, { signers: states }) : signerStatesText(signers))
      setExit(exit)
    })
  state
    .command("export [file]")
    .description("the state of a signer that is down, as tmkms writes it; without a file, to standard output")
    .addOption(validatorOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (file: string | undefined, options: FileOption & ValidatorOption) => {
      const [{ exportState }, { exportedText }] = await Promise.all([
        import("../../app/signer/export-state.ts"),
        import("../show-signer.ts"),
      ])
      const exported = await cli.withDeployment(sourceOf(cli, options), (deployment) => exportState(deployment, options.validator, file))
      io.out(file === undefined ? exported.text : exportedText(exported))
    })
  state
    .command("import <file>")
    .description("take the state of another signer of this key; refused where it is older than what is known here")
    .addOption(validatorOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (file: string, options: FileOption & YesOption & ValidatorOption) => {
      const [{ importState }, { importPlanText, putStateText }] = await Promise.all([
        import("../../app/signer/import-state.ts"),
        import("../show-signer.ts"),
      ])
      const put = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        importState(deployment, { validator: options.validator, file }, async (plan) => {
          io.err(importPlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: "signer state import", word: plan.validator, option: "--yes" })
        }),
      )
      io.out(putStateText(put))
    })
  state
    .command("seal")
    .description("forbid everything up to a height above the tip: the way on when the state is lost, damaged or rolled back")
    .addOption(validatorOption())
    .addOption(new Option("--height <n>", "a higher one than five blocks above the tip").argParser(height))
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & YesOption & ValidatorOption & { height?: number }) => {
      const [{ sealState }, { putStateText, sealPlanText }] = await Promise.all([
        import("../../app/signer/seal-state.ts"),
        import("../show-signer.ts"),
      ])
      const put = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        sealState(deployment, { validator: options.validator, height: options.height }, async (plan) => {
          io.err(sealPlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: "signer state seal", word: plan.validator, option: "--yes" })
        }),
      )
      io.out(putStateText(put))
    })
}

function addFence(signer: Command, cli: Cli): void {
  const { io, env } = cli
  signer
    .command("fence")
    .description("stop a signer and keep it from starting, across reboots and by hand, until it is unfenced")
    .requiredOption("--reason <text>", "what whoever finds the fence reads")
    .addOption(validatorOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & YesOption & ValidatorOption & { reason: string }) => {
      const [{ fenceSigner }, { fencedText }] = await Promise.all([import("../../app/signer/fence.ts"), import("../show-signer.ts")])
      const fenced = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        fenceSigner(deployment, { validator: options.validator, reason: options.reason }, async ({ validator, host }) => {
          io.err(`${validator} on ${host} is stopped at once and signs no more until it is unfenced.\n`)
          await confirmByTyping(io, options.yes ?? env.yes, { what: "signer fence", word: validator, option: "--yes" })
        }),
      )
      io.out(fencedText(fenced))
    })
  signer
    .command("unfence")
    .description("take the fence away; starts nothing")
    .addOption(validatorOption())
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & YesOption & ValidatorOption) => {
      const [{ unfenceSigner }, { unfencedText }] = await Promise.all([import("../../app/signer/unfence.ts"), import("../show-signer.ts")])
      const unfenced = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        unfenceSigner(deployment, options.validator, async ({ validator, host, text }) => {
          io.err(`${validator} on ${host} is fenced: ${text}\nOnly go on when whoever fenced it agrees.\n`)
          await confirmByTyping(io, options.yes ?? env.yes, { what: "signer unfence", word: validator, option: "--yes" })
        }),
      )
      io.out(unfencedText(unfenced))
    })
}

/** The code of a whole answer: critical before degraded before ok. */
function worst(views: readonly Pick<SignerView, "exitCode">[]): SignerExit {
  if (views.some(({ exitCode }) => exitCode === EXIT.critical)) return EXIT.critical
  return views.some(({ exitCode }) => exitCode === EXIT.degraded) ? EXIT.degraded : EXIT.ok
}

function height(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("a height is a whole number above 0")
}
