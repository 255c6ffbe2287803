import { parse, stringify } from "smol-toml"
import { sameValue } from "../same-value.ts"
import type { FlatToml, TomlValue } from "../toml-value.ts"

type Table = { [key: string]: TomlValue | Table | Table[] }

/**
 * Writes flat settings as TOML under a comment, and reads the result back: what does not come back as it was meant is a bug.
 * Top-level keys come first, since in TOML everything after a table header belongs to the table.
 */
export function tomlFromFlat(comment: string, flat: FlatToml): string {
  const root: Table = {}
  const entries = Object.entries(flat)
  for (const [path, value] of [...entries.filter(([key]) => !key.includes(".")), ...entries.filter(([key]) => key.includes("."))]) {
    const parts = path.split(".")
    const key = parts.pop() ?? ""
    let table = root
    for (const part of parts) table = childTable(table, part)
    table[key] = value
  }
  return tomlText(comment, root)
}

export function tomlText(comment: string, content: Readonly<Record<string, unknown>>): string {
  const text = `${comment
    .split("\n")
    .map((line) => `# ${line}`)
    .join("\n")}\n\n${stringify(content)}\n`
  const back = parse(text)
  if (!sameValue(back, content))
    throw new Error(`rendered TOML does not read back as it was meant: ${JSON.stringify(back)} instead of ${JSON.stringify(content)}`)
  return text
}

function childTable(table: Table, key: string): Table {
  const present = table[key]
  if (typeof present === "object" && !Array.isArray(present)) return present as Table
  const created: Table = {}
  table[key] = created
  return created
}
