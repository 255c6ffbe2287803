import * as z from "zod"

/** The keys that may stand in the map at a path; empty where any name may. */
export function knownKeysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const [first, ...rest] = path
  if (schema instanceof z.ZodOptional) return knownKeysAt(inner(schema.unwrap()), path)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => knownKeysAt(inner(option), path))
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, unknown>> = schema.shape
    if (first === undefined) return Object.keys(shape)
    const next = Object.hasOwn(shape, String(first)) ? shape[String(first)] : undefined
    return next instanceof z.ZodType ? knownKeysAt(next, rest) : []
  }
  if (first === undefined) return []
  if (schema instanceof z.ZodRecord) return knownKeysAt(inner(schema.valueType), rest)
  if (schema instanceof z.ZodArray) return knownKeysAt(inner(schema.element), rest)
  return []
}

/** The parts of a zod schema are typed by zod's core, of which every class schema is a kind. */
function inner(part: unknown): z.ZodType {
  if (part instanceof z.ZodType) return part
  throw new Error("a schema of the topology file has a part that is not a class schema")
}
