import { expect, it } from "vitest"
import { checksText, doctorText, summaryLine } from "../../../src/cli/show-doctor.ts"
import { CHECKS } from "../../../src/core/doctor/catalogue.ts"
import { chosenChecks, examine } from "../../../src/core/doctor/examine.ts"
import { unknown } from "../../../src/core/observe/state.ts"
import { type Break, broken, engineTells, finds, healthyFacts, notProbed, observed, probed } from "../../support/doctor-facts.ts"
import { hostAway, node, nodeAway, signer } from "../../support/observed.ts"

const text = (names: readonly string[], breaks: readonly Break[] = [], matrix = false) =>
  doctorText(examine(broken(healthyFacts(), ...breaks), chosenChecks(names)), { matrix })

it("shows a check that is well in one line", () => {
  expect(text(["host.tools", "record.writable"])).toBe(`lab on lab-1

Hosts
✓ ok       host.tools: Every host has the programs that a move needs.

Records
✓ ok       record.writable: Journal, receipts and audit log can be written.

2 checks: 2 ok
`)
})

it("says where there was nothing to look at", () => {
  expect(text(["node.upgrade-program"])).toContain(
    "· ok       node.upgrade-program: The program of the next upgrade is in place.\n           (nothing to look at)\n",
  )
})

it("shows under a check that found something what was measured, the limit, the fix and how to ask again", () => {
  const missing = ["sig-1", "val-1"].map((host) => probed(host, { missingTools: ["flock"] }))
  expect(text(["host.tools"], missing)).toBe(`lab on lab-1

Hosts
✗ bad      host.tools: Every host has the programs that a move needs.
           ✗ sig-1, val-1: flock
           limit      docker, flock, setsid, sync, timeout, sha256sum, awk,
                      find, stat
           fix        install them: coreutils, util-linux, findutils and an awk
           again      gonka-ha doctor host.tools

1 check: 0 ok, 1 bad
`)
})

it("gives no advice about what is only not known", () => {
  const shown = text(["host.docker", "host.memory"], [probed("val-1", { memory: unknown("this host did not tell it") })])
  expect(shown).toContain("? unknown  host.memory")
  expect(shown).toContain("           ? val-1: this host did not tell it\n")
  expect(shown).not.toMatch(/ (fix|limit) /)
})

it("counts what does not occur only where it is ok", () => {
  expect(summaryLine({ checks: 41, ok: 39, warn: 1, bad: 1, unknown: 0 })).toBe("41 checks: 39 ok, 1 warn, 1 bad")
  expect(summaryLine({ checks: 1, ok: 0, warn: 0, bad: 0, unknown: 1 })).toBe("1 check: 0 ok, 1 unknown")
})

it("shows who finds whose ports as they must be", () => {
  const shown = text(
    ["network"],
    [finds("sig-1", "10.0.0.21:26656", "open"), finds("sen-1", "10.0.0.22:26656", "closed"), notProbed("val-2")],
    true,
  )
  expect(shown).toContain(`
    from / to         1  2  3  4  5
  1 sen-1             ·  ✓     ✓  –
  2 sen-2             ✓  ·     ✓  ✓
  3 sig-1             ✓  ✓  ·  ✗  ✓
  4 val-1             ✓  ✓     ·  ✓
  5 val-2             ?  ?     ?  ·
`)
})

it("neither breaks its lines nor obeys what hosts send", () => {
  const evil = "\u001b[31mred\u001b[0m\nline\u0007"
  const shown = text(
    [],
    [
      notProbed("val-2", `cannot be reached: ${evil} ${"x".repeat(300)}`),
      observed(hostAway("val-2", evil), nodeAway("node-2", evil), node("node-1", { network: evil }), signer({ lockedBy: evil })),
      engineTells("val-1", "node-1", { restartPolicy: evil, ports: [evil] }),
    ],
    true,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  expect(shown.split("\n").filter((line) => line.length > 80)).toEqual([])
})

it("names every check in 80 columns", () => {
  const list = checksText(CHECKS)
  for (const { id } of CHECKS) expect(list).toContain(`  ${id} `)
  expect(list.split("\n").filter((line) => line.length > 80)).toEqual([])
  expect(list).toContain(`\n${CHECKS.length} checks\n`)
})
