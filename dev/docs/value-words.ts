import { z } from "zod"

/** What may be written as a value, in words. */
export function valueWords(schema: unknown): string {
  if (schema instanceof z.ZodOptional) return valueWords(schema.unwrap())
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.map(valueWords))].join(", or ")
  if (schema instanceof z.ZodLiteral) return listed([...schema.values].map((value) => `\`${value}\``))
  if (schema instanceof z.ZodEnum) return listed(schema.options.map((value) => `\`${value}\``))
  if (schema instanceof z.ZodBoolean) return listed(["`true`", "`false`"])
  if (schema instanceof z.ZodNumber) return numberWords(schema)
  if (schema instanceof z.ZodString || schema instanceof z.ZodIPv4) return textWords(schema)
  if (schema instanceof z.ZodArray) return `list: ${valueWords(schema.element)}${least(schema)}`
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord || schema instanceof z.ZodLazy) return "map"
  throw new Error(`there are no words for a ${schema instanceof z.ZodType ? schema.type : typeof schema} in the schema`)
}

function numberWords(schema: z.ZodNumber): string {
  const isWhole = z.int().safeParse(0).success && !schema.safeParse(1.5).success
  const [least, most] = [schema.minValue, schema.maxValue].map((limit) =>
    limit === null || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit,
  )
  const range = least === undefined ? "" : most === undefined ? `, ${least} or more` : `, ${least} to ${most}`
  return `${isWhole ? "whole number" : "number"}${range}`
}

/** What the schema says about a wrong value tells what a right one is. */
function textWords(schema: z.ZodType): string {
  const message = schema.safeParse("\u0000").error?.issues[0]?.message ?? ""
  const rule = /^must (be|look) (.+)$/.exec(message)?.[2]
  if (rule === undefined) return "text"
  const short = rule.split(/: | \(/, 1).join()
  return /^(the name|lower-case|\d)/.test(short) ? short : short.replace(/^like /, "text like ")
}

function least(schema: z.ZodArray): string {
  const needsTwo = schema.safeParse(["https://one.example"]).error?.issues.some(({ path }) => path.length === 0) ?? false
  return needsTwo ? "; two or more" : ""
}

function listed(values: readonly string[]): string {
  return values.length === 1 ? values.join() : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`
}
