import type { Command } from "commander"
import { specFile } from "../../app/load.ts"
import type { Cli } from "../cli.ts"
import { type FileOption, fileOption } from "./options.ts"

export function addSchemaCommand(program: Command, cli: Pick<Cli, "env" | "io" | "local">): void {
  program
    .command("schema")
    .description("print the JSON Schema of topology files, for editors and other programs")
    .option("--write", "write it where the first line of the topology file names it, instead")
    .addOption(fileOption())
    .action(async (options: FileOption & { write?: true }) => {
      if (options.write) {
        const { writeSchema } = await import("../../app/write-schema.ts")
        const { path, isWritten } = await writeSchema((await cli.local()).files, specFile(options.file, cli.env.file))
        cli.io.out(isWritten ? `wrote ${path}\n` : `${path} is up to date\n`)
        return
      }
      const { specJsonSchemaText } = await import("../../core/spec/json-schema.ts")
      cli.io.out(specJsonSchemaText())
    })
}
