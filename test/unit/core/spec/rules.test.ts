import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Issue } from "../../../../src/core/issue.ts"
import { RULES } from "../../../../src/core/spec/rules/catalogue.ts"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { TEMPLATES_DIR } from "../../../support/package-paths.ts"
import { checkedExample, RULE_BASE } from "../../../support/rule-example.ts"

/** Errors below stay readable: what broke, where, and what is said about it. */
const lines = (issues: readonly Issue[]) => issues.map(({ rule, path, message }) => `${rule} ${path} ${message}`)
const ofRule = (issues: readonly Issue[], id: string) => issues.filter(({ rule }) => rule === id)
const textsIn = (dir: string, file: (name: string) => string) =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !entry.name.endsWith(".ts"))
    .map(({ name }) => ({ name, text: readFileSync(join(dir, file(name)), "utf8") }))

describe("the catalogue", () => {
  it("has at least 60 rules about the meaning of a spec", () => {
    expect(RULES.length).toBeGreaterThanOrEqual(60)
  })

  it.each(RULES)("$id is broken by its bad example", ({ id, severity, bad }) => {
    const { spec, issues } = checkedExample(bad)
    expect(spec, lines(issues).join("\n")).toBeDefined()
    const found = ofRule(issues, id)
    expect(found, lines(issues).join("\n")).not.toEqual([])
    expect(found.map((issue) => issue.severity)).toEqual(found.map(() => severity))
    for (const { message, fix } of found) expect([message, fix].filter((text) => /\.$/.test(text ?? ""))).toEqual([])
  })

  it.each(RULES)("$id is met by its good example", ({ id, good }) => {
    const { spec, issues } = checkedExample(good)
    expect(spec, lines(issues).join("\n")).toBeDefined()
    expect(lines(ofRule(issues, id))).toEqual([])
    // An example that teaches one thing must not be wrong in another.
    expect(lines(issues.filter(({ severity }) => severity === "error"))).toEqual([])
  })

  it("has nothing to say about its base", () => {
    expect(lines(checkedTexts(RULE_BASE).issues)).toEqual([])
  })

  it.each(textsIn(join(TEMPLATES_DIR, "presets"), (name) => name))(
    "has nothing but placeholders to say about the preset $name",
    ({ text }) => {
      const issues = checkedTexts(text.replace("pubkey: CHANGE-ME", `pubkey: ${"A".repeat(43)}=`)).issues
      expect(lines(issues.filter(({ rule }) => rule !== "GHA-404"))).toEqual([])
    },
  )

  it.each(textsIn(join(import.meta.dirname, "../../../golden"), (name) => join(name, "gonka-ha.yaml")))(
    "has no error to say about the golden spec $name",
    ({ text }) => {
      expect(lines(checkedTexts(text).issues.filter(({ severity }) => severity === "error"))).toEqual([])
    },
  )
})
