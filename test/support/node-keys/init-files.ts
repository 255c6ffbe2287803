import type { InitFiles } from "../../../src/core/node-keys/compare-with-init.ts"
import { defaultsOf } from "../../../src/core/node-keys/node-key.ts"
import { type NodeVersion, nodeKeys } from "../../../src/core/node-keys/versions.ts"
import { tomlFromFlat } from "../../../src/core/render/toml.ts"

type Change = (text: string) => string
const same: Change = (text) => text

/** What the `init` of a version's node writes, changed by what a test changes; a change that changes nothing is a mistake of the test. */
export function initFiles(version: NodeVersion, changes: { readonly config?: Change; readonly app?: Change } = {}): InitFiles {
  const keys = nodeKeys(version)
  const written = (file: "config" | "app") => {
    const text = tomlFromFlat("as init writes it", defaultsOf(keys[file]))
    const changed = (changes[file] ?? same)(text)
    if (changes[file] && changed === text) throw new Error(`the change of ${file} changes nothing`)
    return changed
  }
  return { config: written("config"), app: written("app") }
}
