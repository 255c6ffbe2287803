import fc from "fast-check"
import { parse, stringify } from "yaml"
import { goldenSpecs } from "./golden-specs.ts"
import { RULE_BASE } from "./rule-example.ts"
import { soundSpec } from "./sound-spec.ts"
import { isSpecMap, pathsIn, type SpecMap, withAt } from "./spec-map.ts"

/** Words that mean something to JavaScript, to YAML, to a shell or to nobody. */
const HOSTILE_WORDS = [
  ...["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "prototype", "then", "length"],
  ...["", " ", "null", "true", "~", "0", "-1", "1.5", "no", "<<", "*", "&", "!!", "- ", "a.b", "a: b", "#", "%", "@", "`", "'", '"'],
  ...["x-note", "extends", "ünïcödé", "节点", "🦕", "\u0000", "\u2028", "a\nb", "\t", "$(id)", "../../etc", "-rf", "n".repeat(3000)],
]

/** Names that the language knows, in places where they may not belong. */
const KNOWN_WORDS = [
  ...[
    "host",
    "hosts",
    "count",
    "ports",
    "public",
    "snapshots",
    "config",
    "app",
    "pools",
    "private",
    "sentries",
    "validators",
    "candidates",
  ],
  ...[
    "compose",
    "api",
    "edge",
    "suppress",
    "chain",
    "genesis",
    "rpc",
    "firstActive",
    "signer",
    "key",
    "file",
    "priv_validator_laddr",
    "p2p",
  ],
  ...["p2p.pex", "pruning", "image", "environment", "volumes", "sentry-1", "node-1", "node-9", "val-1", "sen-1", "sig-1", "main-1"],
]

const ODD_NUMBERS = [0, -0, -1, 1, 1.5, 32_767, 32_768, 65_536, 1e21, 2 ** 53, -(2 ** 53), 1e-7, Number.NaN, Infinity, -Infinity]

const word = fc.oneof(
  fc.constantFrom(...HOSTILE_WORDS),
  fc.constantFrom(...KNOWN_WORDS),
  fc.string({ unit: fc.constantFrom(..."aZ0-_.:/ é節\0\u2028"), maxLength: 6 }),
)
const scalar: fc.Arbitrary<unknown> = fc.oneof(word, fc.constantFrom(...ODD_NUMBERS), fc.constantFrom(true, false, null, "10.0.0.1", "5s"))
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.tuple(word, scalar), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 60 }), word).map(([depth, key]) => nested(depth, key)) },
)

function nested(depth: number, key: string): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => Object.fromEntries([[key, inner]]), key)
}

type Mutation = (spec: unknown) => unknown

/** Changes one place: `at` picks it among all places, so that it can shrink. */
const mutation: fc.Arbitrary<Mutation> = fc
  .record({
    kind: fc.constantFrom("remove", "replace", "add", "rename", "move", "nudge", "repeat"),
    at: fc.nat(),
    other: fc.nat(),
    key: word,
    value: oddValue,
  })
  .map(
    ({ kind, at, other, key, value }): Mutation =>
      (spec) => {
        const paths = pathsIn(spec).filter((path) => path.length > 0)
        const path = paths[at % paths.length] ?? []
        const target = paths[other % paths.length] ?? []
        switch (kind) {
          case "remove":
            return withAt(spec, path, () => undefined)
          case "replace":
            return withAt(spec, path, () => value)
          case "add":
            return withAt(spec, path.slice(0, -1), (map) => added(map, key, value))
          case "rename":
            return withAt(spec, path.slice(0, -1), (map) => renamed(map, path.at(-1) ?? "", key))
          case "move":
            return withAt(spec, target, () => valueAt(spec, path))
          case "nudge":
            return withAt(spec, path, (old) => (typeof old === "number" ? old + (other % 2 === 0 ? 1 : -1) : old))
          case "repeat":
            return withAt(spec, path.slice(0, -1), (map) => added(map, key, valueAt(spec, path)))
        }
      },
  )

function added(map: unknown, key: string, value: unknown): unknown {
  if (Array.isArray(map)) return [...map, value]
  return isSpecMap(map) ? Object.fromEntries([...Object.entries(map), [key, value]]) : map
}

function renamed(map: unknown, from: string, to: string): unknown {
  return isSpecMap(map) ? Object.fromEntries(Object.entries(map).map(([key, item]) => [key === from ? to : key, item])) : map
}

function valueAt(spec: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (now, key) => (typeof now === "object" && now !== null ? Object.getOwnPropertyDescriptor(now, key)?.value : undefined),
    spec,
  )
}

const EXAMPLES: readonly SpecMap[] = [RULE_BASE, ...goldenSpecs().map(({ texts }) => texts[0])]
  .filter((text) => text.length < 4000)
  .map((text): unknown => parse(text))
  .filter(isSpecMap)

const mutated = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: soundSpec }, { weight: 1, arbitrary: fc.constantFrom(...EXAMPLES) }),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
  )
  .map(([spec, mutations]) => mutations.reduce<unknown>((now, mutate) => mutate(now), spec))

/** Keys of the top level with anything below them. */
const wild = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom("name", "apiVersion", "profile"), word), oddValue), { maxLength: 8 })
  .map((entries): unknown => Object.fromEntries(entries))

const written = (specs: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(specs, fc.nat({ max: 3 }))
    .map(([spec, style]) => (style === 0 ? stringify(spec, { lineWidth: 0 }) : inFlow(spec, style === 1 ? 1 : 0)))

/** JSON is YAML and cheap to write, but for numbers that JSON does not have. */
function inFlow(spec: unknown, indent: number): string {
  return JSON.stringify(spec, (_, value: unknown) => (typeof value === "number" && !Number.isFinite(value) ? 0 : value), indent) ?? "null"
}

/** A spec's text of which a piece was lost, doubled, or replaced by something that does not belong there. */
const damaged = fc
  .record({
    text: written(soundSpec),
    at: fc.nat(),
    length: fc.nat({ max: 40 }),
    piece: fc.oneof(word, fc.constantFrom("\t", "\r\n", "&a [*a]", "{", "]", "? ", "---\n", "...\n", "!!binary x", "\ufeff")),
  })
  .map(({ text, at, length, piece }) => {
    const start = at % (text.length + 1)
    return text.slice(0, start) + piece + text.slice(start + length)
  })

/** Topology files of which about half are right. */
export const likelySpecText: fc.Arbitrary<string> = fc.oneof(written(soundSpec), written(mutated))

/** What else somebody might give to gonka-ha as a topology file. */
export const unlikelySpecText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: written(mutated) },
  { weight: 3, arbitrary: written(wild) },
  { weight: 3, arbitrary: damaged },
)
