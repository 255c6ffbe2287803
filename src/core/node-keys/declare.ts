import type { TomlValue } from "../toml-value.ts"
import type { KeyTable, KeyType, NodeKey } from "./node-key.ts"

type Declared = { readonly name: string; readonly type: KeyType; readonly default: TomlValue; readonly owned: string | undefined }

/*
 * One function per type, so that a default of the wrong type does not compile. The last argument says why gonka-ha owns the key; it
 * continues the sentence "… is set by gonka-ha alone: ".
 */

export function text(name: string, value: string, owned?: string): Declared {
  return { name, type: { kind: "string" }, default: value, owned }
}

export function choice<const T extends string>(name: string, value: NoInfer<T>, values: readonly T[], owned?: string): Declared {
  return { name, type: { kind: "choice", values }, default: value, owned }
}

export function whole(name: string, value: number, owned?: string): Declared {
  return { name, type: { kind: "integer", negative: false }, default: value, owned }
}

export function signed(name: string, value: number, owned?: string): Declared {
  return { name, type: { kind: "integer", negative: true }, default: value, owned }
}

export function digits(name: string, value: `${number}`, owned?: string): Declared {
  return { name, type: { kind: "digits" }, default: value, owned }
}

export function flag(name: string, value: boolean, owned?: string): Declared {
  return { name, type: { kind: "boolean" }, default: value, owned }
}

export function duration(name: string, value: `${number}${string}`, owned?: string): Declared {
  return { name, type: { kind: "duration" }, default: value, owned }
}

export function list(name: string, value: readonly string[], owned?: string): Declared {
  return { name, type: { kind: "list" }, default: value, owned }
}

export function noPairs(name: string, owned?: string): Declared {
  return { name, type: { kind: "pairs" }, default: [], owned }
}

export function levels(name: string, value: string, owned?: string): Declared {
  return { name, type: { kind: "levels" }, default: value, owned }
}

/** The keys of one table of a file; the table "" is the top of the file. */
export function keysOf(table: string, source: string, keys: readonly Declared[]): readonly NodeKey[] {
  return keys.map(({ name, ...rest }) => ({ key: table === "" ? name : `${table}.${name}`, ...rest, source }))
}

export function tableOf(...parts: readonly (readonly NodeKey[])[]): KeyTable {
  const table = new Map<string, NodeKey>()
  for (const entry of parts.flat()) {
    if (table.has(entry.key)) throw new Error(`the key ${entry.key} is declared twice`)
    table.set(entry.key, entry)
  }
  return table
}

/** The same keys where a binary's `init` writes other values. */
export function withDefaults(keys: readonly NodeKey[], source: string, defaults: Readonly<Record<string, TomlValue>>): readonly NodeKey[] {
  const strange = Object.keys(defaults).find((key) => !keys.some((entry) => entry.key === key))
  if (strange !== undefined) throw new Error(`no key ${strange} is declared`)
  return keys.map((entry) => {
    const value = defaults[entry.key]
    return value === undefined ? entry : { ...entry, default: value, source: `${entry.source}; default from ${source}` }
  })
}
