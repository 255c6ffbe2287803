import { type Command, Option } from "commander"
import { EXIT, type ExitCode } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { collect, destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

type HistoryOptions = FileOption &
  JsonOption & { readonly validator?: string; readonly verify?: true; readonly audit?: true; readonly host: readonly string[] }

export function addHistoryCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  const answer = (options: HistoryOptions, exit: ExitCode, data: unknown, text: () => string) => {
    io.out(options.json ? envelope("history", cli.now(), exit, data) : text())
    setExit(exit)
  }
  program
    .command("history [number]")
    .description("the moves of a validator with their receipts, from this machine and from the signer's host; or what was done to hosts")
    .option("--validator <name>", "whose; without it, everybody's")
    .option(
      "--verify",
      "hold the receipts against each other and against the chain; exit 2 when something differs, 9 when not all could be asked",
    )
    .addOption(
      new Option(
        "--audit",
        "the audit logs of the hosts instead, by their times: everything that was done there; exit 9 when not all could be read",
      ).conflicts(["verify", "validator"]),
    )
    .addOption(
      new Option("--host <host>", "with --audit, this host's alone; may be given more than once")
        .argParser(collect)
        .default([], "every host"),
    )
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("history"))
    .action(async (number: string | undefined, options: HistoryOptions, command: Command) => {
      if (number !== undefined && options.verify)
        command.error("error: --verify looks at every receipt; it takes no number", { exitCode: EXIT.usage })
      if (number !== undefined && options.audit)
        command.error("error: --audit shows lines of logs, not a receipt; it takes no number", { exitCode: EXIT.usage })
      if (options.host.length > 0 && !options.audit)
        command.error("error: --host chooses among audit logs; it belongs to --audit", { exitCode: EXIT.usage })
      if (number !== undefined && !/^[1-9]\d{0,8}$/.test(number))
        command.error(`error: ${number} is not the number of a receipt, such as 3`, { exitCode: EXIT.usage })
      await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
        const [{ history, receiptNumbered }, { historyText, verifiedText }] = await Promise.all([
          import("../../app/history.ts"),
          import("../show-history.ts"),
        ])
        if (options.audit) {
          const [{ auditHistory }, { auditText }] = await Promise.all([import("../../app/audit-history.ts"), import("../show-audit.ts")])
          const audit = await auditHistory(deployment, options.host)
          answer(options, audit.unread.length > 0 ? EXIT.unreachable : EXIT.ok, { audit }, () => auditText(audit))
        } else if (options.verify) {
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
