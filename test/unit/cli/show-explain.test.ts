import { describe, expect, it } from "vitest"
import { explanationText, ruleListText } from "../../../src/cli/show-explain.ts"
import { EXPLAINED_RULES, type ExplainedRule } from "../../../src/core/spec/rules/explained.ts"

const rule: ExplainedRule = {
  id: "GHA-999",
  severity: "error",
  title: "Everything is well.",
  why: "It is better.",
  fix: "mend it",
  bad: { yaml: "hosts:\n  a: { local: true }\n\nprivate: {}\n", without: ["hosts.a.ssh", "private", "edge"] },
  good: { yaml: "hosts: {}\n" },
}

describe("explanationText", () => {
  it("names what an example leaves out, and not what it writes anew", () => {
    expect(explanationText(rule)).toBe(`GHA-999 error: Everything is well.

why: It is better.
fix: mend it

Bad:
    hosts:
      a: { local: true }

    private: {}
    # and no hosts.a.ssh
    # and no edge

Good:
    hosts: {}
`)
  })

  it("goes without a bad example that would be too long", () => {
    expect(explanationText({ ...rule, bad: undefined })).not.toContain("Bad:")
  })

  it.each(EXPLAINED_RULES)("keeps the words about $id within 80 columns", (explained) => {
    const [words = ""] = explanationText(explained).split(/^(?:Bad|Good):$/m)
    expect(words.split("\n").filter((line) => line.length > 80)).toEqual([])
    expect(words).not.toMatch(/ $/m)
  })
})

describe("ruleListText", () => {
  it("keeps the titles in a column of their own", () => {
    const long = { ...rule, severity: "warning" as const, title: `${"word ".repeat(14)}end.` }
    expect(ruleListText([rule, long])).toBe(`GHA-999  error    Everything is well.
GHA-999  warning  word word word word word word word word word word word word
                  word word end.

gonka-ha explain GHA-… tells why, what to do, and shows examples.
`)
  })
})
