import type { Issue } from "../issue.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { serviceName, type Topology, type Validator } from "../topology.ts"

/** Whether the signer's container is to be replaced by one of another image. */
export function imageChanges(topology: Topology, files: FileSet, observed: Observed, { name, signerHost }: Validator): boolean {
  return differs(topology, files, observed, signerHost, serviceName.signer(name))
}

/**
 * Signers, parking signers among them, whose image and whose tmkms settings would change at once. An older tmkms stops at a setting that it
 * does not know (signing.md 9.5), and a container may be started again at any time before it is replaced, or when it cannot be replaced: then
 * nothing would sign. With one change at a time every container can read what lies there.
 */
export function imageAndSettings(topology: Topology, files: FileSet, observed: Observed): Issue[] {
  return [
    ...topology.validators.map(({ name, signerHost }) => ({
      path: name,
      host: signerHost,
      service: serviceName.signer(name),
      dir: `${layout.signer.config(name)}/`,
    })),
    ...topology.nodes
      .filter(({ candidateOf }) => candidateOf.length > 0)
      .map(({ name, host }) => ({ path: name, host, service: serviceName.parking(name), dir: `${layout.parking.config(name)}/` })),
  ].flatMap(({ path, host, service, dir }) => {
    if (!differs(topology, files, observed, host, service)) return []
    const installed = valueIn(observed.hosts.get(host))?.files
    const changed = (files.get(host)?.files ?? []).filter((file) => {
      const before = installed?.get(file.path)
      return file.path.startsWith(dir) && file.path.endsWith(".toml") && before !== undefined && before !== file.sha256
    })
    return changed.length === 0
      ? []
      : [
          {
            severity: "error" as const,
            path,
            message: `${service} on ${host} is to get another image and other settings of tmkms at once, and the image that runs may not read these`,
            fix: "change one of them at a time: put images.tmkms and versions.tmkms back as they were, and change the image alone afterwards",
          },
        ]
  })
}

function differs(topology: Topology, files: FileSet, observed: Observed, host: string, service: string): boolean {
  const seen = valueIn(observed.hosts.get(host))
  const container = seen && containerOf(topology, seen, service)
  return (
    container !== undefined &&
    container.digest !== files.get(host)?.serviceDigests.get(service) &&
    container.image !== topology.images.tmkms &&
    // An id in place of the name: the same tag has been fetched anew, and what the file says has not changed.
    !container.image.startsWith("sha256:")
  )
}
