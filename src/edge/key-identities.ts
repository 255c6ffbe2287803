import { consensusAddress } from "../core/consensus-address.ts"
import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import type { LocalFiles, PublicIdentity } from "../core/ports.ts"
import type { Spec } from "../core/spec/schema.ts"
import type { Identities } from "../core/topology.ts"
import { parseNodeKey } from "./comet-key-file.ts"
import { identityOfPublicKey, identityOfSeed } from "./ed25519.ts"
import type { KeyPaths } from "./key-paths.ts"

const GENERATE = "run `gonka-ha keys generate`"

/** Node ids from the store, validator addresses from the pinned public keys; a consensus key in the store must be the pinned one. */
export async function identitiesOf(
  files: LocalFiles,
  paths: KeyPaths,
  spec: Spec,
  prefix: string,
  localConsensusKey: (validator: string) => Promise<PublicIdentity | undefined>,
): Promise<{ identities?: Identities; issues: readonly Issue[] }> {
  for (const [name, validator] of Object.entries(spec.validators)) {
    const local = await localConsensusKey(name)
    if (local !== undefined && local.pubkeyBase64 !== validator.pubkey) {
      throw new AppError(
        "KEY_CONFLICT",
        EXIT.refused,
        `${paths.consensusKey(name)} is not the key of validator ${name}: its public key is ${local.pubkeyBase64}, the spec pins ${validator.pubkey}`,
        { hint: "find out which of the two is right before anything else; two keys or two signers are how a validator is lost" },
      )
    }
  }
  const { nodeIds, issues } = await nodeIdsOf(files, paths, spec)
  if (issues.length > 0) return { issues }
  const validators = Object.entries(spec.validators).map(([name, { pubkey }]) => {
    const { addressHex } = identityOfPublicKey(Buffer.from(pubkey, "base64"))
    return [name, { address: addressHex, consensusAddress: consensusAddress(prefix, addressHex) }] as const
  })
  return { identities: { nodeIds, validators: new Map(validators) }, issues }
}

async function nodeIdsOf(
  files: LocalFiles,
  paths: KeyPaths,
  spec: Spec,
): Promise<{ nodeIds: ReadonlyMap<string, string>; issues: Issue[] }> {
  const issues: Issue[] = []
  const nodeIds = new Map<string, string>()
  const owners = new Map<string, string>()
  const written = [
    ...Object.keys(spec.sentries).map((name) => ["sentries", name] as const),
    ...Object.keys(spec.private).map((name) => ["private", name] as const),
  ]
  for (const [pool, name] of written) {
    const file = paths.nodeKey(name)
    const path = `${pool}.${name}`
    if (!(await files.exists(file))) {
      issues.push({ severity: "error", path, message: `has no node key: ${file} is missing`, fix: GENERATE })
      continue
    }
    try {
      const id = identityOfSeed(parseNodeKey(file, await files.readText(file))).addressHex.toLowerCase()
      const owner = owners.get(id)
      if (owner !== undefined) {
        issues.push({
          severity: "error",
          path,
          message: `has the same node key as ${owner}: the network would see one node`,
          fix: `move ${file} away and ${GENERATE}`,
        })
      }
      owners.set(id, name)
      nodeIds.set(name, id)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      issues.push({ severity: "error", path, message: error.message, fix: `move ${file} away and ${GENERATE}` })
    }
  }
  return { nodeIds, issues }
}
