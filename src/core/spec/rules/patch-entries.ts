import type { ConfigFile } from "../../node-keys/node-key.ts"
import type { TomlValue } from "../../toml-value.ts"
import type { NestedToml } from "../flat-toml.ts"
import type { RuleContext } from "../rule.ts"
import { type ShapeNode, sortedEntries } from "../shape.ts"
import { own } from "./lookup.ts"

/** One setting that an operator has put above a role's, with the place where it is written. */
export type PatchEntry = {
  readonly node: ShapeNode
  /** Flat, such as `p2p.pex`, however it is written. */
  readonly key: string
  readonly value: TomlValue
  readonly path: readonly string[]
}

/** Every setting of the `config` or `app` patches, node by node. */
export function patchEntries({ spec, shape }: Pick<RuleContext, "spec" | "shape">, file: ConfigFile): readonly PatchEntry[] {
  return shape.nodes.flatMap((node) => {
    const patch = own(spec[node.pool], node.name)?.[file]
    return patch === undefined ? [] : entriesIn(patch, node, [node.pool, node.name, file], "")
  })
}

function entriesIn(patch: NestedToml, node: ShapeNode, path: readonly string[], prefix: string): readonly PatchEntry[] {
  return sortedEntries(patch).flatMap(([name, value]) => {
    const key = prefix === "" ? name : `${prefix}.${name}`
    const place = [...path, name]
    return isTable(value) ? entriesIn(value, node, place, key) : [{ node, key, value, path: place }]
  })
}

function isTable(value: TomlValue | NestedToml): value is NestedToml {
  return typeof value === "object" && !Array.isArray(value)
}
