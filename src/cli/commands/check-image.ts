import type { Command } from "commander"
import type { CheckImageRequest, ImageSite } from "../../app/check-image.ts"
import type { SpecSource } from "../../app/load-layers.ts"
import { EXIT } from "../../core/errors.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

/** The part of the composition root's gift that this command needs. */
export type CheckImageCli = Pick<Cli, "env" | "now"> & {
  readonly io: Pick<Cli["io"], "out">
  readonly withDeployment: <T>(source: SpecSource, work: (site: ImageSite) => Promise<T>) => Promise<T>
}

type Options = FileOption & JsonOption & Pick<CheckImageRequest, "host" | "binary" | "version">

export function addCheckImageCommand(program: Command, cli: CheckImageCli, setExit: SetExit): void {
  // Without this, commander takes `--version` for the program's own wherever it stands.
  program.enablePositionalOptions()
  program
    .command("check-image [image]")
    .description("compare the settings that gonka-ha knows with what the node image's own `init` writes")
    .option("--host <host>", "the host whose engine runs the image (default: the first one)")
    .option("--binary <name>", "the node's program in the image (default: chain.binary)")
    .option("--version <key>", "the table of settings to compare with (default: versions.node)")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("check-image"))
    .action(async (image: string | undefined, options: Options) => {
      const [{ checkImage }, { imageCheckText }] = await Promise.all([import("../../app/check-image.ts"), import("../show-check-image.ts")])
      const { host, binary, version } = options
      const check = await cli.withDeployment(sourceOf(cli, options), (site) => checkImage(site, { image, host, binary, version }))
      const exit = check.differences.length > 0 ? EXIT.changes : EXIT.ok
      cli.io.out(options.json ? envelope("check-image", cli.now(), exit, check) : imageCheckText(check))
      setExit(exit)
    })
}
