import { AppError, EXIT } from "../core/errors.ts"
import type { KeyStore } from "../core/key-store.ts"
import { parseSignerState } from "../core/observe/signer-state.ts"
import type { LocalFiles, PublicIdentity } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import type { Spec } from "../core/spec/schema.ts"
import { shapeOf } from "../core/spec/shape.ts"
import { importState } from "../core/state-import.ts"
import { nodeKeyText } from "./comet-key-file.ts"
import { consensusSeed } from "./consensus-key-import.ts"
import { identityOfSeed, invalidKey, newSeed, parseSoftsign, softsignText } from "./ed25519.ts"
import { identitiesOf } from "./key-identities.ts"
import { keyPaths } from "./key-paths.ts"
import { readSecretFile, secretFilesOf } from "./secret-files.ts"
import type { ReferenceReader } from "./secret-reference.ts"

const PRIVATE = 0o600

/** The keys below `secrets` in a deployment's state directory, which is `.gonka-ha` next to its spec. */
export function openKeyStore(files: LocalFiles, stateDir: string, readReference: ReferenceReader): KeyStore {
  const paths = keyPaths(stateDir)

  async function storedIdentity(validator: string): Promise<PublicIdentity | undefined> {
    const file = paths.consensusKey(validator)
    if (!(await files.exists(file))) return undefined
    return identityOfSeed(parseSoftsign(file, await files.readText(file)))
  }

  async function checkConsensusKey(validator: string, key: Secret): Promise<PublicIdentity> {
    const identity = identityOfSeed(consensusSeed(key))
    const stored = await storedIdentity(validator)
    if (stored !== undefined && stored.pubkeyBase64 !== identity.pubkeyBase64) {
      throw conflict(
        `${paths.consensusKey(validator)} holds another key, ${stored.pubkeyBase64}; the one to import is ${identity.pubkeyBase64}`,
      )
    }
    return identity
  }

  /** Height at which the stored state is sealed. */
  async function storedHeight(validator: string): Promise<number | undefined> {
    const file = paths.state(validator)
    if (!(await files.exists(file))) return undefined
    const stored = parseSignerState(await files.readText(file))
    if (stored.kind !== "ok") throw invalidKey(file, stored.kind === "damaged" ? stored.reason : "it is missing")
    return stored.state.height
  }

  async function checkState(validator: string, text: string) {
    const state = importState(text)
    if (state.kind === "damaged") throw invalidKey("the state file", state.reason)
    const stored = await storedHeight(validator)
    if (stored !== undefined && stored > state.sealedAt) {
      throw conflict(
        `${paths.state(validator)} is sealed at height ${stored}; the one to import ends at ${state.lastSigned}, and a state is never lowered`,
      )
    }
    return { ...state, stored }
  }

  return {
    async ensureNodeKeys(spec) {
      const wanted = [
        ...[...Object.keys(spec.sentries), ...Object.keys(spec.private)].map((node) => [paths.nodeKey(node), nodeKeyText] as const),
        ...candidatesIn(spec).flatMap((node) => [
          [paths.parkingKey(node), softsignText] as const,
          [paths.parkingConnection(node), softsignText] as const,
        ]),
        ...Object.keys(spec.validators).map((validator) => [paths.connection(validator), softsignText] as const),
      ]
      const made: string[] = []
      for (const [path, textOf] of wanted) {
        if (await files.exists(path)) continue
        await files.create(path, new Secret(textOf(newSeed())), PRIVATE)
        made.push(path)
      }
      return made
    },

    async createConsensusKey(validator) {
      const seed = newSeed()
      await files.create(paths.consensusKey(validator), new Secret(softsignText(seed)), PRIVATE)
      return identityOfSeed(seed)
    },

    consensusIdentity: storedIdentity,
    checkConsensusKey,

    async importConsensusKey(validator, key) {
      const identity = await checkConsensusKey(validator, key)
      const path = paths.consensusKey(validator)
      if (await files.exists(path)) return { identity, imported: "unchanged" }
      await files.create(path, new Secret(softsignText(consensusSeed(key))), PRIVATE)
      return { identity, imported: "stored" }
    },

    async checkState(validator, text) {
      const { sealedAt } = await checkState(validator, text)
      return { sealedAt }
    },

    async importState(validator, text) {
      const state = await checkState(validator, text)
      if (state.stored === state.sealedAt) return { sealedAt: state.sealedAt, imported: "unchanged" }
      const path = paths.state(validator)
      // The one file here that may change, and only upwards: the old signer may have gone on between two imports.
      if (state.stored === undefined) await files.create(path, state.text, PRIVATE)
      else await files.replace(path, state.text, PRIVATE)
      return { sealedAt: state.sealedAt, imported: "stored" }
    },

    async importedState(validator) {
      return (await storedHeight(validator)) === undefined ? undefined : await files.readText(paths.state(validator))
    },

    identities: (spec, prefix) => identitiesOf(files, paths, spec, prefix, storedIdentity),
    secretFiles: (topology) => secretFilesOf(files, paths, topology),
    readSecret: (file) => readSecretFile(files, readReference, file),
  }
}

function candidatesIn(spec: Spec): string[] {
  return shapeOf(spec)
    .nodes.filter((node) => node.candidateOf.length > 0)
    .map((node) => node.name)
}

function conflict(message: string): AppError {
  return new AppError("KEY_CONFLICT", EXIT.refused, message, { hint: "nothing was changed; find out which one is right" })
}
