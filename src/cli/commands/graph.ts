import { type Command, Option } from "commander"
import type { GraphFormat } from "../../app/graph.ts"
import { EXIT } from "../../core/errors.ts"
import type { Cli } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

/** Written out, so that the layout is loaded only when a picture is wanted. */
const FORMATS = ["mermaid", "dot", "svg"] as const satisfies readonly GraphFormat[]

type Options = FileOption & JsonOption & { readonly format?: GraphFormat; readonly output?: string }

export function addGraphCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local" | "now">): void {
  program
    .command("graph")
    .description("draw the topology: hosts, nodes, signers and who talks to whom; no key has to exist")
    .addOption(
      new Option("--format <format>", "language of the picture (default: by the ending of the file, else mermaid)").choices(FORMATS),
    )
    .option("-o, --output <file>", "write it to a file instead of standard output")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("graph").conflicts(["format", "output"]))
    .action(async ({ format, output, ...options }: Options) => {
      const { drawGraph, viewGraph } = await import("../../app/graph.ts")
      if (options.json) {
        cli.io.out(envelope("graph", cli.now(), EXIT.ok, await viewGraph(await cli.local(), sourceOf(cli, options))))
        return
      }
      const picture = await drawGraph(await cli.local(), { source: sourceOf(cli, options), format, output })
      if (output === undefined) cli.io.out(picture)
      else cli.io.err(`the picture is in ${output}\n`)
    })
}
