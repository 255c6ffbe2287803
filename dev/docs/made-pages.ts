import { cliPage } from "./cli-page.ts"
import { doctorPage } from "./doctor-page.ts"
import { examplePage, examplesPage } from "./example-pages.ts"
import { readExamples } from "./examples.ts"
import { rulesPage } from "./rules-page.ts"
import { specPages } from "./spec-pages.ts"

/** Every page that is made from the code, by its path in the repository. The same code makes the same bytes. */
export function madePages(): ReadonlyMap<string, string> {
  const examples = readExamples()
  return new Map([
    ...specPages(),
    ["docs/rules.md", rulesPage()],
    ["docs/cli.md", cliPage()],
    ["docs/doctor.md", doctorPage()],
    ["examples/README.md", examplesPage(examples)],
    ...examples.map((example): [string, string] => [`examples/${example.name}/README.md`, examplePage(example)]),
  ])
}
