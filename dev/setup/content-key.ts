import { createHash } from "node:crypto"

/** Twelve hex digits that change when any input of a build changes. */
export function contentKey(inputs: readonly string[]): string {
  const hash = createHash("sha256")
  for (const input of inputs) hash.update(`${input.length}:${input}`)
  return hash.digest("hex").slice(0, 12)
}
