import { parse, TomlDate } from "smol-toml"
import type { TomlValue } from "../toml-value.ts"
import { CONFIG_FILES, type ConfigFile, type KeyTable } from "./node-key.ts"
import type { NodeKeys } from "./versions.ts"

/** What `init` of a node's binary wrote: the text of both files. */
export type InitFiles = Readonly<Record<ConfigFile, string>>

/** Values of the image are shown to people and as JSON, so they may be of any form. */
export type KeyDifference =
  | { readonly kind: "image-only"; readonly file: ConfigFile; readonly key: string; readonly image: unknown }
  | { readonly kind: "ours-only"; readonly file: ConfigFile; readonly key: string; readonly ours: TomlValue }
  | { readonly kind: "default"; readonly file: ConfigFile; readonly key: string; readonly ours: TomlValue; readonly image: unknown }

/** Every key and default in which a version's tables and an image's own files differ. @throws TomlError for what is not TOML */
export function compareWithInit(keys: NodeKeys, written: InitFiles): readonly KeyDifference[] {
  return CONFIG_FILES.flatMap((file) => compareFile(file, keys[file], settingsIn(written[file])))
}

function compareFile(file: ConfigFile, table: KeyTable, image: ReadonlyMap<string, unknown>): readonly KeyDifference[] {
  const ours = [...table.values()].flatMap((entry): KeyDifference[] => {
    if (!image.has(entry.key)) return [{ kind: "ours-only", file, key: entry.key, ours: entry.default }]
    const theirs = image.get(entry.key)
    if (JSON.stringify(theirs) === JSON.stringify(entry.default)) return []
    return [{ kind: "default", file, key: entry.key, ours: entry.default, image: theirs }]
  })
  const theirs = [...image]
    .filter(([key]) => !table.has(key))
    .map(([key, value]): KeyDifference => ({ kind: "image-only", file, key, image: value }))
  return [...ours, ...theirs]
}

/** The settings of a TOML text, flat. @throws TomlError for what is not TOML */
export function settingsIn(text: string): ReadonlyMap<string, unknown> {
  return new Map(flat(parse(text, { integersAsBigInt: "asNeeded" }), ""))
}

function flat(table: object, prefix: string): [string, unknown][] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const key = prefix === "" ? name : `${prefix}.${name}`
    return isTable(value) ? flat(value, key) : [[key, plain(value)] satisfies [string, unknown]]
  })
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate)
}

/** As JSON has it: dates and integers that are too large for it become text. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)))
}
