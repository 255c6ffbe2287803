import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { checkSpec, fileLayer } from "../../src/core/spec/check.ts"
import { parseSource } from "../../src/core/spec/document.ts"
import type { Spec } from "../../src/core/spec/schema.ts"
import type { Suppressed } from "../../src/core/spec/suppress.ts"
import { PROFILES } from "./profiles.ts"
import { REPOSITORY, readFromRepository } from "./repository.ts"

/** A topology of examples/ as the command line reads it. */
export type Example = {
  readonly name: string
  /** What its author says about it: the comment at the head of the file. */
  readonly about: string
  readonly spec: Spec
  readonly suppressed: readonly Suppressed[]
  /** Destinations for which there is an overlay beside it. */
  readonly destinations: readonly string[]
}

export function readExamples(): readonly Example[] {
  const dir = join(REPOSITORY, "examples")
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, "gonka-ha.yaml")))
    .sort()
    .map((name) => readExample(name, readdirSync(join(dir, name)).sort()))
}

function readExample(name: string, files: readonly string[]): Example {
  const path = `examples/${name}/gonka-ha.yaml`
  const text = readFromRepository(path)
  const { source } = parseSource(path, text)
  if (!source) throw new Error(`${path} cannot be read`)
  const named: unknown = Reflect.get(Object(source.value), "profile")
  const profile = PROFILES.find((known) => known.name === named)?.layer
  const { spec, issues, suppressed } = checkSpec({ profile, files: [fileLayer("spec", source)] })
  if (!spec || issues.length > 0) throw new Error(`${path} has issues: ${issues.map(({ message }) => message).join("; ")}`)
  const destinations = files.flatMap((file) => /^gonka-ha\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
  return { name, about: headComment(text), spec, suppressed, destinations }
}

function headComment(text: string): string {
  const lines = text.split("\n")
  const end = lines.findIndex((line) => !line.startsWith("#"))
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^# ?/, ""))
    .join(" ")
}
