import type { Binary } from "./binary.ts"
import { contentKey } from "./content-key.ts"

export function binaryKey(binary: Binary): string {
  return contentKey([process.arch, binary.script, ...Object.entries(binary.files).flat()])
}
