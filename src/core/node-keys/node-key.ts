import type { FlatToml, TomlValue } from "../toml-value.ts"

/** The two files that configure a node, by the name that their patches have in a topology file. */
export type ConfigFile = "config" | "app"

export const CONFIG_FILES = ["config", "app"] as const satisfies readonly ConfigFile[]

export const fileName: Readonly<Record<ConfigFile, string>> = { config: "config.toml", app: "app.toml" }

/** `init` takes the moniker as an argument: with this one its files are compared. */
export const INIT_MONIKER = "test"

/** What a key takes. Upstream writes some numbers as text: `digits` are those. */
export type KeyType =
  | { readonly kind: "string" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  /** A whole number; only where upstream gives a negative one a meaning may it be below 0. */
  | { readonly kind: "integer"; readonly negative: boolean }
  | { readonly kind: "digits" }
  | { readonly kind: "boolean" }
  /** As Go writes durations: `1m30s`. */
  | { readonly kind: "duration" }
  /** A list of texts. */
  | { readonly kind: "list" }
  /** A list of name and value. */
  | { readonly kind: "pairs" }
  /** How much is logged: of everything, or of each module. */
  | { readonly kind: "levels" }

export type NodeKey = {
  /** Table and key with a dot between them, such as `p2p.pex`. */
  readonly key: string
  readonly type: KeyType
  /** What the node's own `init` writes. */
  readonly default: TomlValue
  /** Where upstream defines the key. */
  readonly source: string
  /** Why gonka-ha alone sets the key, so that an operator's patch may not; undefined when a patch may. */
  readonly owned: string | undefined
}

/** Every key of one file, in the order in which it is written. */
export type KeyTable = ReadonlyMap<string, NodeKey>

export function defaultsOf(table: KeyTable): FlatToml {
  return Object.fromEntries([...table.values()].map((entry) => [entry.key, entry.default]))
}
