import { contentKey } from "./content-key.ts"
import type { DebianImage } from "./debian-image.ts"
import { SUITE } from "./debian-image.ts"

export function debianImageTag(image: DebianImage): string {
  return `gonka-ha-lab/${image.name}:${contentKey(["1", process.arch, SUITE, ...image.packages])}`
}
