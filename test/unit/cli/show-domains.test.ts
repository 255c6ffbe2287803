import { expect, it } from "vitest"
import { domainsText } from "../../../src/cli/show-domains.ts"
import { failureReport } from "../../../src/core/domains/failure-report.ts"
import { membersOf } from "../../../src/core/domains/members.ts"
import { goldenSpec } from "../../support/golden-specs.ts"
import { checkedTexts } from "../../support/golden-topology.ts"
import { RULE_BASE } from "../../support/rule-example.ts"

function shown(...texts: readonly string[]): string {
  const { spec, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return domainsText(failureReport(membersOf(spec)))
}

it("is a table that says what is lost, what stops, why, and what is left", () => {
  expect(shown(...goldenSpec("shared-hosts").texts)).toBe(`LOSS OF               STOPS               WHY, AND WHAT IS LEFT

host alpha            signing for good    second: the only candidate (other) is
                                          lost
                                          main: if val-a is active, \`gonka-ha
                                          failover val-b\`
                                          left: sentries 1 of 2, candidates of
                                          main 1 of 2

host beta             signing until       main: the signer is lost; a person has
                      signer replace      to prove that it cannot come back
                                          before its key may start anywhere
                                          else, for val-a
                                          second: the signer is lost; a person
                                          has to prove that it cannot come back
                                          before its key may start anywhere
                                          else, for other
                                          left: sentries 1 of 2, candidates of
                                          main 1 of 2

Signing stops until something is repaired or newly built when one of these is
lost: host alpha.
No host names its provider, so the loss of one is not in this table: write
\`provider\` at each host.
No host names its site, so the loss of one is not in this table: write \`site\` at
each host.
`)
})

it("tells the loss of the same hosts once, under all of its names", () => {
  expect(shown(RULE_BASE)).toContain(`
host sig-1            signing until       main: the signer is lost; a person has
site office,          signer replace      to prove that it cannot come back
office-a                                  before its key may start anywhere
provider office                           else, for node-1
`)
})

it("stays within 80 columns whatever people write as a place", () => {
  const overlay = `hosts: { sen-1: { provider: "${"x".repeat(60)}", site: "two\\nlines \\e[31m and ${"y z".repeat(10)}" } }`
  const text = shown(RULE_BASE, overlay)
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
  expect(text).not.toMatch(/\p{Cc}(?<!\n)/u)
  expect(text).toContain("No single loss in this table stops signing for good.")
})

it("names the hosts whose place is not known", () => {
  const somewhere = "hosts: { sen-1: { provider: one } }"
  expect(shown(...goldenSpec("ha-2-devnet").texts, somewhere)).toContain(
    "The table does not know the provider of sen-2, sig-1, val-1, val-2: write\n`provider` at each host.",
  )
})
