import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { specJsonSchema, specJsonSchemaText } from "../../../../src/core/spec/json-schema.ts"
import { goldenSpecs } from "../../../support/golden-specs.ts"
import { GOOD_SPEC } from "../../../support/good-spec.ts"
import { REPOSITORY_DIR, TEMPLATES_DIR } from "../../../support/package-paths.ts"

// The pattern beside it says what an address is.
const accepts = new Ajv2020({ allErrors: true, formats: { ipv4: true } }).compile(specJsonSchema())

function complaintsAbout(spec: unknown): string[] {
  return accepts(spec) ? [] : (accepts.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const presets = readdirSync(join(TEMPLATES_DIR, "presets"))

describe("the JSON Schema of topology files", () => {
  it("is shipped as the code has it: `npm run schema` writes it", () => {
    expect(readFileSync(join(REPOSITORY_DIR, "schema", "gonka-ha.schema.json"), "utf8")).toBe(specJsonSchemaText())
  })

  it("is of draft 2020-12 and describes every key of the top", () => {
    const schema = specJsonSchema()
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", title: "gonka-ha topology" })
    const properties: unknown = schema.properties
    for (const property of Object.values(properties ?? {})) expect(property).toHaveProperty("description", expect.stringMatching(/\.$/))
  })

  it.each(goldenSpecs())("accepts the golden spec $name", ({ texts }) => {
    expect(complaintsAbout(parse(texts[0]))).toEqual([])
  })

  it.each(presets)("accepts the preset %s once its public keys are there", (name) => {
    const text = readFileSync(join(TEMPLATES_DIR, "presets", name), "utf8")
    expect(complaintsAbout(parse(text.replaceAll("pubkey: CHANGE-ME", `pubkey: ${"A".repeat(43)}=`)))).toEqual([])
  })

  it("lets operators keep keys of their own at the top, and nowhere else", () => {
    expect(complaintsAbout({ ...parse(GOOD_SPEC), "x-notes": { any: ["thing"] } })).toEqual([])
    expect(complaintsAbout({ ...parse(GOOD_SPEC), policy: { "x-notes": 1 } })).toEqual(["/policy must NOT have additional properties"])
  })

  it.each([
    [{ imagse: {} }, " must NOT have additional properties"],
    [{ policy: { freshnes: "20s" } }, "/policy must NOT have additional properties"],
    [{ hosts: { one: { shh: "root@one" } } }, "/hosts/one must NOT have additional properties"],
    [{ sentries: { one: { host: "one", port: { p2p: 1 } } } }, "/sentries/one must NOT have additional properties"],
    [{ hosts: { One: { local: true } } }, "/hosts property name must be valid"],
    [{ hosts: { one: { private: "10.0.0" } } }, "/hosts/one/private must match pattern"],
    [{ apiVersion: "gonka-ha/v2" }, "/apiVersion must be equal to constant"],
  ])("refuses %j", (change, complaint) => {
    expect(complaintsAbout({ ...parse(GOOD_SPEC), ...change })).toContainEqual(expect.stringContaining(complaint))
  })
})
