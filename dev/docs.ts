// `npm run docs`: writes the pages that are made from the code: docs/spec, docs/rules.md, docs/cli.md and examples/**/README.md.
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { forgottenPages } from "./docs/forgotten-pages.ts"
import { madePages } from "./docs/made-pages.ts"
import { REPOSITORY } from "./docs/repository.ts"

const pages = madePages()
for (const path of forgottenPages(pages)) rmSync(join(REPOSITORY, path))
for (const [path, text] of pages) {
  mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true })
  writeFileSync(join(REPOSITORY, path), text)
}
console.log(`${pages.size} pages written`)
