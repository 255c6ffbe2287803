import { expect, it } from "vitest"
import { whyToWait } from "../../../../src/core/plan/unavailability.ts"
import { nodeOf } from "../../../../src/core/topology.ts"
import { aged, aTopology, type Change, changed, container, healthy, hostAway, nodeAway } from "../../../support/observed.ts"

const topology = aTopology()
const why = (name: string, ...changes: readonly Change[]) =>
  whyToWait(topology, changed(healthy(topology), ...changes), nodeOf(topology, name))

it.each([
  ["all are well", "sentry-1", [], undefined],
  ["another sentry is ill", "sentry-1", [nodeAway("sentry-2")], "sentry-2 is unknown: one sentry node at a time is away, not two"],
  ["another private node is late", "node-2", [aged("node-1", 600_000)], "node-1 is stale: one private node at a time is away, not two"],
  ["one of another kind is ill", "node-2", [nodeAway("sentry-1")], undefined],
  ["it is ill itself", "sentry-1", [aged("sentry-1", 600_000), nodeAway("sentry-2")], undefined],
  ["the other one was never started", "node-2", [container("val-1", "node-1", "gone"), nodeAway("node-1")], undefined],
  ["the other one's host is away", "node-2", [hostAway("val-1"), nodeAway("node-1")], undefined],
  [
    "the last sentry that is well",
    "sentry-1",
    [hostAway("sen-2"), nodeAway("sentry-2")],
    "no other sentry is fresh: the private nodes would have none",
  ],
] as const)("when %s, %s", (_, name, changes, expected) => {
  expect(why(name, ...changes)).toBe(expected)
})
