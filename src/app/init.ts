import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { directoryOf, pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import type { Spec } from "../core/spec/schema.ts"
import { ignoreSecrets } from "./ignore-secrets.ts"
import type { PresetPorts } from "./init-choices.ts"
import { checkedDraft, type DraftRequest, type Placeholder, requestedText, withPubkeys, writtenValidators } from "./init-draft.ts"
import { type ImportFiles, type KeyOrigin, type PlannedValidator, plannedKeys, pubkeysBefore, storeKeys } from "./init-keys.ts"
import { writeSchema } from "./write-schema.ts"

export type InitPorts = PresetPorts

export type InitRequest = DraftRequest & Partial<ImportFiles>

/** Everything that init would do, checked; nothing is written yet. */
export type PreparedInit = {
  readonly file: string
  readonly deployment: string
  /** The spec's text without the public keys that are still to be made. */
  readonly text: string
  readonly spec: Spec
  readonly validators: readonly PlannedValidator[]
  readonly placeholders: readonly Placeholder[]
  readonly warnings: readonly Issue[]
}

export type InitialisedValidator = {
  readonly name: string
  readonly pubkey: string
  readonly key: KeyOrigin["kind"]
  /** Where the imported state was sealed; undefined when none was imported. */
  readonly sealedAt: number | undefined
}

export type Initialised = {
  readonly file: string
  readonly deployment: string
  readonly validators: readonly InitialisedValidator[]
  /** Paths of everything that was written, the spec included. */
  readonly made: readonly string[]
  /** What only the operator knows and still has to write. */
  readonly placeholders: readonly Placeholder[]
  readonly warnings: readonly Issue[]
}

/** `gonka-ha init`: a deployment's files from a preset. Everything is checked before anything is written, and the spec is written last. */
export async function initDeployment(ports: InitPorts, request: InitRequest): Promise<Initialised> {
  return await writeInit(ports, await prepareInit(ports, request))
}

/** @throws AppError FILE_EXISTS, USAGE, SPEC_INVALID, KEY_INVALID, KEY_CONFLICT, FILE_UNREADABLE */
export async function prepareInit(ports: InitPorts, request: InitRequest): Promise<PreparedInit> {
  const { file, keyFiles = [], stateFiles = [] } = request
  await refuseExisting(ports.files, file)
  const text = await requestedText(ports, request)
  const desk = { files: ports.files, keys: keysOf(ports, file) }
  const validators = await plannedKeys(desk, writtenValidators(file, text), { keyFiles, stateFiles })
  const { spec, placeholders, warnings } = await checkedDraft(ports, file, withPubkeys(text, pubkeysBefore(validators)))
  return { file, deployment: spec.name, text, spec, validators, placeholders, warnings }
}

/** @throws AppError FILE_EXISTS */
export async function refuseExisting(files: LocalFiles, file: string): Promise<void> {
  if (!(await files.exists(file))) return
  throw new AppError("FILE_EXISTS", EXIT.refused, `${file} exists already`, {
    hint: "init does not overwrite it; edit it, or name another file with -f",
  })
}

/** Does what was prepared. */
export async function writeInit(ports: InitPorts, prepared: PreparedInit): Promise<Initialised> {
  const { file, validators, spec } = prepared
  const keys = keysOf(ports, file)
  // Nothing secret exists before git is told to look away.
  const ignored = await ignoreSecrets(ports.files, directoryOf(file))
  const pubkeys = await storeKeys(keys, validators)
  const keyFiles = await keys.ensureNodeKeys(spec)
  const schema = await writeSchema(ports.files, file)
  const { text, placeholders, warnings } = await checkedDraft(ports, file, withPubkeys(prepared.text, pubkeys))
  await ports.files.create(file, text, 0o644)
  return {
    file,
    deployment: spec.name,
    validators: validators.map(({ name, origin, state }) => ({
      name,
      pubkey: pubkeys.get(name) ?? spec.validators[name]?.pubkey ?? "",
      key: origin.kind,
      sealedAt: state?.sealedAt,
    })),
    made: [...ignored, ...keyFiles, ...(schema.isWritten ? [schema.path] : []), file],
    placeholders,
    warnings,
  }
}

function keysOf(ports: InitPorts, file: string) {
  const specDir = directoryOf(file)
  return ports.keyStore({ stateDir: pathFrom(specDir, ".gonka-ha"), specDir })
}
