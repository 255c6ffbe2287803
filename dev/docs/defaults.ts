import { BUILT_IN } from "../../src/core/spec/built-in.ts"
import { builtInOf, computedFrom } from "../../src/core/spec/computed.ts"
import { RULES } from "../../src/core/spec/rules/catalogue.ts"
import type { Spec } from "../../src/core/spec/schema.ts"
import { shapeOf } from "../../src/core/spec/shape.ts"
import { at, type Traced, traced } from "../../src/core/spec/traced.ts"
import { code, yamlCode } from "./markdown.ts"
import { PROFILES } from "./profiles.ts"

/** Where the values of a key are looked up: a node's stand under its pool's name in some sources and under its own in others. */
export type DefaultPaths = { readonly common: readonly string[]; readonly own: readonly string[] }

/** What holds when the file says nothing; empty when then nothing holds. */
export function defaultWords({ common, own }: DefaultPaths): string {
  const builtIn = valueAt(BUILT_IN_EVERYWHERE, common) ?? valueAt(BUILT_IN_WHERE_WRITTEN, own)
  const computed = builtIn === undefined && valueAt(COMPUTED, own) !== undefined ? "computed" : undefined
  return [builtIn ?? computed, neededWords(common), ...profileWords(common, builtIn)].filter((words) => words !== undefined).join("<br>")
}

/** A value in a few words; undefined where none is set. Parts of a map have rows of their own. */
export function valueAt(values: Traced, path: readonly string[]): string | undefined {
  const part = at(values, path)
  if (part?.kind !== "leaf" || part.value === "") return undefined
  if (!Array.isArray(part.value) || part.value.length === 0) return Array.isArray(part.value) ? code("[]") : yamlCode(part.value)
  return `${part.value.length} entries`
}

function profileWords(path: readonly string[], builtIn: string | undefined): readonly string[] {
  const namesOf = new Map<string, string[]>()
  for (const { name, values } of PROFILES) {
    const value = valueAt(values, path)
    if (value !== undefined && value !== builtIn) namesOf.set(value, [...(namesOf.get(value) ?? []), name])
  }
  return [...namesOf].map(([value, names]) => `${names.join(", ")}: ${value}`)
}

/** Whether a file has to say something below a key of the top level: always, or with which profiles. */
export function neededBelow(key: string): string {
  const paths = [...NEEDED].filter((path) => path.split(".", 1).join() === key)
  const lacking = PROFILES.filter(({ values }) => paths.some((path) => at(values, path.split(".")) === undefined)).map(({ name }) => name)
  if (lacking.length === 0) return ""
  return lacking.length === PROFILES.length ? "yes" : `with ${lacking.join(", ")}`
}

function neededWords(path: readonly string[]): string | undefined {
  if (!NEEDED.has(path.join("."))) return undefined
  const without = PROFILES.filter(({ values }) => at(values, path) === undefined).map(({ name }) => name)
  if (without.length === 0) return undefined
  return without.length === PROFILES.length ? "**needed**" : `**needed** with ${without.join(", ")}`
}

/** One of everything, by the names that stand in the tables, to see what gonka-ha fills in. */
const ONE_OF_EVERYTHING: Spec = {
  apiVersion: "gonka-ha/v1",
  name: "sample",
  profile: "devnet",
  chain: { blockTime: "1s", genesis: { rpc: [] } },
  hosts: {},
  sentries: { NAME: { snapshots: {}, public: { rpc: true } } },
  private: { NAME: {} },
  validators: {
    NAME: { candidates: { NODE: {} }, firstActive: "NODE", pubkey: "", signer: { host: "NAME", provider: "yubihsm", yubihsm: {} } },
  },
  api: { NAME: { host: "NAME", role: "manager" } },
  edge: { NAME: { host: "NAME" } },
}

const BUILT_IN_EVERYWHERE = traced(BUILT_IN)
const BUILT_IN_WHERE_WRITTEN = traced(builtInOf(ONE_OF_EVERYTHING))
const COMPUTED = traced(computedFrom(ONE_OF_EVERYTHING))
const NEEDED = neededPaths()

/** What the rule about missing values asks of a file in which nothing is set. */
function neededPaths(): ReadonlySet<string> {
  const spec: Spec = { ...ONE_OF_EVERYTHING, chain: {}, images: {}, versions: {} }
  const rule = RULES.find(({ id }) => id === "GHA-401")
  if (!rule) throw new Error("there is no rule about missing values")
  return new Set(rule.check({ spec, written: spec, shape: shapeOf(spec), hasProfile: true }).map(({ path }) => path.join(".")))
}
