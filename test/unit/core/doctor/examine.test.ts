import { describe, expect, it } from "vitest"
import { CHECKS } from "../../../../src/core/doctor/catalogue.ts"
import { ok, unclear, warn } from "../../../../src/core/doctor/check.ts"
import { chosenChecks, examine } from "../../../../src/core/doctor/examine.ts"
import { isAtLeast } from "../../../../src/core/doctor/version.ts"
import { broken, healthyFacts, probed } from "../../../support/doctor-facts.ts"

describe("checks by name", () => {
  it("are all, one, or those of an area, each once and in the order of the catalogue", () => {
    expect(chosenChecks([])).toBe(CHECKS)
    expect(chosenChecks(["signer.fence", "host.disk"]).map(({ id }) => id)).toEqual(["host.disk", "signer.fence"])
    expect(chosenChecks(["record", "record.writable"]).map(({ id }) => id)).toEqual([
      "record.writable",
      "record.receipts",
      "record.backup",
      "record.last-move",
    ])
  })

  it("are guessed at where there is none", () => {
    expect(() => chosenChecks(["host.dsik"])).toThrow("there is no check host.dsik; did you mean host.disk?")
    expect(() => chosenChecks(["weather"])).toThrow(expect.objectContaining({ exit: 64, hint: expect.stringContaining("doctor --list") }))
  })
})

it("tells of a chosen check what was measured, the limit, the fix and how to ask again", () => {
  const facts = broken(healthyFacts(), probed("sig-1", { missingTools: ["flock", "setsid"] }))
  const report = examine(facts, chosenChecks(["host.tools"]))
  expect(report).toMatchObject({ count: { checks: 1, ok: 0, bad: 1, warn: 0, unknown: 0 }, exitCode: 5, deployment: "lab" })
  expect(report.checks[0]).toMatchObject({ verdict: "bad", recheck: "gonka-ha doctor host.tools", scope: "host" })
  expect(report.checks[0]?.findings).toContainEqual({ subject: "sig-1", verdict: "bad", measured: "flock, setsid" })
  expect(report.checks[0]?.findings).toContainEqual({ subject: "val-1", verdict: "ok", measured: "all there" })
})

it.each([
  ["20.10.24+dfsg1", "20.10.0", ok("20.10.24+dfsg1")],
  ["v2.20.3-desktop.1", "2.20.0", ok("v2.20.3-desktop.1")],
  ["2.9.1", "2.20.0", warn("2.9.1")],
  ["28.0", "28.0.0", ok("28.0")],
  ["27.5.1", "28.0.0", warn("27.5.1")],
  ["dev", "2.20.0", unclear("the version dev cannot be read")],
] as const)("holds the version %s against %s", (version, least, expected) => {
  expect(isAtLeast(version, least, { old: warn, new: ok })).toEqual(expected)
})
