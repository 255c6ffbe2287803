import type { FlatToml, TomlValue } from "../toml-value.ts"

export type NestedToml = { readonly [key: string]: TomlValue | NestedToml }

/** `{ p2p: { pex: true } }` and `{ p2p.pex: true }` are the same setting. */
export function flatToml(nested: NestedToml, prefix = ""): FlatToml {
  return Object.fromEntries(
    Object.entries(nested).flatMap(([key, value]): [string, TomlValue][] => {
      const path = prefix === "" ? key : `${prefix}.${key}`
      return isTable(value) ? Object.entries(flatToml(value, path)) : [[path, value]]
    }),
  )
}

function isTable(value: TomlValue | NestedToml): value is NestedToml {
  return typeof value === "object" && !Array.isArray(value)
}
