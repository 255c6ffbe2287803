import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { answerSchemaTexts } from "../../../dev/answer-schemas.ts"
import { REPOSITORY_DIR } from "../../support/package-paths.ts"

it.each([...answerSchemaTexts()])("schema/%s is shipped as the code has it; if not, run `npm run schema`", (name, text) => {
  const path = join(REPOSITORY_DIR, "schema", name)
  expect(existsSync(path) ? readFileSync(path, "utf8") : "no such file").toBe(text)
})
