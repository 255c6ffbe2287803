import { AppError, EXIT } from "../core/errors.ts"
import type { KeyStore } from "../core/key-store.ts"
import type { LocalFiles } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import { isPlaceholder } from "../core/spec/placeholder.ts"

/** Where a validator's consensus key comes from. */
export type KeyOrigin =
  /** A new key, which is made when everything else is known to be right. */
  | { readonly kind: "made" }
  /** What an earlier init left in the key store. */
  | { readonly kind: "kept"; readonly pubkey: string }
  | { readonly kind: "imported"; readonly pubkey: string; readonly key: Secret }
  /** In a device or behind a reference: init neither makes nor sees it. */
  | { readonly kind: "elsewhere" }

export type PlannedValidator = {
  readonly name: string
  readonly origin: KeyOrigin
  /** The state to import, sealed where no older signature can follow. */
  readonly state: { readonly text: string; readonly sealedAt: number } | undefined
}

/** `FILE`, or `VALIDATOR=FILE` where there are several validators. */
export type ImportFiles = { readonly keyFiles: readonly string[]; readonly stateFiles: readonly string[] }

type Desk = { readonly files: LocalFiles; readonly keys: KeyStore }

/** What will become of every validator's key and state; looks at everything and stores nothing. @throws AppError USAGE, KEY_INVALID, KEY_CONFLICT */
export async function plannedKeys(desk: Desk, validators: ReadonlyMap<string, unknown>, imports: ImportFiles): Promise<PlannedValidator[]> {
  const names = [...validators.keys()]
  if (names.length === 0) {
    throw new AppError("USAGE", EXIT.usage, "with these settings there is no validator", { hint: "keep at least one under validators" })
  }
  const keyFiles = filesOf(names, imports.keyFiles, "--import-consensus-key")
  const stateFiles = filesOf(names, imports.stateFiles, "--import-state")
  const planned: PlannedValidator[] = []
  for (const [name, written] of validators) {
    const origin = await originOf(desk, name, written, keyFiles.get(name))
    planned.push({ name, origin, state: await stateOf(desk, name, stateFiles.get(name)) })
  }
  return planned
}

/** Which validator each file is for. @throws AppError USAGE */
export function filesOf(validators: readonly string[], texts: readonly string[], option: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const text of texts) {
    const { validator, file } = assigned(validators, text, option)
    if (files.has(validator)) {
      throw new AppError("USAGE", EXIT.usage, `${option} names two files for validator ${validator}`, {
        hint: "name one file per validator",
      })
    }
    files.set(validator, file)
  }
  return files
}

function assigned(validators: readonly string[], text: string, option: string): { readonly validator: string; readonly file: string } {
  const equals = text.indexOf("=")
  const prefix = equals < 0 ? "" : text.slice(0, equals)
  if (validators.includes(prefix)) return { validator: prefix, file: text.slice(equals + 1) }
  const [only, ...others] = validators
  if (only !== undefined && others.length === 0) return { validator: only, file: text }
  const forms = validators.map((validator) => `${option} ${validator}=FILE`).join(" ")
  throw new AppError("USAGE", EXIT.usage, `${option} ${text} does not begin with the name of a validator, and there are several`, {
    hint: `write ${forms}`,
  })
}

async function originOf({ files, keys }: Desk, name: string, written: unknown, file: string | undefined): Promise<KeyOrigin> {
  if (isElsewhere(written)) {
    if (file === undefined) return { kind: "elsewhere" }
    throw new AppError("USAGE", EXIT.usage, `the key of validator ${name} is not in the key store, so none can be imported for it`, {
      hint: `leave the import out, or take the key's reference and the provider out of validators.${name}.signer`,
    })
  }
  const origin = await storedOrigin({ files, keys }, name, file)
  const pinned = textAt(written, "pubkey")
  const isOther = pinned !== undefined && !isPlaceholder(pinned) && (origin.kind === "made" || origin.pubkey !== pinned)
  if (!isOther) return origin
  throw new AppError("KEY_CONFLICT", EXIT.refused, `validators.${name}.pubkey is set to ${pinned}, which is not the key that would sign`, {
    hint: "import that key with --import-consensus-key, or do not set pubkey: init writes it",
  })
}

async function storedOrigin(
  { files, keys }: Desk,
  name: string,
  file: string | undefined,
): Promise<Exclude<KeyOrigin, { kind: "elsewhere" }>> {
  if (file !== undefined) {
    const key = new Secret(await files.readText(file))
    return { kind: "imported", key, pubkey: (await keys.checkConsensusKey(name, key)).pubkeyBase64 }
  }
  // A key that an interrupted init left behind is used again, so it must be readable.
  const kept = await keys.consensusIdentity(name)
  return kept === undefined ? { kind: "made" } : { kind: "kept", pubkey: kept.pubkeyBase64 }
}

/** Whether the key is in a device or is read through a reference. */
function isElsewhere(written: unknown): boolean {
  const signer = valueAt(written, "signer")
  const provider = textAt(signer, "provider")
  return valueAt(signer, "key") !== undefined || (provider !== undefined && provider !== "softsign")
}

async function stateOf({ files, keys }: Desk, name: string, file: string | undefined): Promise<PlannedValidator["state"]> {
  if (file === undefined) return undefined
  const text = await files.readText(file)
  return { text, sealedAt: (await keys.checkState(name, text)).sealedAt }
}

function valueAt(map: unknown, key: string): unknown {
  return typeof map === "object" && map !== null ? Reflect.get(map, key) : undefined
}

function textAt(map: unknown, key: string): string | undefined {
  const value = valueAt(map, key)
  return typeof value === "string" ? value : undefined
}

/** Public keys to write: those that are known, and for keys that are still to be made something of the same form, different for each. */
export function pubkeysBefore(planned: readonly PlannedValidator[]): ReadonlyMap<string, string> {
  const pubkeys = new Map<string, string>()
  for (const [index, { name, origin }] of planned.entries()) {
    const pubkey = pubkeyBefore(origin, index)
    if (pubkey !== undefined) pubkeys.set(name, pubkey)
  }
  return pubkeys
}

function pubkeyBefore(origin: KeyOrigin, index: number): string | undefined {
  switch (origin.kind) {
    case "kept":
    case "imported":
      return origin.pubkey
    case "made":
      return `${String(index).padStart(42, "A")}A=`
    case "elsewhere":
      return undefined
  }
}

/** Imports, keeps and makes what was planned; gives the public keys. */
export async function storeKeys(keys: KeyStore, planned: readonly PlannedValidator[]): Promise<ReadonlyMap<string, string>> {
  const pubkeys = new Map<string, string>()
  for (const { name, origin, state } of planned) {
    if (state) await keys.importState(name, state.text)
    const pubkey = await storedPubkey(keys, name, origin)
    if (pubkey !== undefined) pubkeys.set(name, pubkey)
  }
  return pubkeys
}

async function storedPubkey(keys: KeyStore, name: string, origin: KeyOrigin): Promise<string | undefined> {
  switch (origin.kind) {
    case "imported":
      return (await keys.importConsensusKey(name, origin.key)).identity.pubkeyBase64
    case "kept":
      return origin.pubkey
    case "made":
      return (await keys.createConsensusKey(name)).pubkeyBase64
    case "elsewhere":
      return undefined
  }
}
