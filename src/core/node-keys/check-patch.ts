import { nearestName } from "../nearest-name.ts"
import { type ConfigFile, fileName, type KeyTable } from "./node-key.ts"
import { isOfType, typeText } from "./value-type.ts"
import { nodeKeys } from "./versions.ts"

export type PatchProblem = {
  readonly key: string
  readonly problem: "unknown" | "owned" | "type"
  /** A whole sentence without its full stop. */
  readonly reason: string
  /** The known key that was probably meant. */
  readonly nearest?: string
}

/** What is wrong with an operator's settings for config.toml or app.toml, in the order in which they are written. */
export function checkPatch(file: ConfigFile, patch: Readonly<Record<string, unknown>>, version: string): readonly PatchProblem[] {
  return Object.entries(patch).flatMap(([key, value]) => problemOf(file, key, value, version) ?? [])
}

function problemOf(file: ConfigFile, key: string, value: unknown, version: string): PatchProblem | undefined {
  const entry = nodeKeys(version)[file].get(key)
  if (!entry) return unknownKey(file, key, version)
  if (entry.owned !== undefined) return { key, problem: "owned", reason: `${key} is set by gonka-ha alone: ${entry.owned}` }
  if (isOfType(entry.type, value)) return undefined
  return { key, problem: "type", reason: `${key} must be ${typeText(entry.type)}` }
}

function unknownKey(file: ConfigFile, key: string, version: string): PatchProblem {
  const other: ConfigFile = file === "config" ? "app" : "config"
  const { [file]: table, [other]: otherTable } = nodeKeys(version)
  if (otherTable.has(key)) {
    return { key, problem: "unknown", reason: `${key} is a key of ${fileName[other]}: move it under \`${other}\`` }
  }
  if ([...table.keys()].some((known) => known.startsWith(`${key}.`))) {
    return { key, problem: "unknown", reason: `${key} is a table of ${fileName[file]} and takes settings, not a value` }
  }
  const nearest = nearestKey(table, key)
  const reason = `${fileName[file]} of ${version} has no key ${key}`
  return { key, problem: "unknown", reason, ...(nearest === undefined ? {} : { nearest }) }
}

/** A right name in the wrong table is the likelier mistake than a whole other name. */
function nearestKey(table: KeyTable, key: string): string | undefined {
  const misplaced = [...table.keys()].filter((known) => lastPart(known) === lastPart(key))
  return (misplaced.length === 1 ? misplaced[0] : undefined) ?? nearestName(key, table.keys())
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1)
}
