import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { answerSchemaTexts } from "../../dev/answer-schemas.ts"

const texts = answerSchemaTexts()
const compiled = new Map<string, ValidateFunction>()

/** Whether a text is an answer, or a line, in JSON: not every command that prints JSON answers with it. */
export function isJsonAnswer(text: string): boolean {
  return /^\{\s*"schema":\s*"gonka-ha\//.test(text)
}

/** Names of the schemas of answers, or of lines, one after the other. @throws Error when one is not of the schema that is published for it */
export function publishedNames(out: string): readonly string[] {
  return documentsIn(out).map((answer) => {
    const name = /^gonka-ha\/(.+)\/v1$/.exec(String(Object(answer).schema))?.[1] ?? ""
    const accepts = schemaNamed(name)
    if (accepts(answer)) return name
    throw new Error(`this is not of schema/${name}.schema.json: ${JSON.stringify(accepts.errors)}\n${JSON.stringify(answer)}`)
  })
}

/** One answer over many lines, or one on each. */
function documentsIn(out: string): readonly unknown[] {
  if (/^\{\n/.test(out)) return [JSON.parse(out)]
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line))
}

function schemaNamed(name: string): ValidateFunction {
  const known = compiled.get(name)
  if (known) return known
  const text = texts.get(`${name}.schema.json`)
  if (text === undefined) throw new Error(`no schema is published for gonka-ha/${name}/v1`)
  const made = new Ajv2020({ allErrors: true, strict: false }).compile(JSON.parse(text))
  compiled.set(name, made)
  return made
}
