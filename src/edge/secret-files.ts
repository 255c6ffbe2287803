import { AppError, EXIT } from "../core/errors.ts"
import type { LocalFiles, SecretFile } from "../core/ports.ts"
import { layout } from "../core/render/layout.ts"
import type { Topology } from "../core/topology.ts"
import type { KeyPaths } from "./key-paths.ts"
import { sha256 } from "./sha256.ts"

type Place = { readonly host: string; readonly path: string; readonly local: string }

/** Every secret of a topology that this machine holds, with the host and path that it goes to. */
export async function secretFilesOf(files: LocalFiles, paths: KeyPaths, topology: Topology): Promise<readonly SecretFile[]> {
  const places: Place[] = topology.nodes.flatMap((node) => [
    { host: node.host, path: `${layout.secrets.node(node.name)}/node_key.json`, local: paths.nodeKey(node.name) },
    ...(node.candidateOf.length === 0
      ? []
      : [
          { host: node.host, path: `${layout.secrets.parking(node.name)}/consensus.key`, local: paths.parkingKey(node.name) },
          { host: node.host, path: `${layout.secrets.parking(node.name)}/kms-identity.key`, local: paths.parkingConnection(node.name) },
        ]),
  ])
  for (const { name, signerHost: host } of topology.validators) {
    // A consensus key lives on the machine of the operator who made it; for everybody else it is only on the signer's host.
    if (!(await files.exists(paths.consensusKey(name)))) continue
    const dir = layout.secrets.signer(name)
    places.push(
      { host, path: `${dir}/consensus.key`, local: paths.consensusKey(name) },
      { host, path: `${dir}/kms-identity.key`, local: paths.connection(name) },
    )
  }
  const missing: string[] = []
  const found: SecretFile[] = []
  for (const place of places) {
    if (await files.exists(place.local)) found.push({ ...place, sha256: sha256(await files.readText(place.local)) })
    else missing.push(place.local)
  }
  if (missing.length > 0) {
    throw new AppError("KEY_MISSING", EXIT.refused, `missing keys: ${missing.join(", ")}`, { hint: "run `gonka-ha keys generate`" })
  }
  return found
}
