import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const ROOT = join(import.meta.dirname, "..", "..")
const GOLDEN = join(ROOT, "test", "golden")

export type GoldenSpec = {
  readonly name: string
  /** The file and its overlays, the weakest first. */
  readonly texts: readonly [string, ...string[]]
  /** Where the tree lies that it renders to. */
  readonly expected: string
}

/** Every topology whose rendered tree is kept: the examples that people read, and two on the trial profile that only tests need. */
export function goldenSpecs(): readonly GoldenSpec[] {
  return [...specsBelow(join(ROOT, "examples")), ...specsBelow(GOLDEN)]
}

export function goldenSpec(name: string): GoldenSpec {
  const found = goldenSpecs().find((spec) => spec.name === name)
  if (!found) throw new Error(`there is no golden topology ${name}`)
  return found
}

function specsBelow(dir: string): GoldenSpec[] {
  return readdirSync(dir)
    .sort()
    .filter((name) => existsSync(join(dir, name, "gonka-ha.yaml")))
    .map((name) => {
      const files = readdirSync(join(dir, name)).sort()
      const overlays = files.filter((file) => /^gonka-ha\..+\.yaml$/.test(file))
      const read = (file: string) => readFileSync(join(dir, name, file), "utf8")
      return { name, texts: [read("gonka-ha.yaml"), ...overlays.map(read)], expected: join(GOLDEN, name, "expected") }
    })
}
