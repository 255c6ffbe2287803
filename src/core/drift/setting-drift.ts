import { settingsIn } from "../node-keys/compare-with-init.ts"
import { textDifference } from "../plan/text-difference.ts"
import type { SettingDrift } from "./drift.ts"

/** How a text differs from what it is meant to be: by key where both are TOML, by lines elsewhere. */
export function settingDrift(path: string, meant: string, found: string): readonly SettingDrift[] {
  return (path.endsWith(".toml") ? tomlDrift(meant, found) : undefined) ?? lineDrift(path, meant, found)
}

/** @returns undefined when one of the texts is no TOML */
export function tomlDrift(meant: string, found: string): readonly SettingDrift[] | undefined {
  const [wanted, there] = [settingsOf(meant), settingsOf(found)]
  if (!wanted || !there) return undefined
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap((key) => {
    const [one, other] = [wanted.get(key), there.get(key)]
    return one === other ? [] : [drift(key, one, other)]
  })
}

/** Every setting of a TOML text in the form in which it is shown; undefined for what is no TOML. */
export function settingsOf(text: string): ReadonlyMap<string, string> | undefined {
  try {
    return new Map([...settingsIn(text)].map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]))
  } catch {
    return undefined
  }
}

function lineDrift(path: string, meant: string, found: string): readonly SettingDrift[] {
  const hunks = textDifference(path, found, meant)
  return (hunks ?? []).map(({ line, section, removed, added }) =>
    drift(section === undefined ? `line ${line}` : `${section}, line ${line}`, linesOf(added), linesOf(removed)),
  )
}

function linesOf(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : lines.join("\n")
}

export function drift(key: string, meant: string | undefined, found: string | undefined): SettingDrift {
  return { key, ...(meant === undefined ? {} : { meant }), ...(found === undefined ? {} : { found }) }
}
