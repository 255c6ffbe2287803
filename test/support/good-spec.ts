import { readFileSync } from "node:fs"
import { join } from "node:path"

/** A spec without any error or warning; tests break it in one place each. */
export const GOOD_SPEC = readFileSync(join(import.meta.dirname, "good-spec.yaml"), "utf8")

/** The good spec with texts replaced; each of them must stand in it exactly once. */
export function goodSpecWith(changes: Readonly<Record<string, string>>): string {
  let text = GOOD_SPEC
  for (const [before, after] of Object.entries(changes)) {
    if (text.split(before).length !== 2) throw new Error(`the good spec does not hold exactly one ${before}`)
    text = text.replace(before, () => after)
  }
  return text
}
