import { AppError, EXIT } from "../core/errors.ts"
import type { Imported } from "../core/key-store.ts"
import { Secret } from "../core/secret.ts"
import { type LoadPorts, loadSpec, loadTopology } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

/** The public halves of a deployment's keys: nothing here can sign. */
export type PublicKeys = {
  readonly deployment: string
  readonly nodes: readonly { readonly name: string; readonly role: string; readonly host: string; readonly id: string }[]
  readonly validators: readonly {
    readonly name: string
    readonly address: string
    readonly consensusAddress: string
    readonly pubkey: string
    /** Whether the private half is on this machine too. */
    readonly keyHere: boolean
  }[]
}

/** `gonka-ha keys show` */
export async function showKeys(ports: LoadPorts, source: SpecSource): Promise<PublicKeys> {
  const { topology, keys } = await loadTopology(ports, source)
  return {
    deployment: topology.deployment,
    nodes: topology.nodes.map(({ name, role, host, id }) => ({ name, role, host, id })),
    validators: await Promise.all(
      topology.validators.map(async ({ name, address, consensusAddress, pubkey }) => ({
        name,
        address,
        consensusAddress,
        pubkey,
        keyHere: (await keys.consensusIdentity(name)) !== undefined,
      })),
    ),
  }
}

export type GeneratedKeys = { readonly deployment: string; readonly made: readonly string[] }

/** `gonka-ha keys generate`: makes every key that is missing, except the one that must not be made twice. */
export async function generateKeys(ports: LoadPorts, source: SpecSource): Promise<GeneratedKeys> {
  const { spec, keys } = await loadSpec(ports, source)
  return { deployment: spec.name, made: await keys.ensureNodeKeys(spec) }
}

export type ImportRequest = {
  readonly source: SpecSource
  /** May be left out where there is only one. */
  readonly validator?: string | undefined
  readonly keyFile?: string | undefined
  readonly stateFile?: string | undefined
}

export type ImportedKeys = {
  readonly validator: string
  readonly key: { readonly pubkey: string; readonly imported: Imported } | undefined
  readonly state: { readonly imported: Imported; readonly sealedAt: number } | undefined
}

/** `gonka-ha keys import`: takes an existing key, a signer's state, or both; everything is checked before anything is stored. */
export async function importKeys(ports: LoadPorts, request: ImportRequest): Promise<ImportedKeys> {
  if (request.keyFile === undefined && request.stateFile === undefined) {
    throw new AppError("USAGE", EXIT.usage, "nothing to import", { hint: "name a key with --key, a signer's state with --state, or both" })
  }
  const loaded = await loadSpec(ports, request.source)
  const validator = chosenValidator(Object.keys(loaded.spec.validators), request.validator)
  const pinned = loaded.spec.validators[validator]?.pubkey
  const key = request.keyFile === undefined ? undefined : new Secret(await ports.files.readText(request.keyFile))
  const state = request.stateFile === undefined ? undefined : await ports.files.readText(request.stateFile)
  if (key !== undefined) {
    const identity = await loaded.keys.checkConsensusKey(validator, key)
    if (identity.pubkeyBase64 !== pinned) {
      throw new AppError(
        "KEY_CONFLICT",
        EXIT.refused,
        `the key to import is ${identity.pubkeyBase64}, but ${request.source.file} pins ${pinned} for ${validator}`,
        {
          hint: "nothing was changed; this is another validator's key, or the spec's pubkey is wrong",
        },
      )
    }
  }
  if (state !== undefined) await loaded.keys.checkState(validator, state)
  const importedKey = key === undefined ? undefined : await loaded.keys.importConsensusKey(validator, key)
  const importedState = state === undefined ? undefined : await loaded.keys.importState(validator, state)
  return {
    validator,
    key: importedKey && { pubkey: importedKey.identity.pubkeyBase64, imported: importedKey.imported },
    state: importedState,
  }
}

function chosenValidator(known: readonly string[], wanted: string | undefined): string {
  const [only, ...others] = known
  if (wanted === undefined && only !== undefined && others.length === 0) return only
  if (wanted !== undefined && known.includes(wanted)) return wanted
  throw new AppError("USAGE", EXIT.usage, wanted === undefined ? "there are several validators" : `there is no validator ${wanted}`, {
    hint: `say --validator with one of: ${known.join(", ")}`,
  })
}
