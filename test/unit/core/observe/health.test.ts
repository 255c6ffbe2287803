import { describe, expect, it } from "vitest"
import { chainTip, everythingIsStale, healthOf, positionOf } from "../../../../src/core/observe/health.ts"
import { aged, aTopology, bare, type Change, changed, healthy, node, nodeAway } from "../../../support/observed.ts"

const topology = aTopology()
const judge = (...changes: readonly Change[]) => healthOf(changed(healthy(topology), ...changes), "node-1", topology.policy)

it.each<{ readonly name: string; readonly changes: readonly Change[]; readonly verdict: string; readonly reasons: readonly string[] }>([
  { name: "at the tip", changes: [], verdict: "fresh", reasons: [] },
  { name: "three blocks behind", changes: [node("node-1", { height: 997 })], verdict: "fresh", reasons: [] },
  {
    name: "four blocks behind",
    changes: [node("node-1", { height: 996 })],
    verdict: "lagging",
    reasons: ["4 blocks behind, limit 3"],
  },
  { name: "without peers", changes: [node("node-1", { peerIds: [] })], verdict: "lagging", reasons: ["has no peers"] },
  {
    name: "behind and without peers",
    changes: [node("node-1", { height: 900, peerIds: [] })],
    verdict: "lagging",
    reasons: ["100 blocks behind, limit 3", "has no peers"],
  },
  { name: "just within the limit", changes: [aged("node-1", 20_000)], verdict: "fresh", reasons: [] },
  {
    name: "just past the limit",
    changes: [aged("node-1", 20_001)],
    verdict: "stale",
    reasons: ["newest block is 20.0s old, limit 20.0s"],
  },
  { name: "at height 0", changes: [node("node-1", { height: 0 })], verdict: "stale", reasons: ["has no block yet"] },
  { name: "silent", changes: [nodeAway("node-1", "no answer within 3000 ms")], verdict: "unknown", reasons: ["no answer within 3000 ms"] },
  { name: "from a clock ahead of ours", changes: [aged("node-1", -5000)], verdict: "fresh", reasons: [] },
])("a node $name is $verdict", ({ changes, verdict, reasons }) => {
  expect(judge(...changes)).toEqual({ verdict, reasons })
})

it("has no opinion of a node that was not asked", () => {
  expect(healthOf(healthy(topology), "node-9", topology.policy)).toEqual({ verdict: "unknown", reasons: ["was not asked"] })
})

describe("the tip", () => {
  it("is the best of all nodes, and the youngest", () => {
    const observed = changed(healthy(topology), node("node-2", { height: 1003 }), aged("sentry-1", 400))
    expect(chainTip(observed)).toEqual({ height: 1003, ageMs: 400 })
    expect(positionOf(observed, "node-1")).toEqual({ height: 1000, lagBlocks: 3 })
  })

  it("is unknown when no node answers", () => {
    expect(chainTip(bare(topology))).toBeUndefined()
    expect(positionOf(bare(topology), "node-1")).toBeUndefined()
    expect(everythingIsStale(bare(topology), topology.policy)).toBe(false)
  })
})

it("tells a chain that stands still from one stale node", () => {
  const old = topology.nodes.map(({ name }) => aged(name, 30_000))
  expect(everythingIsStale(changed(healthy(topology), ...old), topology.policy)).toBe(true)
  expect(everythingIsStale(changed(healthy(topology), ...old.slice(1)), topology.policy)).toBe(false)
})
