import { type Command, Option } from "commander"
import { AppError, EXIT } from "../../core/errors.ts"
import type { FenceRecord } from "../../core/fence-methods.ts"
import { FENCE_METHODS, isFenceMethod } from "../../core/fence-methods.ts"
import type { Cli } from "../cli.ts"
import { envelopeLine } from "../envelope.ts"
import { fenceHelp } from "../fence-help.ts"
import type { Io } from "../io.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonLinesOption, progressOf, sourceOf } from "./options.ts"

type ReplaceOptions = FileOption &
  JsonOption & {
    readonly acceptDoubleSignRisk?: true
    readonly fence?: string
    readonly attest?: string
    readonly node?: string
    readonly validator?: string
    readonly oneWitness?: true
    readonly dryRun?: true
  }

/** `signer replace`: the one command that can lead to a double sign, so it takes no --yes. */
export function addSignerReplace(signer: Command, cli: Cli): void {
  const { io } = cli
  signer
    .command("replace")
    .description("start the signer on another host, because its own is lost for good")
    .argument("<host>", "the lost host; the file names the new one: signer: { host: NEW, replaces: [HOST] }")
    .option("--accept-double-sign-risk", "needed: two signers of one key are punished for good")
    .addOption(new Option("--fence <method>", "how the lost signer is kept from the chain").choices([...FENCE_METHODS]))
    .option("--attest <sentence>", "the sentence of the fence, where nobody can type it")
    .option("--node <node>", "where the new signer starts (default: where the old one was, when that node is well)")
    .option("--validator <name>", "which validator, when the host had several signers")
    .option("--one-witness", "accept the only sentry as the only witness")
    .option("--dry-run", "checks and plan only")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonLinesOption("signer-replace"))
    .addHelpText("after", fenceHelp)
    .action(async (host: string, options: ReplaceOptions) => {
      if (!options.acceptDoubleSignRisk)
        throw new AppError(
          "REFUSED",
          EXIT.refused,
          `replacing the signer of ${host} is refused: it can end in a double sign, which the chain punishes for good`,
          {
            hint: "a node that is lost is the matter of `gonka-ha failover NODE`; only when the signer's host itself is lost for good, add --accept-double-sign-risk",
          },
        )
      const [{ replaceSigner }, { replacePlanText, replaceText }] = await Promise.all([
        import("../../app/signer/replace.ts"),
        import("../show-replace.ts"),
      ])
      const request = {
        host,
        validator: options.validator,
        method: options.fence !== undefined && isFenceMethod(options.fence) ? options.fence : undefined,
        node: options.node,
        oneWitness: options.oneWitness ?? false,
      }
      const result = await cli.withDeployment(
        sourceOf(cli, options),
        (deployment) =>
          replaceSigner(deployment, request, { dryRun: options.dryRun ?? false }, async (plan) => {
            io.err(replacePlanText(plan))
            return plan.sentence === undefined ? undefined : attested(io, plan.sentence, options.attest)
          }),
        progressOf(cli, options),
      )
      io.out(options.json ? envelopeLine("signer-replace", cli.now(), EXIT.ok, result) : replaceText(result, host))
    })
}

/** One exact sentence, typed or given. @throws AppError USAGE without a terminal and without the option, CANCELLED, REFUSED */
async function attested(io: Io, sentence: string, given: string | undefined): Promise<FenceRecord["attested"]> {
  if (given !== undefined) {
    if (given.trim() === sentence) return "option"
    throw new AppError("REFUSED", EXIT.refused, `--attest is not the sentence of this fence, nothing was changed`, {
      hint: `it is: ${sentence}`,
    })
  }
  if (!io.interactive)
    throw new AppError("USAGE", EXIT.usage, "somebody must answer for the fence, and there is no terminal to ask on", {
      hint: `when it is so, add --attest "${sentence}"`,
    })
  const answer = await io.ask(`When it is so, type: ${sentence}\n> `)
  if (answer.trim() !== sentence) throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was changed")
  return "typed"
}
