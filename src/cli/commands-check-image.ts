import { type Command, Option } from "commander"
import type { CheckImageRequest } from "../app/check-image.ts"
import { specFile } from "../app/load.ts"
import { EXIT, type ExitCode } from "../core/errors.ts"
import { envelope } from "./envelope.ts"
import type { Cli } from "./program.ts"

type Options = Omit<CheckImageRequest, "image"> & { readonly file?: string; readonly json?: true }

export function addCheckImageCommand(program: Command, cli: Cli, setExit: (code: ExitCode) => void): void {
  // Without this, commander takes `--version` for the program's own wherever it stands.
  program.enablePositionalOptions()
  program
    .command("check-image [image]")
    .description("compare the settings that gonka-ha knows with what the node image's own `init` writes")
    .option("--host <host>", "the host whose engine runs the image (default: the first one)")
    .option("--binary <name>", "the node's program in the image (default: chain.binary)")
    .option("--version <key>", "the table of settings to compare with (default: versions.node)")
    .addOption(new Option("-f, --file <file>", "the topology file (default: $GONKA_HA_FILE or gonka-ha.yaml)"))
    .addOption(new Option("--json", "machine-readable answer"))
    .action(async (image: string | undefined, { file, json, ...options }: Options) => {
      const [{ checkImage }, { imageCheckText }] = await Promise.all([import("../app/check-image.ts"), import("./show-check-image.ts")])
      const check = await cli.withDeployment(specFile(file, cli.env.file), (deployment) => checkImage(deployment, { image, ...options }))
      const exit = check.differences.length > 0 ? EXIT.changes : EXIT.ok
      cli.io.out(json ? envelope("check-image", cli.now(), exit, check) : imageCheckText(check))
      setExit(exit)
    })
}
