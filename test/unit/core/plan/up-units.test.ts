import { describe, expect, it } from "vitest"
import type { Observed } from "../../../../src/core/observe/state.ts"
import { scopeOf } from "../../../../src/core/plan/scope.ts"
import { stepTitle } from "../../../../src/core/plan/step.ts"
import { planUp, type UpOptions, type UpPlan } from "../../../../src/core/plan/up.ts"
import {
  aged,
  aTopology,
  bare,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  nodeAway,
  secretsOf,
  signerStopped,
} from "../../../support/observed.ts"

const topology = aTopology()

function up(observed: Observed, options: UpOptions = {}): UpPlan {
  const plan = planUp(topology, filesOf(topology), secretsOf(topology), observed, options)
  if ("refused" in plan) throw new Error(`refused: ${plan.refused.map(({ message }) => message).join("; ")}`)
  return plan
}

const upAfter = (changes: readonly Change[], options: UpOptions = {}) => up(changed(healthy(topology), ...changes), options)
const unitsOf = ({ units }: UpPlan) => units.map(({ kind, id }) => `${kind}:${id}`)
const heldBack = ({ heldBack: issues }: UpPlan) => issues.map(({ path, message }) => `${path}: ${message}`)
const outdated = (on: string, service: string) => container(on, service, { digest: "old" })
const edited = (on: string) => host(on, ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))
const asked = (hosts: readonly string[], nodes: readonly string[] = []) => ({ scope: scopeOf(topology, { hosts, nodes }) })

describe("the parts of a first bring-up", () => {
  const { units, steps } = up(bare(topology))
  const part = (name: string) => units.find(({ kind, id }) => `${kind}:${id}` === name)

  it("are the files of each host, its nodes, and then the signer at the node where it starts", () => {
    expect(units.map(({ kind, id }) => `${kind}:${id}`)).toEqual([
      ...["install:sen-1", "install:sen-2", "install:sig-1", "install:val-1", "install:val-2"],
      ...["node:sentry-1", "node:sentry-2", "node:node-1", "node:node-2", "signer:main"],
    ])
    expect(part("node:node-1")).toMatchObject({ needs: ["install:val-1"], isCareful: false, validators: ["main"] })
    expect(part("signer:main")).toMatchObject({ needs: ["install:sig-1", "node:node-1"], after: ["node:node-1", "node:node-2"] })
  })

  it("are all of its steps", () => {
    expect(units.flatMap((unit) => unit.steps)).toEqual(steps)
  })
})

describe("on hosts that run", () => {
  it("files come right before the node that takes them, and by themselves where no node is touched", () => {
    const plan = upAfter([edited("sen-1"), edited("sen-2"), outdated("sen-2", "sentry-2")])
    expect(unitsOf(plan)).toEqual(["install:sen-1", "node:sentry-2"])
    expect(plan.units[1]?.steps.map(stepTitle)).toEqual(["sen-2: install 1 file", "sen-2: bring up sentry-2", "sentry-2: wait until fresh"])
    expect(plan.units[1]?.isCareful).toBe(true)
  })

  it("a node that is down is mended without care", () => {
    const plan = upAfter([container("sen-2", "sentry-2", { status: "exited" }), nodeAway("sentry-2")])
    expect(plan.units[0]?.isCareful).toBe(false)
  })
})

