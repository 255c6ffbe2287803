import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { REPOSITORY } from "./repository.ts"

/** Pages on disk that no code makes any more. */
export function forgottenPages(made: ReadonlyMap<string, string>): readonly string[] {
  const spec = join(REPOSITORY, "docs", "spec")
  const onDisk = [
    ...(existsSync(spec) ? readdirSync(spec).map((file) => `docs/spec/${file}`) : []),
    ...readdirSync(join(REPOSITORY, "examples"))
      .map((name) => `examples/${name}/README.md`)
      .filter((path) => existsSync(join(REPOSITORY, path))),
  ]
  return onDisk.filter((path) => !made.has(path))
}
