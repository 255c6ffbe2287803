import { createReadStream } from "node:fs"
import { execa } from "execa"
import { imageArchive } from "../../dev/setup/image-archive.ts"
import type { LabHost } from "./lab-host.ts"

/** Puts the chain image, under both of its tags, into one host's engine. */
export async function loadImages(host: LabHost, nodeTag: string): Promise<void> {
  await execa("docker", ["exec", "-i", host.container, "docker", "load", "--quiet"], {
    input: createReadStream(imageArchive(nodeTag)),
  })
}
