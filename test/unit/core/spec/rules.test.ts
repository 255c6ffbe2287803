import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Issue } from "../../../../src/core/issue.ts"
import { RULES_BESIDE } from "../../../../src/core/spec/rules/beside.ts"
import { RULES } from "../../../../src/core/spec/rules/catalogue.ts"
import { EXPLAINED_RULES } from "../../../../src/core/spec/rules/explained.ts"
import { goldenSpecs } from "../../../support/golden-specs.ts"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { TEMPLATES_DIR } from "../../../support/package-paths.ts"
import { checkedExample, RULE_BASE } from "../../../support/rule-example.ts"

/** Failures stay readable: what broke, where, and what is said about it. */
const lines = (issues: readonly Issue[]) => issues.map(({ rule, path, message }) => `${rule} ${path} ${message}`)
const ofRule = (issues: readonly Issue[], id: string) => issues.filter(({ rule }) => rule === id)
const errorsOf = (issues: readonly Issue[]) => issues.filter(({ severity }) => severity === "error")

/** What only the operator can fill in. */
const TO_FILL_IN = ["GHA-401", "GHA-402", "GHA-404"]
/** Presets for fewer machines than it takes to be safe; they say so themselves. */
const PRESETS_FOR_FEW_MACHINES = ["compact.yaml", "solo.yaml"]
const presets = readdirSync(join(TEMPLATES_DIR, "presets"))

function presetIssues(name: string): readonly Issue[] {
  let validators = 0
  const text = readFileSync(join(TEMPLATES_DIR, "presets", name), "utf8").replaceAll("pubkey: CHANGE-ME", () => {
    validators += 1
    return `pubkey: ${String(validators).repeat(43)}=`
  })
  return checkedTexts(text).issues.filter(({ rule }) => !TO_FILL_IN.includes(rule ?? ""))
}

describe("the catalogue", () => {
  it("has at least 60 rules about the meaning of a spec", () => {
    expect(RULES.length).toBeGreaterThanOrEqual(60)
  })

  it("gives every rule an id of its own", () => {
    const ids = EXPLAINED_RULES.map(({ id }) => id)
    expect(ids.filter((id) => !/^GHA-\d{3}$/.test(id))).toEqual([])
    expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([])
  })

  it("speaks in one way: titles and reasons are sentences, fixes go on from `fix:`", () => {
    const sentences = EXPLAINED_RULES.flatMap(({ id, title, why }) => [`${id} ${title}`, `${id} ${why}`])
    expect(sentences.filter((text) => !/^GHA-\d{3} \S.*[^.]\.$/.test(text))).toEqual([])
    expect(EXPLAINED_RULES.filter(({ fix }) => /\.$/.test(fix)).map(({ id, fix }) => `${id} ${fix}`)).toEqual([])
  })

  it.each([...RULES, ...RULES_BESIDE])("$id is broken by its bad example", ({ id, severity, bad }) => {
    const { issues } = checkedExample(bad)
    const found = ofRule(issues, id)
    expect(found, lines(issues).join("\n")).not.toEqual([])
    expect(found.map((issue) => issue.severity)).toEqual(found.map(() => severity))
    expect(found.flatMap(({ message, fix }) => [message, fix ?? ""]).filter((text) => text === "" || text.endsWith("."))).toEqual([])
  })

  it.each([...RULES, ...RULES_BESIDE])("$id is met by its good example", ({ id, good }) => {
    const { spec, issues } = checkedExample(good)
    expect(spec, lines(issues).join("\n")).toBeDefined()
    expect(lines(ofRule(issues, id))).toEqual([])
    // An example that teaches one thing must not be wrong in another.
    expect(lines(errorsOf(issues))).toEqual([])
  })

  it("copes with a spec of nothing, and says what is missing", () => {
    const { spec, issues } = checkedExample({
      without: ["hosts", "sentries", "private", "validators", "api", "edge", "images", "chain"],
      yaml: "hosts: {}\nsentries: {}\nprivate: {}\nvalidators: {}\n",
    })
    expect(spec).toBeDefined()
    expect(issues.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      "GHA-208 sentries",
      "GHA-320 validators",
      "GHA-401 images.node",
      "GHA-401 images.tmkms",
    ])
  })

  it("copes with names that lead nowhere, also with words that every object answers to", () => {
    const { spec, issues } = checkedExample({
      yaml: [
        "sentries: { sentry-1: { host: constructor }, valueof: { snapshots: true } }",
        "private: { node-1: { host: constructor }, constructor: { bootstrap: sentries }, node-4: { count: 2 } }",
        "validators:",
        "  main: { candidates: [constructor, hasownproperty], firstActive: hasownproperty, signer: { host: constructor } }",
        "  other: { candidates: {}, firstActive: constructor, pubkey: XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE=, signer: { host: nowhere } }",
        "api: { manager: { host: constructor, upstreams: [constructor, hasownproperty] } }",
        "edge: { public-1: { host: constructor, sentries: [constructor] } }",
        "compose: { constructor: { image: none }, main-signer: { constructor: {} } }",
        "",
      ].join("\n"),
    })
    expect(spec, lines(issues).join("\n")).toBeDefined()
    expect(lines(issues)).toEqual(
      expect.arrayContaining([
        "GHA-201 private.node-1.host names the host constructor, which is not under hosts",
        "GHA-301 validators.main.candidates.1 hasownproperty is not a private node",
      ]),
    )
  })

  it("has nothing to say about its base", () => {
    expect(lines(checkedTexts(RULE_BASE).issues)).toEqual([])
  })

  it.each(goldenSpecs())("finds no error in the golden spec $name", ({ texts }) => {
    expect(lines(errorsOf(checkedTexts(...texts).issues))).toEqual([])
  })

  it.each(presets)("finds no error in the preset %s but what is to be filled in", (name) => {
    expect(lines(errorsOf(presetIssues(name)))).toEqual([])
  })

  it.each(presets.filter((name) => !PRESETS_FOR_FEW_MACHINES.includes(name)))("has no warning for the preset %s", (name) => {
    expect(lines(presetIssues(name))).toEqual([])
  })
})
