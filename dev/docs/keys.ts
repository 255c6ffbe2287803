import { z } from "zod"
import { valueWords } from "./value-words.ts"

/** One key of the language. */
export type Key = {
  /** With a word in capitals where any name may stand. */
  readonly path: readonly string[]
  readonly value: string
  readonly isNeeded: boolean
  readonly meaning: string
}

/** Every key below a part of the schema, in the order of the schema. */
export function keysOf(schema: unknown, path: readonly string[]): readonly Key[] {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap(), path)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysOf(option, path))
  if (schema instanceof z.ZodArray) return keysOf(schema.element, [...path, "N"])
  if (schema instanceof z.ZodRecord) return keysOf(schema.valueType, [...path, placeholder(path)])
  if (!(schema instanceof z.ZodObject)) return []
  const shape: Readonly<Record<string, unknown>> = schema.shape
  return Object.entries(shape).flatMap(([name, part]) => [keyOf(part, [...path, name]), ...keysOf(part, [...path, name])])
}

function keyOf(part: unknown, path: readonly string[]): Key {
  return { path, value: valueWords(part), isNeeded: !(part instanceof z.ZodOptional), meaning: descriptionOf(part, path) }
}

function descriptionOf(part: unknown, path: readonly string[]): string {
  const own = part instanceof z.ZodType ? part.description : undefined
  if (own !== undefined) return own
  if (part instanceof z.ZodOptional) return descriptionOf(part.unwrap(), path)
  throw new Error(`${path.join(".")} has no description in the schema`)
}

/** What kind of name stands there. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { candidates: "NODE", compose: "SERVICE" }

function placeholder(path: readonly string[]): string {
  return PLACEHOLDERS[path.at(-1) ?? ""] ?? "NAME"
}
