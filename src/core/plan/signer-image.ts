import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { serviceName, type Topology, type Validator } from "../topology.ts"

/**
 * Whether the signer's container is to be replaced by one of another image. A tmkms reads no configuration that was written for another
 * version of it, so its files must not be exchanged under the old container, which its engine may start again at any time.
 */
export function imageChanges(topology: Topology, files: FileSet, observed: Observed, validator: Validator): boolean {
  const host = valueIn(observed.hosts.get(validator.signerHost))
  const service = serviceName.signer(validator.name)
  const container = host && containerOf(topology, host, service)
  return (
    container !== undefined &&
    container.digest !== files.get(validator.signerHost)?.serviceDigests.get(service) &&
    container.image !== topology.images.tmkms
  )
}
