import { AppError, EXIT } from "../core/errors.ts"
import type { LocalFiles, SecretFile } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import { Secret } from "../core/secret.ts"
import { secretRefText } from "../core/secret-ref.ts"
import type { Topology, Validator } from "../core/topology.ts"
import { consensusSeed } from "./consensus-key-import.ts"
import { identityOfSeed, softsignText } from "./ed25519.ts"
import type { KeyPaths } from "./key-paths.ts"
import type { ReferenceReader } from "./secret-reference.ts"
import { sha256 } from "./sha256.ts"

type Place = Pick<SecretFile, "host" | "path" | "source">

const local = (path: string) => ({ kind: "local" as const, path })

/** Every secret of a topology that this machine holds, with the host and path that it goes to. */
export async function secretFilesOf(files: LocalFiles, paths: KeyPaths, topology: Topology): Promise<readonly SecretFile[]> {
  const places: Place[] = topology.nodes.flatMap((node) => [
    { host: node.host, path: `${layout.secrets.node(node.name)}/node_key.json`, source: local(paths.nodeKey(node.name)) },
    ...(node.candidateOf.length === 0
      ? []
      : [
          { host: node.host, path: `${layout.secrets.parking(node.name)}/consensus.key`, source: local(paths.parkingKey(node.name)) },
          {
            host: node.host,
            path: `${layout.secrets.parking(node.name)}/kms-identity.key`,
            source: local(paths.parkingConnection(node.name)),
          },
        ]),
  ])
  for (const validator of topology.validators) {
    const secret = await signingSecret(files, paths, validator)
    if (!secret) continue
    const [host, dir] = [validator.signerHost, layout.secrets.signer(validator.name)]
    places.push(
      { host, path: `${dir}/${secret.file}`, source: secret.source },
      { host, path: `${dir}/kms-identity.key`, source: local(paths.connection(validator.name)) },
    )
  }
  const missing: string[] = []
  const found: SecretFile[] = []
  for (const place of places) {
    if (place.source.kind === "reference") found.push({ ...place, sha256: undefined })
    else if (await files.exists(place.source.path)) found.push({ ...place, sha256: sha256(await files.readText(place.source.path)) })
    else missing.push(place.source.path)
  }
  if (missing.length > 0) {
    throw new AppError("KEY_MISSING", EXIT.refused, `missing keys: ${missing.join(", ")}`, { hint: "run `gonka-ha keys generate`" })
  }
  return found
}

/** What the signer signs with, when this machine has it. A consensus key lives with the operator who made it; for everybody else it is only on the signer's host. */
async function signingSecret(
  files: LocalFiles,
  paths: KeyPaths,
  { name, provider, keyRef, pubkey }: Validator,
): Promise<{ readonly file: string; readonly source: SecretFile["source"] } | undefined> {
  if (provider.kind === "yubihsm" && provider.password)
    return { file: "yubihsm-password", source: { kind: "reference", ref: provider.password, pubkey: undefined } }
  if (provider.kind !== "softsign") return undefined
  if (await files.exists(paths.consensusKey(name))) return { file: "consensus.key", source: local(paths.consensusKey(name)) }
  return keyRef && { file: "consensus.key", source: { kind: "reference", ref: keyRef, pubkey } }
}

/** The secret itself. A consensus key from a reference has not been looked at before: it must be the pinned one. @throws AppError KEY_INVALID, KEY_CONFLICT, KEY_MISSING */
export async function readSecretFile(files: LocalFiles, readReference: ReferenceReader, { source }: SecretFile): Promise<Secret> {
  if (source.kind === "local") return new Secret(await files.readText(source.path))
  const secret = await readReference(source.ref)
  if (source.pubkey === undefined) return secret
  const what = secretRefText(source.ref)
  const seed = consensusSeed(secret)
  const { pubkeyBase64 } = identityOfSeed(seed)
  if (pubkeyBase64 !== source.pubkey) {
    throw new AppError(
      "KEY_CONFLICT",
      EXIT.refused,
      `${what} gives another validator's key: its public key is ${pubkeyBase64}, the spec pins ${source.pubkey}`,
    )
  }
  return new Secret(softsignText(seed))
}
