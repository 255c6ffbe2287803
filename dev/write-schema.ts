// `npm run schema`: writes schema/gonka-ha.schema.json, which is shipped, from the language in src/core/spec/schema.ts.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { specJsonSchemaText } from "../src/core/spec/json-schema.ts"

writeFileSync(join(import.meta.dirname, "..", "schema", "gonka-ha.schema.json"), specJsonSchemaText())
