import { type Command, InvalidArgumentError, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { collect, destinationOption, type FileOption, type JsonOption, jsonOption, longFileOption, sourceOf } from "./options.ts"

type LogsOptions = FileOption &
  JsonOption & {
    readonly signer: readonly string[]
    readonly parking: readonly string[]
    readonly follow?: true
    readonly since?: string
    readonly tail?: number | "all"
  }

/** A log has no end on a host that has run for months. */
const USUAL_TAIL = 100

export function addLogsCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  program
    .command("logs [nodes...]")
    .description(
      "the logs of nodes, load balancers (NAME-balancer) and signers; of several in the order of time, each line with its name before it",
    )
    .addOption(new Option("--signer <validator>", "of the signer of this validator, too").argParser(collect).default([]))
    .addOption(new Option("--parking <node>", "of the parking signer of this node, too").argParser(collect).default([]))
    .option("-f, --follow", "go on with what is written from now on, until Ctrl-C")
    .addOption(new Option("--since <time>", "from then on: 10m, 2h, or a time such as 2026-11-30T04:00:00Z").argParser(sinceOf))
    .addOption(
      new Option("--tail <lines>", "lines at the end of each log, or `all`; without it and --since the last 100").argParser(tailOf),
    )
    // -f is what everybody types to follow a log, so the file has only its long name here.
    .addOption(longFileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("log-line"))
    .action(async (nodes: readonly string[], options: LogsOptions, command: Command) => {
      const names = { nodes, signers: options.signer, parkings: options.parking }
      if (Object.values(names).every((list) => list.length === 0))
        command.error("error: say whose logs: nodes, --signer or --parking", { exitCode: EXIT.usage })
      const [{ logSources, readLogs }, { logText, failureText }] = await Promise.all([
        import("../../app/logs.ts"),
        import("../show-logs.ts"),
      ])
      const { out } = io.foreground()
      await cli.withDeployment(sourceOf(cli, options), async (deployment) => {
        const sources = logSources(deployment.topology, names)
        const text = logText(sources, options.json ? "json" : "lines")
        const tail = options.tail ?? (options.since === undefined ? USUAL_TAIL : "all")
        const { failures, wasInterrupted } = await readLogs(
          deployment,
          sources,
          { follow: options.follow ?? false, since: options.since, tail: tail === "all" ? undefined : tail },
          (lines) => out.write(text(lines)),
        )
        for (const failure of failures) io.err(failureText(failure))
        const isAway = failures.some(({ isUnreachable }) => isUnreachable)
        setExit(wasInterrupted ? EXIT.interrupted : isAway ? EXIT.unreachable : failures.length > 0 ? EXIT.degraded : EXIT.ok)
      })
    })
}

function sinceOf(text: string): string {
  if (/^\d{1,9}(s|m|h)$/.test(text) || (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) && !Number.isNaN(Date.parse(text))))
    return text
  throw new InvalidArgumentError("It is a length of time such as 30s, 10m or 2h, or a time such as 2026-11-30T04:00:00Z.")
}

function tailOf(text: string): number | "all" {
  if (text === "all") return text
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("It is a number of lines, or all.")
}
