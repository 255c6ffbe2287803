import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { type CheckedSpec, checkSpec } from "../../src/core/spec/check.ts"
import type { Example } from "../../src/core/spec/rule.ts"
import type { Layer } from "../../src/core/spec/traced.ts"
import { profileLayer } from "./golden-topology.ts"

/** A spec without any issue, which the examples of the rules change. */
export const RULE_BASE = readFileSync(join(import.meta.dirname, "rule-base.yaml"), "utf8")

/** The base with an example merged over it, checked like the command line does it. */
export function checkedExample({ yaml, without = [] }: Example): CheckedSpec {
  const base: unknown = parse(RULE_BASE)
  for (const path of without) remove(base, path.split("."))
  const example: unknown = parse(yaml)
  const profile = fieldOf(example, "profile") ?? fieldOf(base, "profile")
  return checkSpec({
    profile: profileLayer(String(profile)),
    files: [layer("spec", "base", base), layer("overlay", "example", example ?? {})],
  })
}

function layer(kind: Layer["kind"], name: string, value: unknown): Layer {
  return { kind, name, value }
}

/** An example that takes out what is not there has outlived the base. */
function remove(from: unknown, path: readonly string[]): void {
  const [key, ...rest] = path
  if (typeof from !== "object" || from === null || key === undefined || !Object.hasOwn(from, key))
    throw new Error(`the base holds no ${path.join(".")}`)
  if (rest.length > 0) remove(fieldOf(from, key), rest)
  else Reflect.deleteProperty(from, key)
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
}
