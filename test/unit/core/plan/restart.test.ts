import { describe, expect, it } from "vitest"
import { planRestart } from "../../../../src/core/plan/restart.ts"
import { stepTitle } from "../../../../src/core/plan/step.ts"
import { nodeOf } from "../../../../src/core/topology.ts"
import {
  aged,
  aTopology,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  nodeAway,
  owner,
  record,
  signer,
  signerStopped,
} from "../../../support/observed.ts"

const topology = aTopology()
const PLAIN = aTopology({ policy: { ...topology.policy, standby: "plain" } })

function planOf(name: string, { costAccepted = false, of = topology } = {}, ...changes: readonly Change[]) {
  return planRestart(of, filesOf(of), changed(healthy(of), ...changes), nodeOf(of, name), { costAccepted })
}

function lines(...args: Parameters<typeof planOf>): readonly string[] {
  const plan = planOf(...args)
  return "refused" in plan ? plan.refused.map(({ path, message }) => `refused: ${path}: ${message}`) : plan.steps.map(stepTitle)
}

describe("a node that does not sign", () => {
  it("is restarted and waited for: a sentry, without any lock", () => {
    expect(planOf("sentry-1")).toMatchObject({ validators: [], costs: ["nothing: the private nodes keep 1 other sentry"] })
    expect(lines("sentry-1")).toEqual(["sentry-1: restart", "sentry-1: wait until fresh"])
  })

  it("is parked again when it is a hot standby, under the lock of its validator", () => {
    expect(planOf("node-2")).toMatchObject({ validators: ["main"] })
    expect(lines("node-2")).toEqual(["node-2: restart", "node-2: park", "node-2: wait until fresh"])
  })

  it("stays without a port when it is a plain standby", () => {
    const plain = [owner("node-2", "val-2", "plain"), host("val-2", () => ({ started: new Map([["node-2", "plain"]]) }))]
    expect(lines("node-2", { of: PLAIN }, ...plain)).toEqual(["node-2: restart", "node-2: wait until fresh"])
  })

  it("may be one that does not run, or is stale", () => {
    expect(lines("sentry-1", {}, container("sen-1", "sentry-1", { status: "exited" }), nodeAway("sentry-1"))).toHaveLength(2)
    expect(lines("node-2", {}, aged("node-2", 600_000))).toHaveLength(3)
  })
})

describe("the active node", () => {
  it("is refused, with the expected cost against what is left until jail", () => {
    expect(lines("node-1", {}, record({ missedBlocks: 3 }))).toEqual([
      "refused: main: signs through node-1: a restart costs about 17 blocks missed, of the 47 blocks left until jail",
    ])
    const plan = planOf("node-1")
    expect("refused" in plan && plan.refused[0]?.fix).toContain("--cost-accepted")
  })

  it("is restarted when the cost was accepted, and done when the chain shows its signatures", () => {
    expect(lines("node-1", { costAccepted: true })).toEqual([
      "node-1: restart",
      "main: signer connected to node-1",
      "main: see 2 blocks signed through node-1",
      "node-1: wait until fresh",
    ])
    expect(planOf("node-1", { costAccepted: true })).toMatchObject({
      validators: ["main"],
      steps: [{ kind: "node.restart", args: { node: "node-1", costAccepted: true } }, {}, {}, {}],
      costs: ["main: about 17 blocks missed, of the 50 blocks left until jail"],
    })
  })

  it("is refused all the same when the cost would eat what is kept in reserve, or nobody knows what is left", () => {
    expect(lines("node-1", { costAccepted: true }, record({ missedBlocks: 40 }))[0]).toMatch(
      /^refused: main: .*of the 10 blocks left.* in reserve$/,
    )
    const unknown: Change = (observed) => ({ ...observed, slashing: new Map([["main", { kind: "unknown", reason: "no node answers" }]]) })
    expect(lines("node-1", { costAccepted: true }, unknown)[0]).toMatch(/^refused: main: .*no node answers$/)
  })
})

describe("what is not clear is refused, whatever was accepted", () => {
  it.each([
    {
      what: "the signer's host is away",
      node: "node-2",
      change: hostAway("sig-1"),
      says: "it is not clear whether it signs through node-2",
    },
    { what: "a move was left half-way", node: "node-2", change: pendingTo("node-2"), says: "promote to node-2 was begun" },
    { what: "a signer stands still that is meant for it", node: "node-1", change: signerStopped, says: "its signer is meant for node-1" },
    {
      what: "its port is a signer's that is elsewhere",
      node: "node-2",
      change: owner("node-2", "val-2", "validator"),
      says: "its privval port belongs to the validator's signer",
    },
    {
      what: "nobody has its port",
      node: "node-2",
      change: owner("node-2", "val-2", undefined),
      says: "its privval port belongs to nobody",
    },
    {
      what: "its container is older than its files",
      node: "sentry-1",
      change: container("sen-1", "sentry-1", { digest: "older" }),
      says: "runs on an older configuration",
    },
  ])("$what", ({ node, change, says }) => {
    for (const costAccepted of [false, true]) expect(lines(node, { costAccepted }, change).join()).toContain(says)
    expect(lines(node, {}, change).every((line) => line.startsWith("refused: "))).toBe(true)
  })

  it("but not what has nothing to do with the node", () => {
    expect(lines("sentry-1", {}, hostAway("sig-1"))[0]).toBe("sentry-1: restart")
    expect(lines("sentry-1", {}, pendingTo("node-2"))[0]).toBe("sentry-1: restart")
    expect(lines("node-2", {}, hostAway("sen-1"))[0]).toBe("node-2: restart")
  })
})

describe("the last fresh sentry", () => {
  const alone = aged("sentry-2", 600_000)

  it("is refused: the private nodes would hear nothing meanwhile", () => {
    expect(lines("sentry-1", {}, alone)[0]).toMatch(/^refused: sentry-1: .*no other sentry is fresh/)
    expect(lines("sentry-1", { costAccepted: true }, alone)[0]).toBe("sentry-1: restart")
  })

  it("is not the one that is stale itself", () => {
    expect(lines("sentry-2", {}, alone)[0]).toBe("sentry-2: restart")
  })
})

function pendingTo(to: string): Change {
  return signer({
    operation: { id: "1", kind: "promote", from: "node-1", to, by: "anna@desk", since: "2026-11-23T11:59:00Z", startHeight: 900 },
  })
}
