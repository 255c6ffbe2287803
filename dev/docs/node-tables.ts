import { profileSchema, specSchema } from "../../src/core/spec/schema.ts"
import { defaultWords } from "./defaults.ts"
import { type Key, keysOf } from "./keys.ts"
import { code, plainText, table } from "./markdown.ts"

const POOLS = ["sentries", "private"] as const

/** Settings of nodes are the same in both pools, so they stand there once, with what differs in the defaults. */
export function nodeTables(): readonly string[] {
  const inPools = keysBelow(profileSchema, ["pools", "sentries"]).map(({ path }) => path.join("."))
  const keys = keysBelow(specSchema, ["sentries", "NAME"])
  const isCommon = ({ path }: Key) => inPools.includes(path.join("."))
  return [
    "For one node or a group, under `sentries.NAME` and `private.NAME`:",
    table(
      ["Key", "Value", "Meaning"],
      keys.filter((key) => !isCommon(key)).map(({ path, value, meaning }) => [code(path.join(".")), value, plainText(meaning)]),
    ),
    "For a node, a group, or under `pools.sentries` and `pools.private` for all nodes of a pool:",
    table(
      ["Key", "Value", "Default", "Meaning"],
      keys
        .filter(isCommon)
        .map(({ path, value, meaning }) => [code(path.join(".")), plainText(value), defaultsOf(path), plainText(meaning)]),
    ),
  ]
}

/** With paths from there on. */
function keysBelow(schema: typeof specSchema | typeof profileSchema, start: readonly string[]): readonly Key[] {
  return keysOf(schema, [])
    .filter(({ path }) => path.length > start.length && start.every((part, index) => path[index] === part))
    .map((key) => ({ ...key, path: key.path.slice(start.length) }))
}

function defaultsOf(path: readonly string[]): string {
  const [sentries = "", privates = ""] = POOLS.map((pool) =>
    defaultWords({ common: ["pools", pool, ...path], own: [pool, "NAME", ...path] }),
  )
  if (sentries === privates) return sentries
  const lines = [
    ["sentries", sentries],
    ["private", privates],
  ] as const
  return lines.flatMap(([pool, words]) => (words === "" ? [] : [`${pool}: ${words.replaceAll("<br>", "; ")}`])).join("<br>")
}
