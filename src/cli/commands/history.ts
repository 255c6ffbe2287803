import type { Command } from "commander"
import { EXIT, type ExitCode } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

type HistoryOptions = FileOption & JsonOption & { readonly validator?: string; readonly verify?: true }

export function addHistoryCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  const answer = (options: HistoryOptions, exit: ExitCode, data: unknown, text: () => string) => {
    io.out(options.json ? envelope("history", cli.now(), exit, data) : text())
    setExit(exit)
  }
  program
    .command("history [number]")
    .description("the moves of a validator with their receipts, from this machine and from the signer's host")
    .option("--validator <name>", "whose; without it, everybody's")
    .option(
      "--verify",
      "hold the receipts against each other and against the chain; exit 2 when something differs, 9 when not all could be asked",
    )
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("history"))
    .action(async (number: string | undefined, options: HistoryOptions, command: Command) => {
      if (number !== undefined && options.verify)
        command.error("error: --verify looks at every receipt; it takes no number", { exitCode: EXIT.usage })
      if (number !== undefined && !/^[1-9]\d{0,8}$/.test(number))
        command.error(`error: ${number} is not the number of a receipt, such as 3`, { exitCode: EXIT.usage })
      await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
        const [{ history, receiptNumbered }, { historyText, verifiedText }] = await Promise.all([
          import("../../app/history.ts"),
          import("../show-history.ts"),
        ])
        if (options.verify) {
          const { verifyHistory } = await import("../../app/verify-history.ts")
          const verified = await verifyHistory(deployment, options.validator)
          const differs = verified.some(({ differences }) => differences.length > 0)
          const exit = differs ? EXIT.changes : verified.some(({ unasked }) => unasked.length > 0) ? EXIT.unreachable : EXIT.ok
          answer(options, exit, { verified }, () => verifiedText(verified))
        } else if (number !== undefined) {
          const { wholeReceiptText } = await import("../../core/history/receipt-text.ts")
          const receipt = await receiptNumbered(deployment, Number(number), options.validator)
          answer(options, EXIT.ok, { receipt }, () => `${wholeReceiptText(receipt)}\n`)
        } else {
          const validators = await history(deployment, options.validator)
          const exit = validators.some(({ unread }) => unread !== undefined) ? EXIT.unreachable : EXIT.ok
          answer(options, exit, { validators }, () => historyText(validators))
        }
      })
    })
}
