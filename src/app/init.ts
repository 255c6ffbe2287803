import { AppError, EXIT } from "../core/errors.ts"
import { hasErrors, type Issue, type Place } from "../core/issue.ts"
import type { KeyStore } from "../core/key-store.ts"
import { directoryOf, pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import { checkSpec, fileLayer } from "../core/spec/check.ts"
import { parseSource } from "../core/spec/document.ts"
import { editYaml, parseSetting, type Setting } from "../core/spec/edit.ts"
import { PLACEHOLDER_MESSAGE } from "../core/spec/placeholder.ts"
import type { Spec } from "../core/spec/schema.ts"
import type { LoadPorts } from "./load.ts"
import { readProfile } from "./load-layers.ts"

export type InitPorts = LoadPorts & { readonly templatesDir: string }

export type InitRequest = {
  /** Where the spec is to be written. */
  readonly file: string
  readonly preset: string
  readonly name?: string | undefined
  readonly profile?: string | undefined
  /** `path=value` texts, applied in order. */
  readonly settings: readonly string[]
  readonly consensusKeyFile?: string | undefined
  readonly stateFile?: string | undefined
}

export type Initialised = {
  readonly file: string
  readonly deployment: string
  readonly validator: { readonly name: string; readonly pubkey: string; readonly key: "made" | "kept" | "imported" }
  /** Where the imported state was sealed; undefined when none was imported. */
  readonly sealedAt: number | undefined
  /** Paths of everything that was written, the spec included. */
  readonly made: readonly string[]
  /** What only the operator knows and still has to write. */
  readonly placeholders: readonly { readonly path: string; readonly place: Place | undefined }[]
  readonly warnings: readonly Issue[]
}

const GITIGNORE = ".gitignore"
const IGNORED = ".gonka-ha/"
/** Stands for the public key while nothing has been made yet. */
const NO_PUBKEY = `${"A".repeat(43)}=`

/** `gonka-ha init`: a deployment's files from a preset. Everything is checked before anything is written, and the spec is written last. */
export async function initDeployment(ports: InitPorts, request: InitRequest): Promise<Initialised> {
  const { files } = ports
  if (await files.exists(request.file)) {
    throw new AppError("FILE_EXISTS", EXIT.refused, `${request.file} exists already`, {
      hint: "init does not overwrite it; edit it, or name another file with -f",
    })
  }
  const dir = directoryOf(request.file)
  const preset = edited(await presetText(ports, request.preset), requestedSettings(request))
  const name = onlyValidator(request.file, preset)
  const { spec } = await draft(ports, request.file, withPubkey(preset, name, NO_PUBKEY))
  const keys = ports.keyStore({ stateDir: pathFrom(dir, ".gonka-ha"), specDir: dir })
  const imports = await checkedImports(ports, keys, name, request)

  // Nothing secret exists before git is told to look away.
  const ignored = await ignoreSecrets(files, pathFrom(dir, GITIGNORE))
  const { validator, sealedAt } = await storeKeys(keys, name, imports)
  const keyFiles = await keys.ensureNodeKeys(spec)
  const { text, placeholders, warnings } = await draft(ports, request.file, withPubkey(preset, name, validator.pubkey))
  await files.create(request.file, text, 0o644)
  const made = [...ignored, ...keyFiles, request.file]
  return { file: request.file, deployment: spec.name, validator, sealedAt, made, placeholders, warnings }
}

async function presetText(ports: InitPorts, preset: string): Promise<string> {
  const dir = pathFrom(ports.templatesDir, "presets")
  const known = (await ports.files.list(dir)).filter((path) => path.endsWith(".yaml")).map((path) => path.slice(0, -".yaml".length))
  if (!known.includes(preset)) {
    throw new AppError("USAGE", EXIT.usage, `there is no preset ${preset}`, { hint: `one of: ${known.join(", ")}` })
  }
  return await ports.files.readText(pathFrom(dir, `${preset}.yaml`))
}

function requestedSettings(request: InitRequest): Setting[] {
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

/** Presets have one validator; a key or a state to import could not be told apart between several. */
function onlyValidator(file: string, text: string): string {
  const value: unknown = parseSource(file, text).source?.value
  const validators: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "validators") : undefined
  const names = typeof validators === "object" && validators !== null ? Object.keys(validators) : []
  const [only, ...others] = names
  if (only === undefined || others.length > 0) {
    throw new AppError("USAGE", EXIT.usage, `init makes one validator, not ${names.length}`, { hint: "add others to the file afterwards" })
  }
  return only
}

function withPubkey(text: string, validator: string, pubkey: string): string {
  return edited(text, [{ path: ["validators", validator, "pubkey"], value: pubkey }])
}

type Draft = Pick<Initialised, "placeholders" | "warnings"> & { readonly text: string; readonly spec: Spec }

/** A text checked like any other spec, except that placeholders may stay. */
async function draft(ports: InitPorts, file: string, text: string): Promise<Draft> {
  const parsed = parseSource(file, text)
  if (!parsed.source) throw wrongSettings(parsed.issues)
  const { profile, issues: profileIssues } = await readProfile(ports, [parsed.source])
  const { spec, issues: specIssues } = checkSpec({ profile, files: [fileLayer("spec", parsed.source)] })
  const issues = [...profileIssues, ...specIssues]
  const others = issues.filter((issue) => issue.message !== PLACEHOLDER_MESSAGE)
  if (!spec || hasErrors(others)) throw wrongSettings(others)
  const placeholders = issues.filter((issue) => issue.message === PLACEHOLDER_MESSAGE).map(({ path, place }) => ({ path, place }))
  return { text, spec, placeholders, warnings: others }
}

/** The file does not exist yet, so a place in it would lead nowhere. */
function wrongSettings(issues: readonly Issue[]): AppError {
  const withoutPlaces = issues.map(({ place: _, ...issue }) => issue)
  return new AppError("SPEC_INVALID", EXIT.specInvalid, "with these settings the spec would be wrong; nothing was written", {
    issues: withoutPlaces,
  })
}

type Imports = { readonly key: Secret | undefined; readonly state: string | undefined }

async function checkedImports(ports: InitPorts, keys: KeyStore, validator: string, request: InitRequest): Promise<Imports> {
  const key = request.consensusKeyFile === undefined ? undefined : new Secret(await ports.files.readText(request.consensusKeyFile))
  const state = request.stateFile === undefined ? undefined : await ports.files.readText(request.stateFile)
  if (key !== undefined) await keys.checkConsensusKey(validator, key)
  // A key that an interrupted init left behind is used again, so it must be readable.
  else await keys.consensusIdentity(validator)
  if (state !== undefined) await keys.checkState(validator, state)
  return { key, state }
}

async function storeKeys(keys: KeyStore, name: string, { key, state }: Imports): Promise<Pick<Initialised, "validator" | "sealedAt">> {
  const sealedAt = state === undefined ? undefined : (await keys.importState(name, state)).sealedAt
  if (key !== undefined) {
    const { identity } = await keys.importConsensusKey(name, key)
    return { validator: { name, pubkey: identity.pubkeyBase64, key: "imported" }, sealedAt }
  }
  const kept = await keys.consensusIdentity(name)
  if (kept !== undefined) return { validator: { name, pubkey: kept.pubkeyBase64, key: "kept" }, sealedAt }
  const made = await keys.createConsensusKey(name)
  return { validator: { name, pubkey: made.pubkeyBase64, key: "made" }, sealedAt }
}

/** Keeps every line that is there; gives the path when the file was written. */
async function ignoreSecrets(files: LocalFiles, path: string): Promise<readonly string[]> {
  const before = (await files.exists(path)) ? await files.readText(path) : ""
  if (before.split(/\r?\n/).some((line) => line.trim().replace(/^\//, "") === IGNORED)) return []
  const gap = before === "" || before.endsWith("\n") ? "" : "\n"
  await files.replace(path, `${before}${gap}${IGNORED}\n`, 0o644)
  return [path]
}
