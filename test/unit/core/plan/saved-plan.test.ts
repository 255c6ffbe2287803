import { describe, expect, it } from "vitest"
import type { Observed } from "../../../../src/core/observe/state.ts"
import {
  originRefusals,
  parseSavedPlan,
  type SavedPlan,
  savedPlan,
  stepRefusals,
  wantedDigest,
  worldRefusals,
} from "../../../../src/core/plan/saved-plan.ts"
import { planUp } from "../../../../src/core/plan/up.ts"
import { worldFacts } from "../../../../src/core/plan/world-facts.ts"
import { sha256 } from "../../../../src/edge/sha256.ts"
import { aged, aTopology, bare, changed, container, filesOf, healthy, host, secretsOf } from "../../../support/observed.ts"
import { withConfig, withNodeImage } from "../../../support/older-world.ts"

const topology = aTopology()
const files = filesOf(topology)
const everything = { hosts: [], nodes: [], allowUnreachable: false, inPlace: false }
const origin = { version: "1.2.3", deployment: "lab", topology: wantedDigest(topology, files, sha256) }

function planFor(observed: Observed) {
  const plan = planUp(topology, files, secretsOf(topology), observed)
  if ("refused" in plan) throw new Error("refused")
  return plan
}

function saved(observed: Observed): SavedPlan {
  const made = { made: "2026-11-23T12:00:00.000Z", by: "anna@desk" }
  return savedPlan({ ...origin, ...made }, worldFacts(topology, observed), everything, planFor(observed), sha256)
}

/** As it comes back from its file. */
function again(plan: SavedPlan): SavedPlan {
  const parsed = parseSavedPlan(JSON.stringify(plan), sha256)
  if (parsed === undefined) throw new Error("it does not read back")
  return parsed
}

const told = (issues: readonly { readonly path: string; readonly message: string }[]) =>
  issues.map(({ path, message }) => `${path}: ${message}`)

describe("a saved plan", () => {
  it("comes back from its file as it was, whatever its steps are", () => {
    for (const observed of [healthy(topology), bare(topology)]) {
      const plan = again(saved(observed))
      expect(plan).toEqual(JSON.parse(JSON.stringify(saved(observed))))
      expect([worldRefusals(plan, worldFacts(topology, observed), sha256), stepRefusals(plan, planFor(observed))]).toEqual([[], []])
    }
  })

  it.each([
    ["no JSON", "{"],
    ["something else", '{"schema":"gonka-ha/receipt/v2"}'],
    ["a later form", JSON.stringify({ ...saved(healthy(topology)), schema: "gonka-ha/saved-plan/v2" })],
    ["one with more in it", JSON.stringify({ ...saved(healthy(topology)), more: 1 })],
    ["one whose facts were changed by hand", JSON.stringify({ ...saved(healthy(topology)), facts: [] })],
    ["one whose digest was changed by hand", JSON.stringify({ ...saved(healthy(topology)), seen: "0".repeat(64) })],
  ])("is not %s", (_, text) => {
    expect(parseSavedPlan(text, sha256)).toBeUndefined()
  })
})

describe("a plan for something else", () => {
  const plan = saved(healthy(topology))
  const against = (changes: Partial<typeof origin>) => told(originRefusals(plan, { ...origin, ...changes }))

  it("is one of another deployment, version or topology", () => {
    expect(against({})).toEqual([])
    expect(against({ deployment: "other" })).toEqual(["lab: the plan is for this deployment, and the file describes other"])
    expect(against({ version: "1.2.4", topology: "0".repeat(64) })).toEqual([
      "lab: the plan was made by gonka-ha 1.2.3, and this is 1.2.4",
      "lab: the topology file, or what is rendered from it, has changed since the plan was made",
    ])
  })

  it("is told by a digest over all that is wanted, the maps in it included", () => {
    const digest = (of: typeof topology) => wantedDigest(of, filesOf(of), sha256)
    const patched = aTopology({ composePatches: new Map([["sentry-1", { mem_limit: "1g" }]]) })
    const reached = aTopology({ hosts: topology.hosts.map((each) => ({ ...each, connection: { kind: "local" as const } })) })
    const others = [withConfig("sentry-1", { "p2p.pex": false }), withNodeImage("node:2"), patched, reached].map(digest)
    expect(new Set([origin.topology, ...others]).size).toBe(5)
    expect(digest(aTopology({ composePatches: new Map() }))).toBe(origin.topology)
    const otherScript = new Map(
      [...files].map(([name, here]) => [name, { ...here, files: here.files.map((file) => ({ ...file, sha256: "0" })) }]),
    )
    expect(wantedDigest(topology, otherScript, sha256)).not.toBe(origin.topology)
  })
})

describe("a world that has moved", () => {
  const planned = changed(healthy(topology), container("sen-1", "sentry-1", { digest: "old" }))
  const plan = again(saved(planned))

  it("is refused, thing by thing", () => {
    const moved = changed(
      planned,
      container("sen-2", "sentry-2", "gone"),
      host("val-1", (before) => ({ files: new Map([...before.files, ["compose.yaml", "edited"]]) })),
    )
    expect(told(worldRefusals(plan, worldFacts(topology, moved), sha256))).toEqual([
      "sen-2: container lab-sentry-2 is gone",
      "val-1: file compose.yaml changed",
    ])
  })

  it("is one in which the plan is another, although nothing else has moved", () => {
    const stoodStill = changed(healthy(topology), container("val-2", "node-2-parking", { status: "exited" }))
    const late = changed(stoodStill, aged("node-2", 600_000))
    const before = again(saved(stoodStill))
    expect(worldRefusals(before, worldFacts(topology, late), sha256)).toEqual([])
    expect(told(stepRefusals(before, planFor(late)))).toEqual(["lab: needed now: node-2: wait until fresh"])
    expect(told(stepRefusals(again(saved(late)), planFor(stoodStill)))).toEqual([
      "lab: not needed as it was planned any more: node-2: wait until fresh",
    ])
  })

  it("is one in which another standby would take over", () => {
    const outdated = changed(healthy(topology), container("val-1", "node-1", { digest: "old" }))
    const alone = changed(outdated, aged("node-2", 600_000))
    expect(told(stepRefusals(again(saved(outdated)), planFor(alone)))).toEqual([
      "lab: not needed as it was planned any more: main: promote node-2, then restart node-1",
    ])
  })

  it("is one in which the order is another", () => {
    const now = planFor(planned)
    expect(told(stepRefusals(plan, { ...now, steps: [...now.steps].reverse() }))).toEqual([
      "lab: the same steps are needed in another order",
    ])
  })
})
