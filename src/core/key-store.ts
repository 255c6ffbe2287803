import type { Issue } from "./issue.ts"
import type { PublicIdentity, SecretFile } from "./ports.ts"
import type { Secret } from "./secret.ts"
import type { Spec } from "./spec/schema.ts"
import type { Identities, Topology } from "./topology.ts"

/** What an import did: the key or state was stored, or the same one was there already. */
export type Imported = "stored" | "unchanged"

/** The keys of one deployment on the operator's machine. No key is ever overwritten or removed; an imported state is only ever raised. */
export type KeyStore = {
  /** Makes every node key, parking key and connection key that is missing, never a validator's consensus key; gives the paths of what it made. */
  ensureNodeKeys(spec: Spec): Promise<readonly string[]>
  /** @throws AppError FILE_EXISTS */
  createConsensusKey(validator: string): Promise<PublicIdentity>
  /** The public half of the consensus key in the store; undefined when it is not on this machine. @throws AppError KEY_INVALID */
  consensusIdentity(validator: string): Promise<PublicIdentity | undefined>
  /** What a key to import is, without storing it. @throws AppError KEY_INVALID, or KEY_CONFLICT when the store holds another one */
  checkConsensusKey(validator: string, key: Secret): Promise<PublicIdentity>
  /** Takes a priv_validator_key.json or a tmkms softsign key. @throws like checkConsensusKey */
  importConsensusKey(validator: string, key: Secret): Promise<{ readonly identity: PublicIdentity; readonly imported: Imported }>
  /** Where a state to import would be sealed, without storing it. @throws AppError KEY_INVALID, or KEY_CONFLICT when the store holds a higher one */
  checkState(validator: string, text: string): Promise<{ readonly sealedAt: number }>
  /** Takes a node's or a tmkms's state and stores it sealed one height higher. @throws like checkState */
  importState(validator: string, text: string): Promise<{ readonly sealedAt: number; readonly imported: Imported }>
  /** The imported state in tmkms's format; undefined when none was imported. @throws AppError KEY_INVALID */
  importedState(validator: string): Promise<string | undefined>
  /** Public halves of everything; a missing or damaged node key is an issue. @throws AppError KEY_CONFLICT when a consensus key is not the pinned one */
  identities(spec: Spec, consensusAddressPrefix: string): Promise<{ readonly identities?: Identities; readonly issues: readonly Issue[] }>
  /** Every secret that this machine holds, with where it goes. @throws AppError KEY_MISSING */
  secretFiles(topology: Topology): Promise<readonly SecretFile[]>
  readSecret(file: SecretFile): Promise<Secret>
}
