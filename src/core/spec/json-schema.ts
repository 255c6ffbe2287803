import * as z from "zod"
import { specSchema } from "./schema.ts"

/** The language of topology files as a JSON Schema (draft 2020-12), for editors and other programs. Rules about meaning are not in it. */
export function specJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(specSchema, {
    target: "draft-2020-12",
    io: "input",
    override: ({ jsonSchema }) => {
      // The largest whole number of the platform is no limit that anybody meant.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return {
    $schema,
    title: "gonka-ha topology",
    description: "Hosts, sentries, private nodes and validators of one deployment. `gonka-ha validate` checks what a schema cannot.",
    ...schema,
    patternProperties: { "^x-": { description: "Your own; gonka-ha does not read it." } },
  }
}

export function specJsonSchemaText(): string {
  return `${JSON.stringify(specJsonSchema(), null, 2)}\n`
}
