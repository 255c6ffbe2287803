// `npm run schema`: writes schema/, which is shipped: the language of topology files, and what commands answer with `--json`.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { specJsonSchemaText } from "../src/core/spec/json-schema.ts"
import { answerSchemaTexts } from "./answer-schemas.ts"

const texts = new Map([["gonka-ha.schema.json", specJsonSchemaText()], ...answerSchemaTexts()])
for (const [name, text] of texts) writeFileSync(join(import.meta.dirname, "..", "schema", name), text)
