import { AppError, EXIT } from "../core/errors.ts"
import { hasErrors, type Issue, type Place } from "../core/issue.ts"
import { pathFrom } from "../core/local-path.ts"
import { checkSpec, fileLayer } from "../core/spec/check.ts"
import { parseSource, type SourceFile } from "../core/spec/document.ts"
import { editYaml, parseSetting, type Setting } from "../core/spec/edit.ts"
import { forNetwork } from "../core/spec/for-network.ts"
import { placeholderPaths } from "../core/spec/placeholder.ts"
import type { Spec } from "../core/spec/schema.ts"
import { type PresetPorts, presetNames } from "./init-choices.ts"
import { readProfile } from "./load-layers.ts"

export type DraftRequest = {
  /** Where the spec is to be written. */
  readonly file: string
  readonly preset: string
  readonly name?: string | undefined
  readonly profile?: string | undefined
  /** `path=value` texts, applied in order. */
  readonly settings: readonly string[]
}

/** A value that only the operator knows, and where it stands. */
export type Placeholder = { readonly path: readonly string[]; readonly place: Place }

export type Draft = {
  readonly text: string
  readonly spec: Spec
  readonly placeholders: readonly Placeholder[]
  readonly warnings: readonly Issue[]
}

/** The preset's text for the requested network, with the requested settings. @throws AppError USAGE */
export async function requestedText(ports: PresetPorts, request: DraftRequest): Promise<string> {
  const settings = requestedSettings(request)
  const preset = await presetText(ports, request.preset)
  const { profile } = await readProfile(ports, [sourceOf(request.file, edited(preset, settings))])
  return edited(forNetwork(preset, profile), settings)
}

/** A text checked like any other spec, except that placeholders may stay. @throws AppError SPEC_INVALID */
export async function checkedDraft(ports: PresetPorts, file: string, text: string): Promise<Draft> {
  const source = sourceOf(file, text)
  const { profile, issues: profileIssues } = await readProfile(ports, [source])
  const { spec, issues: specIssues } = checkSpec({ profile, files: [fileLayer("spec", source)] })
  const issues = [...profileIssues, ...specIssues]
  if (!spec) throw wrongSettings(issues)
  const placeholders = placeholderPaths(source.value).map((path) => ({ path, place: source.place(path) }))
  // What is wrong with a placeholder is only that it is one.
  const open = new Set(placeholders.map(({ path }) => path.join(".")))
  const others = issues.filter((issue) => !open.has(issue.path))
  if (hasErrors(others)) throw wrongSettings(others)
  return { text, spec, placeholders, warnings: others }
}

/** The validators as they are written, before anything is checked. */
export function writtenValidators(file: string, text: string): ReadonlyMap<string, unknown> {
  const { value } = sourceOf(file, text)
  const validators: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "validators") : undefined
  return new Map<string, unknown>(typeof validators === "object" && validators !== null ? Object.entries(validators) : [])
}

export function withPubkeys(text: string, pubkeys: ReadonlyMap<string, string>): string {
  return edited(
    text,
    [...pubkeys].map(([validator, value]) => ({ path: ["validators", validator, "pubkey"], value })),
  )
}

async function presetText(ports: PresetPorts, preset: string): Promise<string> {
  const known = await presetNames(ports)
  if (!known.includes(preset)) {
    throw new AppError("USAGE", EXIT.usage, `there is no preset ${preset}`, { hint: `one of: ${known.join(", ")}` })
  }
  return await ports.files.readText(pathFrom(ports.templatesDir, `presets/${preset}.yaml`))
}

function requestedSettings(request: DraftRequest): Setting[] {
  const settings = request.settings.map((text) => {
    const setting = parseSetting(text)
    if ("problem" in setting)
      throw new AppError("USAGE", EXIT.usage, `--set ${setting.problem}`, { hint: "for example --set hosts.sen-1.ssh=root@10.0.0.1" })
    return setting
  })
  return [
    ...(request.name === undefined ? [] : [{ path: ["name"], value: request.name }]),
    ...(request.profile === undefined ? [] : [{ path: ["profile"], value: request.profile }]),
    ...settings,
  ]
}

function edited(text: string, settings: readonly Setting[]): string {
  const result = editYaml(text, settings)
  if ("problem" in result) throw new AppError("USAGE", EXIT.usage, `--set ${result.problem}`)
  return result.text
}

function sourceOf(file: string, text: string): SourceFile {
  const { source, issues } = parseSource(file, text)
  if (!source) throw wrongSettings(issues)
  return source
}

/** The file does not exist yet, so a place in it would lead nowhere. */
function wrongSettings(issues: readonly Issue[]): AppError {
  const withoutPlaces = issues.map(({ place: _, ...issue }) => issue)
  return new AppError("SPEC_INVALID", EXIT.specInvalid, "with these settings the spec would be wrong; nothing was written", {
    issues: withoutPlaces,
  })
}
