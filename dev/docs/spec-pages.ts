import { NODE_VERSIONS } from "../../src/core/node-keys/versions.ts"
import { TMKMS_VERSIONS } from "../../src/core/render/tmkms-versions.ts"
import { profileSchema, specSchema } from "../../src/core/spec/schema.ts"
import { defaultWords, neededBelow, valueAt } from "./defaults.ts"
import { type Key, keysOf } from "./keys.ts"
import { code, madeFrom, page, plainText, table, yamlCode } from "./markdown.ts"
import { nodeTables } from "./node-tables.ts"
import { PROFILES } from "./profiles.ts"
import { prose } from "./repository.ts"

type TopLevel = keyof typeof specSchema.shape

/** Which page has which keys of the top level. */
const PAGES: readonly { readonly name: string; readonly keys: readonly TopLevel[] }[] = [
  { name: "deployment", keys: ["apiVersion", "name", "profile", "ssh"] },
  { name: "chain", keys: ["chain"] },
  { name: "images", keys: ["images", "versions"] },
  { name: "policy", keys: ["policy"] },
  { name: "hosts", keys: ["hosts"] },
  { name: "nodes", keys: ["sentries", "private", "pools"] },
  { name: "validators", keys: ["validators"] },
  { name: "api", keys: ["api"] },
  { name: "edge", keys: ["edge"] },
  { name: "compose", keys: ["compose"] },
  { name: "suppress", keys: ["suppress"] },
]

/** The pages of docs/spec, by path. */
export function specPages(): readonly (readonly [string, string])[] {
  return [
    ["docs/spec/README.md", overview()],
    ...PAGES.map(({ name, keys }): [string, string] => [`docs/spec/${name}.md`, specPage(name, keys)]),
  ]
}

function specPage(name: string, keys: readonly TopLevel[]): string {
  const reference = name === "nodes" ? nodeTables() : [keyTable(keys.flatMap(keysOfTopLevel))]
  return page(source(name), prose(`spec/${name}.md`), "## Keys", ...reference, ELSEWHERE)
}

const ELSEWHERE = "[All pages](README.md) · [Rules](../rules.md) · [Commands](../cli.md)"

function source(name: string): string {
  return madeFrom(`dev/docs/prose/spec/${name}.md`, "src/core/spec/schema.ts")
}

function overview(): string {
  const [before, after] = prose("spec/README.md").split("<!-- pages -->\n")
  if (before === undefined || after === undefined) throw new Error("the overview has no place for the list of pages")
  return page(source("README"), before.trimEnd(), pageTable(), after.trim(), profileTable())
}

function pageTable(): string {
  const rows = PAGES.flatMap(({ name, keys }) =>
    keys.map((key) => {
      const [first] = keysOfTopLevel(key)
      return [`[${key}](${name}.md)`, first?.isNeeded ? "yes" : neededBelow(key), plainText(first?.meaning ?? "")]
    }),
  )
  return table(["Key", "Needed", "What it is"], rows)
}

function keysOfTopLevel(name: TopLevel): readonly Key[] {
  return keysOf(specSchema, []).filter(({ path }) => path[0] === name)
}

function keyTable(keys: readonly Key[]): string {
  return table(
    ["Key", "Value", "Default", "Meaning"],
    keys.map((key) => [
      code(key.path.join(".")),
      restricted(key) ?? plainText(key.value),
      key.isNeeded ? "**needed**" : defaultWords({ common: key.path, own: key.path }),
      plainText(key.meaning),
    ]),
  )
}

/** Values that a rule restricts and the schema does not. */
const RESTRICTED: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["versions.node", NODE_VERSIONS],
  ["versions.tmkms", TMKMS_VERSIONS],
  ["profile", PROFILES.map(({ name }) => name)],
])

function restricted({ path }: Key): string | undefined {
  return RESTRICTED.get(path.join("."))?.map(yamlCode).join(", ")
}

/** What profiles set, side by side. */
function profileTable(): string {
  const rows = keysOf(profileSchema, [])
    .map(({ path }) => [code(path.join(".")), ...PROFILES.map(({ values }) => valueAt(values, path) ?? "")])
    .filter(([, ...values]) => values.some((value) => value !== ""))
  const heads = PROFILES.map(({ name }) => `[${name}](../../profiles/${name}.yaml)`)
  return table(["Key", ...heads], rows)
}
