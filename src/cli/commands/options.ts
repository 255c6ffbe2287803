import { Option } from "commander"
import { specFile } from "../../app/load.ts"
import type { SpecSource } from "../../app/load-layers.ts"
import type { Cli } from "../cli.ts"

export type FileOption = { readonly file?: string; readonly destination?: string }
export type YesOption = { readonly yes?: true }
export type JsonOption = { readonly json?: true }

const FILE = "the topology file (default: $GONKA_HA_FILE or gonka-ha.yaml)"
export const fileOption = () => new Option("-f, --file <file>", FILE)
export const longFileOption = () => new Option("--file <file>", FILE)
export const destinationOption = () =>
  new Option("-d, --destination <name>", "put the overlay of this name over it (default: $GONKA_HA_DESTINATION)")
export const yesOption = () => new Option("-y, --yes", "do not ask")
export const jsonOption = () => new Option("--json", "machine-readable answer")

/** For options that may be given more than once. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Which topology a command works on. */
export function sourceOf({ env }: Pick<Cli, "env">, options: FileOption): SpecSource {
  return { file: specFile(options.file, env.file), destination: options.destination ?? env.destination }
}
