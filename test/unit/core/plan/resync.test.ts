import { describe, expect, it } from "vitest"
import type { ChainData } from "../../../../src/core/observe/chain-data.ts"
import { seen, unknown } from "../../../../src/core/observe/state.ts"
import { needsLock } from "../../../../src/core/plan/needs-lock.ts"
import { planResync } from "../../../../src/core/plan/resync.ts"
import { stepTitle } from "../../../../src/core/plan/step.ts"
import { nodeOf, type Topology } from "../../../../src/core/topology.ts"
import {
  aged,
  aTopology,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  hostAway,
  node,
  nodeAway,
  owner,
  signer,
  signerStopped,
} from "../../../support/observed.ts"
import { PaperWorld } from "../../../support/paper-world.ts"

const topology = aTopology()
/** Private nodes begin at the sentries' snapshots. */
const SENTRIES = aTopology({
  nodes: topology.nodes.map((each) =>
    each.role === "private"
      ? { ...each, bootstrap: "sentries" }
      : { ...each, bootstrap: "network", snapshots: { intervalBlocks: 1000, keep: 2 } },
  ),
})
const GIB = 1024 ** 3

const DATA: ChainData = {
  place: "ordinary",
  program: "image",
  dataBytes: 10 * GIB,
  asideBytes: 0,
  incomingBytes: 0,
  disk: seen({ totalBytes: 500 * GIB, freeBytes: 200 * GIB }),
}

type Case = {
  readonly from?: string
  readonly costAccepted?: boolean
  readonly of?: Topology
  readonly own?: Partial<ChainData>
  readonly others?: Partial<ChainData>
}

function planOf(
  name: string,
  { from, costAccepted = true, of = SENTRIES, own = {}, others = {} }: Case = {},
  ...changes: readonly Change[]
) {
  return planResync(of, filesOf(of), changed(healthy(of), ...changes), {
    target: { node: nodeOf(of, name), data: { ...DATA, ...own } },
    sibling: from === undefined ? undefined : { node: nodeOf(of, from), data: { ...DATA, ...others } },
    costAccepted,
  })
}

function lines(...args: Parameters<typeof planOf>): readonly string[] {
  const plan = planOf(...args)
  return "refused" in plan ? plan.refused.map(({ path, message }) => `refused: ${path}: ${message}`) : plan.steps.map(stepTitle)
}

const STALE = aged("node-2", 600_000)

describe("a node without a sibling to copy from", () => {
  it("begins anew: a hot standby is parked again, and all of that is done under the signer's lock", () => {
    const plan = planOf("node-2", {}, STALE)
    expect(lines("node-2", {}, STALE)).toEqual([
      "node-2: set its chain data aside, and start it without any",
      "node-2: park",
      "node-2: wait until fresh",
    ])
    if ("refused" in plan) throw new Error("refused")
    expect(plan.steps.map(needsLock)).toEqual([true, true, false])
    expect(plan).toMatchObject({ validators: ["main"], costs: [] })
    expect(plan.notes).toEqual([
      "it begins at a snapshot of the deployment's own sentries, at a block on which two sources agree",
      "the 10.0 GiB that node-2 has now are set aside on val-2, and nothing is deleted",
    ])
  })

  it("is told where it begins", () => {
    const genesis = aTopology({ nodes: topology.nodes.map((each) => ({ ...each, bootstrap: "genesis" })) })
    expect(planOf("sentry-1")).toMatchObject({ notes: [expect.stringContaining("two of chain.stateSync.rpc agree"), expect.anything()] })
    expect(planOf("node-2", { of: genesis })).toMatchObject({ notes: [expect.stringContaining("from its first block"), expect.anything()] })
  })

  it("is refused where no sentry could give it a snapshot, and only then", () => {
    const away = [nodeAway("sentry-1"), aged("sentry-2", 600_000)]
    expect(lines("node-2", {}, STALE, ...away).join()).toContain("no sentry that keeps some is fresh")
    expect(lines("node-2", {}, STALE, nodeAway("sentry-1"))).toHaveLength(3)
  })

  it("needs room, but counts what is left of an unfinished copy", () => {
    const full = { disk: seen({ totalBytes: 500 * GIB, freeBytes: 2 * GIB }) }
    expect(lines("node-2", { own: full }, STALE)).toEqual(["refused: val-2: 2.0 GiB are free, and 5.0 GiB or 10 % must be"])
    expect(lines("node-2", { own: { ...full, incomingBytes: 4 * GIB } }, STALE)).toHaveLength(3)
    expect(lines("node-2", { own: { disk: unknown("no df") } }, STALE)).toEqual([
      "refused: val-2: the free space for node-2 is not known: no df",
    ])
  })

  it.each(["link", "mount"] as const)("is refused when its data is a %s, which cannot be renamed", (place) => {
    expect(lines("node-2", { own: { place } }, STALE).join()).toContain("cannot be set aside by renaming it")
  })
})

