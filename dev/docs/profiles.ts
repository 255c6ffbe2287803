import { readdirSync } from "node:fs"
import { join } from "node:path"
import { parseSource } from "../../src/core/spec/document.ts"
import { type Layer, type Traced, traced } from "../../src/core/spec/traced.ts"
import { REPOSITORY, readFromRepository } from "./repository.ts"

export type Profile = { readonly name: string; readonly layer: Layer; readonly values: Traced }

/** Gonka's own networks first. */
export const PROFILES: readonly Profile[] = readdirSync(join(REPOSITORY, "profiles"))
  .map((file) => file.replace(/\.yaml$/, ""))
  .sort((one, other) => Number(other.startsWith("gonka-")) - Number(one.startsWith("gonka-")) || (one < other ? -1 : 1))
  .map((name) => {
    const { source } = parseSource(`${name}.yaml`, readFromRepository(`profiles/${name}.yaml`))
    if (!source) throw new Error(`the profile ${name} cannot be read`)
    const layer: Layer = { kind: "profile", name, value: source.value }
    return { name, layer, values: traced(layer) }
  })
