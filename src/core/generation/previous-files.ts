import { definitionsIn, digestIn } from "../plan/service-difference.ts"
import type { FileSet, HostFiles, RenderedFile } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { serviceName, type Topology } from "../topology.ts"

/** A host's files of an earlier generation in the form in which rendered ones are planned. @returns undefined without a compose file that can be read */
export function previousFiles(host: string, files: readonly RenderedFile[]): HostFiles | undefined {
  const compose = files.find(({ path }) => path === layout.compose)?.content
  const services = compose === undefined ? undefined : definitionsIn(compose)
  if (compose === undefined || services === undefined) return undefined
  const digests = [...services.keys()].flatMap((name) => {
    const digest = digestIn(compose, name)
    return digest === undefined ? [] : [[name, digest] as const]
  })
  return { host, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), serviceDigests: new Map(digests) }
}

/** The topology with the image that nodes had then, so that it is that one which is fetched before a node is stopped. */
export function withNodeImageOf(topology: Topology, files: FileSet): Topology {
  const images = new Set(
    topology.nodes.map(({ name, host }) => {
      const compose = files.get(host)?.files.find(({ path }) => path === layout.compose)?.content ?? ""
      return definitionsIn(compose)?.get(serviceName.node(name))?.image
    }),
  )
  const [image] = images
  return images.size === 1 && typeof image === "string" ? { ...topology, images: { ...topology.images, node: image } } : topology
}