describe("a copy from a sibling", () => {
  it("has the sibling back before it touches the node", () => {
    expect(lines("node-2", { from: "sentry-1" }, STALE)).toEqual([
      "node-2: copy the chain data of sentry-1, which stands still meanwhile",
      "sentry-1: wait until fresh",
      "node-2: set its chain data aside, and start it on the copy",
      "node-2: park",
      "node-2: wait until fresh",
    ])
    expect(planOf("node-2", { from: "sentry-1" }, STALE)).toMatchObject({
      validators: ["main"],
      notes: [
        "about 10.0 GiB are copied from sen-1 to val-2 through this machine, and sentry-1 stands still for that long",
        "sentry-1 keeps another stretch of the past than node-2 is to: after the copy it has what sentry-1 had",
        expect.anything(),
      ],
    })
  })

  it("takes the sibling's locks, too, and parks it again", () => {
    expect(planOf("sentry-1", { from: "node-2" })).toMatchObject({
      validators: ["main"],
      steps: [
        { kind: "data.copy" },
        { kind: "standby.park", args: { node: "node-2" } },
        { kind: "node.fresh" },
        { kind: "data.renew" },
        {},
      ],
    })
  })

  it.each([
    { what: "is not fresh", from: "sentry-1", change: aged("sentry-1", 600_000), says: "refused: sentry-1: is stale" },
    { what: "is on another chain", from: "sentry-1", change: node("sentry-1", { network: "other-1" }), says: "is on the chain other-1" },
    {
      what: "runs another image",
      from: "sentry-1",
      change: container("sen-1", "sentry-1", { image: "older:1" }),
      says: "refused: sentry-1: runs older:1",
    },
    {
      what: "is outdated",
      from: "sentry-1",
      change: container("sen-1", "sentry-1", { digest: "older" }),
      says: "runs on an older configuration",
    },
    { what: "signs", from: "node-1", change: STALE, says: "refused: main: signs through node-1, which is not stopped for this" },
  ])("is refused from one that $what", ({ from, change, says }) => {
    const refusals = lines("node-2", { from }, STALE, change)
    expect(refusals.join()).toContain(says)
    expect(refusals.every((line) => line.startsWith("refused: "))).toBe(true)
  })

  it("is refused when the programs differ, there is nothing to copy, or no room for it", () => {
    const from = "sentry-1"
    expect(lines("node-2", { from, others: { program: "a".repeat(64) } }, STALE).join()).toContain("cosmovisor runs another program")
    expect(lines("node-2", { from, others: { dataBytes: 0 } }, STALE)).toEqual(["refused: sentry-1: has no chain data"])
    expect(lines("node-2", { from, others: { dataBytes: 300 * GIB } }, STALE)).toEqual([
      "refused: val-2: 200.0 GiB are free, and the copy needs 300.5 GiB",
    ])
  })

  it("needs no snapshot", () => {
    const none = aTopology({ nodes: SENTRIES.nodes.map((each) => ({ ...each, snapshots: undefined })) })
    expect(lines("node-2", { of: none }, STALE).join()).toContain("no sentry that keeps some is fresh")
    expect(lines("node-2", { of: none, from: "sentry-1" }, STALE)).toHaveLength(5)
  })
})

describe("the node that signs, or is meant to", () => {
  it.each([
    { what: "signs", name: "node-1", change: STALE, says: "signs through node-1, which is not stopped for this" },
    { what: "a stopped signer is aimed at", name: "node-1", change: signerStopped, says: "its signer is meant for node-1" },
    { what: "may sign, with the signer's host away", name: "node-2", change: hostAway("sig-1"), says: "it is not clear whether it signs" },
    {
      what: "a move was begun to",
      name: "node-2",
      change: signer({
        operation: { id: "1", kind: "promote", from: "node-1", to: "node-2", by: "anna@desk", since: "then", startHeight: 900 },
      }),
      says: "promote to node-2 was begun",
    },
    {
      what: "has the signer's port",
      name: "node-2",
      change: owner("node-2", "val-2", "validator"),
      says: "belongs to the validator's signer",
    },
    { what: "has nobody's port", name: "node-2", change: owner("node-2", "val-2", undefined), says: "belongs to nobody" },
  ])("is refused, whatever was accepted: one that $what", ({ name, change, says }) => {
    const refusals = lines(name, {}, change)
    expect(refusals.join()).toContain(says)
    expect(refusals.every((line) => line.startsWith("refused: "))).toBe(true)
  })
})

describe("what is missed meanwhile", () => {
  it("is refused until it is accepted: the only fresh standby", () => {
    expect(lines("node-2", { costAccepted: false })).toEqual(["refused: node-2: main has no fresh standby while node-2 is away"])
    expect(planOf("node-2")).toMatchObject({ costs: ["main has no fresh standby while node-2 is away"] })
  })

  it("is refused until it is accepted: the last fresh sentry, also as a sibling", () => {
    const other = aged("sentry-2", 600_000)
    expect(lines("sentry-1", { costAccepted: false }, other).join()).toContain("no other sentry is fresh")
    expect(lines("node-2", { costAccepted: false, from: "sentry-1" }, other, STALE).join()).toContain("no other sentry is fresh")
  })

  it("is nothing where the node is not well anyway", () => {
    expect(lines("node-2", { costAccepted: false }, STALE)).toHaveLength(3)
    expect(lines("sentry-1", { costAccepted: false })).toHaveLength(2)
  })
})

describe("carried out on paper", () => {
  it.each([undefined, "sentry-1"])(
    "from %s: the node follows again, the validator signs all the while, its signer is not touched",
    (from) => {
      const world = PaperWorld.running(SENTRIES)
      const files = filesOf(SENTRIES)
      const plan = planResync(SENTRIES, files, world.observed(), {
        target: { node: nodeOf(SENTRIES, "node-2"), data: DATA },
        sibling: from === undefined ? undefined : { node: nodeOf(SENTRIES, from), data: DATA },
        costAccepted: true,
      })
      if ("refused" in plan) throw new Error(JSON.stringify(plan.refused))
      const before = { aim: world.aim, floor: world.floor }
      for (const step of plan.steps) {
        world.apply(step, {})
        world.tick()
        expect(world.signsThrough()).toBe("node-1")
        expect(world.state?.height).toBe(world.tip)
      }
      expect(world.isParked("node-2")).toBe(true)
      expect(world.node("node-2").height).toBeGreaterThanOrEqual(world.tip - 1)
      expect({ aim: world.aim, floor: world.floor }).toEqual(before)
    },
  )
})
