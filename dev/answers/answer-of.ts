import type * as z from "zod"

/** A value as JSON has it: what is undefined is left out. */
type Plain<T> = T extends readonly (infer Element)[]
  ? Plain<Element>[]
  : T extends object
    ? { [Key in keyof T as undefined extends T[Key] ? never : Key]: Plain<T[Key]> } & {
        [Key in keyof T as undefined extends T[Key] ? Key : never]?: Plain<T[Key]> | undefined
      }
    : T

type Covers<T, Schema extends z.ZodType> = [Plain<T>] extends [z.output<Schema>] ? true : false
type Exact<T, Schema extends z.ZodType> = Covers<T, Schema> extends true ? ([z.output<Schema>] extends [Plain<T>] ? true : false) : false

/** The schema of exactly this type: neither can change without the other. */
export const answerOf =
  <T>() =>
  <Schema extends z.ZodType>(schema: Schema, ..._: Exact<T, Schema> extends true ? [] : ["the schema is not of this type"]): Schema =>
    schema

/** The schema of this type, of which it may leave details open. */
export const looseAnswerOf =
  <T>() =>
  <Schema extends z.ZodType>(schema: Schema, ..._: Covers<T, Schema> extends true ? [] : ["the schema is not of this type"]): Schema =>
    schema
