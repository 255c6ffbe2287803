import { nearestName } from "../../nearest-name.ts"

/** The entry of a name that somebody wrote; words that every object answers to, such as `constructor`, are no entries. */
export function own<T>(map: Readonly<Record<string, T>> | undefined, name: string | undefined): T | undefined {
  return map !== undefined && name !== undefined && Object.hasOwn(map, name) ? map[name] : undefined
}

/** The fix for a name that is none of the known ones. */
export function fixForUnknown(what: string, name: string, known: readonly string[]): string {
  if (known.length === 0) return `there are no ${what} yet: add one`
  const meant = nearestName(name, known)
  return `${meant === undefined ? "" : `did you mean ${meant}? `}known ${what}: ${known.join(", ")}`
}

/** Entries that say the same as an earlier one, each with the name of the first. What says nothing is the same as nothing. */
export function twins<T>(
  map: Readonly<Record<string, T>>,
  said: (item: T) => string | undefined,
): readonly { readonly name: string; readonly first: string }[] {
  const firsts = new Map<string, string>()
  return Object.entries(map).flatMap(([name, item]) => {
    const value = said(item)
    if (value === undefined) return []
    const first = firsts.get(value)
    if (first === undefined) firsts.set(value, name)
    return first === undefined ? [] : [{ name, first }]
  })
}

/** Undefined when the values differ, or when there are none. */
export function commonValue<T>(values: readonly T[]): T | undefined {
  const [first] = values
  return values.every((value) => value === first) ? first : undefined
}
