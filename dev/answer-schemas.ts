import * as z from "zod"
import { doctorChecksSchema, doctorReportSchema } from "../src/core/doctor/doctor-report.ts"
import { containersSchema } from "../src/core/observe/container-report.ts"
import { planReportSchema } from "../src/core/plan/plan-report.ts"

/** What a command answers with `--json`, by the name in its envelope. */
const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  ps: containersSchema.describe("Every container on every host, and whether it is what is rendered."),
  doctor: doctorReportSchema.describe("Every check with what it found."),
  "doctor-checks": doctorChecksSchema.describe("Every check that there is."),
  plan: planReportSchema.describe("What `gonka-ha up` would do, by host, with causes, differences and costs."),
}

/** The JSON Schema (draft 2020-12) of each answer in its envelope, as text, by the name of its file in schema/. */
export function answerSchemaTexts(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(ANSWERS).map(([name, data]) => [`${name}.schema.json`, `${JSON.stringify(schemaOf(name, data), null, 2)}\n`]),
  )
}

function schemaOf(name: string, data: z.ZodType): unknown {
  const answer = z.strictObject({
    schema: z.literal(`gonka-ha/${name}/v1`),
    time: z.string().describe("When it was answered, in UTC."),
    exitCode: z.int().describe("The code with which the command ends; `gonka-ha --help` lists them."),
    data,
  })
  const { $schema, ...schema } = z.toJSONSchema(answer, {
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      // The largest whole numbers of the platform are no limits that anybody meant.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return { $schema, title: `gonka-ha ${name} --json`, ...schema }
}
