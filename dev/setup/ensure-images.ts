import { existsSync, renameSync } from "node:fs"
import { execa } from "execa"
import { buildChainImage } from "./build-chain-image.ts"
import { withCacheLock } from "./cache-lock.ts"
import { HAPROXY_IMAGE, HOST_IMAGE } from "./debian-image.ts"
import { ensureDebianImage } from "./ensure-debian-image.ts"
import { imageArchive } from "./image-archive.ts"
import { imageExists } from "./image-exists.ts"
import type { LabImages } from "./lab-images.ts"
import { removeAbandonedWork } from "./remove-abandoned-work.ts"
import type { Report } from "./report.ts"
import { stage } from "./stage.ts"
import { wantedImages } from "./wanted-images.ts"

type Wanted = { readonly name: string; readonly tags: readonly [string, ...string[]]; readonly build: () => Promise<unknown> }

/** All lab images in the engine and in the cache: found there, else loaded from the cache, else built. */
export async function ensureImages(report: Report): Promise<LabImages> {
  const images = wantedImages()
  const wanted: readonly Wanted[] = [
    { name: "host image", tags: [images.host], build: () => ensureDebianImage(HOST_IMAGE, report) },
    { name: "load balancer image", tags: [images.haproxy], build: () => ensureDebianImage(HAPROXY_IMAGE, report) },
    { name: "chain image", tags: [images.node, images.tmkms], build: () => buildChainImage(images, report) },
  ]
  if (await areAllReady(wanted)) return images
  await withCacheLock("images", report, async () => {
    removeAbandonedWork()
    const results = await Promise.allSettled(wanted.map((image) => ensure(image, report)))
    for (const result of results) if (result.status === "rejected") throw result.reason
  })
  return images
}

async function areAllReady(wanted: readonly Wanted[]): Promise<boolean> {
  const ready = await Promise.all(wanted.map(isReady))
  return ready.every(Boolean)
}

async function isReady(image: Wanted): Promise<boolean> {
  const present = await Promise.all(image.tags.map(imageExists))
  return present.every(Boolean) && existsSync(imageArchive(image.tags[0]))
}

async function ensure(image: Wanted, report: Report): Promise<void> {
  if (await isReady(image)) return
  const archive = imageArchive(image.tags[0])
  if (existsSync(archive)) {
    await stage(report, `load the ${image.name} from the cache`, () => execa("docker", ["load", "--input", archive]))
    return
  }
  await image.build()
  await stage(report, `save the ${image.name} to the cache`, () => save(image.tags, archive))
}

async function save(tags: readonly string[], archive: string): Promise<void> {
  await execa("docker", ["save", "--output", `${archive}.partial`, ...tags])
  renameSync(`${archive}.partial`, archive)
}
