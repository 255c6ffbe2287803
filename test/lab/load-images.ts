import { createReadStream } from "node:fs"
import { execa } from "execa"
import { imageArchive } from "../../dev/setup/image-archive.ts"
import type { LabHost } from "./lab-host.ts"

/** Puts an image, under all of its tags, into one host's engine: the chain image has two. */
export async function loadImages(host: LabHost, tag: string): Promise<void> {
  await execa("docker", ["exec", "-i", host.container, "docker", "load", "--quiet"], {
    input: createReadStream(imageArchive(tag)),
  })
}
