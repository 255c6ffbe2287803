import { pathFrom } from "../core/local-path.ts"
import type { LoadPorts } from "./load.ts"
import { profileNames } from "./load-layers.ts"

export type PresetPorts = LoadPorts & {
  /** Where the package keeps its presets. */
  readonly templatesDir: string
}

/** Something to start from, with the sentence that its file begins with. */
export type Choice = { readonly name: string; readonly about: string }

export async function presetNames({ files, templatesDir }: PresetPorts): Promise<readonly string[]> {
  return (await files.list(pathFrom(templatesDir, "presets")))
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => path.slice(0, -".yaml".length))
}

export async function presetChoices(ports: PresetPorts): Promise<readonly Choice[]> {
  return await described(ports, await presetNames(ports), pathFrom(ports.templatesDir, "presets"))
}

export async function profileChoices(ports: PresetPorts): Promise<readonly Choice[]> {
  return await described(ports, await profileNames(ports), ports.profilesDir)
}

async function described({ files }: PresetPorts, names: readonly string[], dir: string): Promise<readonly Choice[]> {
  return await Promise.all(names.map(async (name) => ({ name, about: aboutOf(await files.readText(pathFrom(dir, `${name}.yaml`))) })))
}

/** The first sentence of a file's first comment; what is meant for editors is none. */
function aboutOf(text: string): string {
  const line = text.split("\n").find((line) => line.startsWith("# ") && !line.startsWith("# yaml-language-server:")) ?? ""
  return /^# (.*?[^.])\.(\s|$)/.exec(line)?.[1] ?? line.slice(2)
}
