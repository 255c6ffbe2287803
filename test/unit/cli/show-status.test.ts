import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { statusText } from "../../../src/cli/show-status.ts"
import { unknown } from "../../../src/core/observe/state.ts"
import { type StatusView, statusView } from "../../../src/core/observe/status-view.ts"
import {
  aged,
  aTopology,
  bare,
  type Change,
  changed,
  healthy,
  hostAway,
  node,
  nodeAway,
  record,
  signer,
  signerStopped,
} from "../../support/observed.ts"

const topology = aTopology()
const text = (...changes: readonly Change[]) => statusText(statusView(topology, changed(healthy(topology), ...changes)))

it("shows a deployment that is well", () => {
  expect(text()).toBe(`lab on lab-1   tip 1000, 1.5s old
✓ main: active at node-1
    signed 100 of 100, jail budget 50 blocks, about 50.0s
    signer runs on sig-1, aimed at node-1
    connected to 10.0.0.21:26658
    state at height 1000

  NODE          HOST      ROLE      HEIGHT   LAG  AGE     PEERS PORT
✓ sentry-1      sen-1     sentry    1000     0    1.5s    3     -
✓ sentry-2      sen-2     sentry    1000     0    1.5s    3     -
✓ node-1        val-1     validator 1000     0    1.5s    3     signer
✓ node-2        val-2     standby   1000     0    1.5s    3     parking
`)
})

it("shows what is wrong, worst first, and a question mark for what is not known", () => {
  expect(
    text(
      signerStopped,
      hostAway("sen-1", "no answer within 8 s"),
      nodeAway("sentry-1"),
      node("sentry-2", { height: 990 }),
      aged("node-2", 61_000),
      record({ missedBlocks: 3 }),
    ),
  ).toBe(`lab on lab-1   tip 1000, 1.5s old
✗ main: signer stopped
    signed 97 of 100, jail budget 47 blocks, about 47.0s

  NODE          HOST      ROLE      HEIGHT   LAG  AGE     PEERS PORT
? sentry-1      sen-1     sentry    ?        ?    ?       ?     -
⚠ sentry-2      sen-2     sentry    990      10   1.5s    3     -
✓ node-1        val-1     standby   1000     0    1.5s    3     none
✗ node-2        val-2     standby   1000     0    1m01s   3     parking

✗ main does not sign: lab-main-signer is exited on sig-1
⚠ sen-1: no answer within 8 s
⚠ main: no standby is ready to take over
⚠ sentry-2 is lagging: 10 blocks behind, limit 3
⚠ node-2 is stale: newest block is 1m01s old, limit 20.0s
`)
})

it("shows bare hosts without a number that nobody has seen", () => {
  const shown = statusText(statusView(topology, bare(topology)))
  expect(shown).toContain("lab on lab-1   no node answers\n")
  expect(shown).toContain("✗ main: signer not set up\n    signed: unknown, jail budget unknown\n")
})

it("breaks a long reason under its first word", () => {
  expect(text(signer({ fence: "the host was replaced on Monday, the old one is kept until its disk has been looked at" }))).toContain(
    `⚠ main: the signer is fenced: the host was replaced on Monday, the old one is
  kept until its disk has been looked at
`,
  )
})

describe("fits a terminal of 80 columns", () => {
  const widest = (view: StatusView) =>
    Math.max(
      ...statusText(view)
        .split("\n")
        .map((line) => [...line].length),
    )
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/)
  const reason = fc.oneof(fc.lorem({ maxCount: 40 }), fc.string({ maxLength: 300 }), fc.stringMatching(/^\/[a-z/]{100,200}$/))

  it("with any names and any reasons", () => {
    fc.assert(
      fc.property(
        fc.record({ deployment: name, chain: fc.string({ minLength: 1, maxLength: 50 }), node: name, host: name, validator: name, reason }),
        fc.record({ height: fc.nat(), ageMs: fc.integer({ min: -1e9, max: 1e12 }), missed: fc.nat(1e6), window: fc.nat(1e7) }),
        (names, numbers) => {
          const observed = changed(
            healthy(topology),
            node("node-2", { height: numbers.height, ageMs: numbers.ageMs }),
            nodeAway("sentry-1", names.reason),
            hostAway("sen-2", names.reason),
            signer({ fence: names.reason }),
            record({ missedBlocks: numbers.missed, countedBlocks: numbers.window }),
          )
          const view = statusView(topology, observed)
          const renamed: StatusView = {
            ...view,
            deployment: names.deployment,
            chain: names.chain,
            nodes: view.nodes.map((row) => ({ ...row, name: names.node, host: names.host })),
            validators: view.validators.map((row) => ({
              ...row,
              name: names.validator,
              signing: row.signing.kind === "active" ? { ...row.signing, node: names.node, evidence: [names.reason] } : row.signing,
              budget: row.budget ? { ...row.budget, leftBlocks: numbers.window, leftMs: numbers.window * 1000 } : undefined,
            })),
            critical: [names.reason],
            warnings: [...view.warnings, names.reason],
          }
          expect(widest(renamed)).toBeLessThanOrEqual(80)
        },
      ),
      { numRuns: 300 },
    )
  })

  it("and loses no word on the way", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[!-~]{1,60}$/), { minLength: 1, maxLength: 30 }), (words) => {
        const shown = text((observed) => ({ ...observed, slashing: new Map([["main", unknown(words.join(" "))]]) }))
        expect(shown.replaceAll(/\s+/g, " ")).toContain(words.join(" "))
      }),
      { numRuns: 200 },
    )
  })
})