describe("a changed active node", () => {
  it("is left by a promotion, after everything else", () => {
    const plan = upAfter([outdated("val-1", "node-1"), outdated("val-2", "node-2")])
    expect([unitsOf(plan), plan.moves]).toEqual([
      ["node:node-2"],
      [{ validator: "main", from: "node-1", to: "node-2", cause: "node-1 runs on an older configuration" }],
    ])
    expect(plan.heldBack).toEqual([])
  })

  it.each<[string, readonly Change[]]>([
    ["is stale", [aged("node-2", 600_000)]],
    ["has no container", [container("val-2", "node-2", "gone"), nodeAway("node-2")]],
  ])("is held back when its only standby %s", (_, changes) => {
    const plan = upAfter([outdated("val-1", "node-1"), ...changes])
    expect(plan.moves).toEqual([])
    expect(heldBack(plan)).toEqual([
      "node-1: node-1 runs on an older configuration, but node-1 is the active validator: its restart would miss blocks; and no other candidate of main is fresh",
    ])
  })

  it("is held back while its signer does not run", () => {
    const plan = upAfter([outdated("val-1", "node-1"), signerStopped])
    expect(plan.moves).toEqual([])
    expect(heldBack(plan)[0]).toContain("its restart would miss blocks")
  })

  it("is restarted where it is when that was asked for, and the signer is seen to come back", () => {
    const plan = upAfter([outdated("val-1", "node-1")], { inPlace: true })
    expect([plan.moves, plan.heldBack]).toEqual([[], []])
    expect(plan.steps.map(stepTitle)).toEqual([
      "val-1: bring up node-1",
      "main: signer connected to node-1",
      "main: see 2 blocks signed through node-1",
      "node-1: wait until fresh",
    ])
    expect(plan.steps[0]?.args).toMatchObject({ costAccepted: true })
    expect(plan.steps[0]?.cause).toContain("restarted in place, which costs about")
  })
})

describe("a part of the deployment", () => {
  const everywhere = [
    edited("sen-1"),
    edited("val-2"),
    outdated("sen-2", "sentry-2"),
    outdated("val-2", "node-2"),
    outdated("val-1", "node-1"),
  ]

  it.each([
    ["a host", asked(["sen-1"]), ["install:sen-1"], 0],
    ["a node, with the files of its host", asked([], ["node-2"]), ["node:node-2"], 0],
    ["a host and a node", asked(["sen-2"], ["node-1"]), ["node:sentry-2"], 1],
    ["everything", {}, ["install:sen-1", "node:sentry-2", "node:node-2"], 1],
  ])("is %s", (_, options, units, moves) => {
    const plan = upAfter(everywhere, options)
    expect([unitsOf(plan), plan.moves.length]).toEqual([units, moves])
    expect(plan.steps).toEqual(plan.units.flatMap(({ steps }) => steps))
  })

  it("is told about alone", () => {
    const changes = [outdated("val-1", "node-1"), aged("node-2", 600_000)]
    expect(upAfter(changes, asked(["sen-1"])).heldBack).toEqual([])
    expect(upAfter(changes, asked(["val-1"])).heldBack).toHaveLength(1)
  })

  it("names what there is when there is no such host or node", () => {
    expect(() => scopeOf(topology, { hosts: ["sen-9"], nodes: [] })).toThrow("there is no host sen-9")
    expect(() => scopeOf(topology, { hosts: [], nodes: ["node-9"] })).toThrow("there is no node node-9")
  })
})

describe("hosts that cannot be asked", () => {
  it("are left out and named, and the others are brought up", () => {
    const plan = upAfter([hostAway("sen-2", "timeout"), nodeAway("sentry-2"), outdated("sen-1", "sentry-1"), outdated("val-2", "node-2")])
    expect(unitsOf(plan)).toEqual(["node:sentry-1", "node:node-2"])
    expect(heldBack(plan)).toEqual(["sen-2: timeout"])
  })

  it("keep everything that may sign as it is when one of them is the signer's", () => {
    const plan = upAfter([hostAway("sig-1", "timeout"), outdated("sen-1", "sentry-1"), outdated("val-2", "node-2")])
    expect([unitsOf(plan), plan.moves]).toEqual([["node:sentry-1"], []])
    expect(heldBack(plan)).toEqual([
      "sig-1: timeout",
      "node-1: whether main signs through it is not known while sig-1 cannot be asked",
      "node-2: whether main signs through it is not known while sig-1 cannot be asked",
    ])
  })

  it("keep a stopped signer stopped: another one might run there", () => {
    const plan = upAfter([hostAway("sen-2", "timeout"), signerStopped])
    expect(unitsOf(plan)).toEqual([])
    expect(heldBack(plan)).toEqual([
      "sen-2: timeout",
      "main: its signer is not started while sen-2 cannot be asked: another one might run there",
    ])
  })
})
