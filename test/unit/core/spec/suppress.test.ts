import { describe, expect, it } from "vitest"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"

const ONE_CANDIDATE = RULE_BASE.replace("[node-1, node-2, node-3]", "[node-1]")
const REASON = "the second node comes in June"

function checked(text: string, ...entries: readonly string[]) {
  const { issues, suppressed } = checkedTexts(`${text}\nsuppress:\n${entries.map((entry) => `  - ${entry}\n`).join("")}`)
  return { issues: issues.map(({ rule, path, message }) => `${rule} ${path} ${message}`), suppressed }
}

describe("suppress", () => {
  it("takes a warning out, and keeps it with its reason", () => {
    expect(checkedTexts(ONE_CANDIDATE).issues).toMatchObject([{ rule: "GHA-308", severity: "warning" }])
    const { issues, suppressed } = checked(ONE_CANDIDATE, `{ rule: GHA-308, reason: ${REASON} }`)
    expect(issues).toEqual([])
    expect(suppressed).toMatchObject([{ reason: REASON, issue: { rule: "GHA-308", path: "validators.main.candidates" } }])
  })

  it.each(["validators", "validators.main", "validators.main.candidates"])("covers what is at %s and below it", (path) => {
    expect(checked(ONE_CANDIDATE, `{ rule: GHA-308, path: ${path}, reason: ${REASON} }`).issues).toEqual([])
  })

  it.each(["validators.mai", "validators.other", "validators.main.candidates.0"])("does not cover what is elsewhere than at %s", (path) => {
    const { issues, suppressed } = checked(ONE_CANDIDATE, `{ rule: GHA-308, path: ${path}, reason: ${REASON} }`)
    expect(issues).toEqual([
      "GHA-308 validators.main.candidates has one candidate: there is nothing to promote",
      `GHA-013 suppress.0 suppresses nothing: GHA-308 is not broken at ${path}`,
    ])
    expect(suppressed).toEqual([])
  })

  it("leaves an error where it is, and says so at the entry", () => {
    const text = RULE_BASE.replace("host: val-2 }", "host: val-9 }")
    const { issues } = checked(text, `{ rule: GHA-201, reason: ${REASON} }`)
    expect(issues).toEqual([
      "GHA-201 private.node-2.host names the host val-9, which is not under hosts",
      "GHA-012 suppress.0 GHA-201 is an error: it cannot be suppressed",
    ])
  })

  it("warns of an entry that accepts nothing, at its own place", () => {
    const text = `${RULE_BASE}\nsuppress:\n  - { rule: GHA-308, reason: ${REASON} }\n  - { rule: GHA-209, reason: ${REASON} }\n`
    const line = text.split("\n").findIndex((written) => written.includes("GHA-209")) + 1
    expect(checkedTexts(text.replace("[node-1, node-2, node-3]", "[node-1]")).issues).toMatchObject([
      { rule: "GHA-013", severity: "warning", path: "suppress.1", place: { file: "gonka-ha.yaml", line, column: 5 } },
    ])
  })

  it("wants a reason that says something", () => {
    expect(checked(ONE_CANDIDATE, "{ rule: GHA-308, reason: because }").issues).toEqual([
      "GHA-008 suppress.0.reason must say why, in at least ten characters",
    ])
  })
})
