import { type Command, Option } from "commander"
import type { GraphFormat } from "../../app/graph.ts"
import type { Cli } from "../cli.ts"
import { destinationOption, type FileOption, fileOption, sourceOf } from "./options.ts"

/** Written out, so that the layout is loaded only when a picture is wanted. */
const FORMATS = ["mermaid", "dot", "svg"] as const satisfies readonly GraphFormat[]

type Options = FileOption & { readonly format?: GraphFormat; readonly output?: string }

export function addGraphCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local">): void {
  program
    .command("graph")
    .description("draw the topology: hosts, nodes, signers and who talks to whom; no key has to exist")
    .addOption(
      new Option("--format <format>", "language of the picture (default: by the ending of the file, else mermaid)").choices(FORMATS),
    )
    .option("-o, --output <file>", "write it to a file instead of standard output")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async ({ format, output, ...options }: Options) => {
      const { drawGraph } = await import("../../app/graph.ts")
      const picture = await drawGraph(await cli.local(), { source: sourceOf(cli, options), format, output })
      if (output === undefined) cli.io.out(picture)
      else cli.io.err(`the picture is in ${output}\n`)
    })
}
