import { describe, expect, it } from "vitest"
import type { Observed } from "../../../../src/core/observe/state.ts"
import { planReport } from "../../../../src/core/plan/report-of.ts"
import { scopeOf } from "../../../../src/core/plan/scope.ts"
import { stepTitle } from "../../../../src/core/plan/step.ts"
import { planUp, type UpOptions, type UpPlan } from "../../../../src/core/plan/up.ts"
import {
  bare,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  secretsOf,
  signerStopped,
} from "../../../support/observed.ts"
import { fullTopology as topology } from "../../../support/sample-topologies.ts"

const files = filesOf(topology)

function up(observed: Observed, options: UpOptions = {}): UpPlan {
  const plan = planUp(topology, files, secretsOf(topology), observed, options)
  if ("refused" in plan) throw new Error(`refused: ${plan.refused.map(({ message }) => message).join("; ")}`)
  return plan
}

const upAfter = (changes: readonly Change[], options: UpOptions = {}) => up(changed(healthy(topology), ...changes), options)
const unitsOf = ({ units }: UpPlan) => units.map(({ kind, id }) => `${kind}:${id}`)
const outdated = (on: string, service: string) => container(on, service, { digest: "old" })
const edited = (on: string) => host(on, (seen) => ({ files: new Map([...seen.files, ["RUNBOOK.md", "edited"]]) }))
const titles = (plan: UpPlan, id: string) => plan.units.find((unit) => unit.id === id)?.steps.map(stepTitle)
const unit = (plan: UpPlan, id: string) => plan.units.find((each) => each.kind === "balancer" && each.id === id)

it("is nothing where all of them run as they are rendered", () => {
  expect(upAfter([]).units).toEqual([])
})

describe("a first bring-up", () => {
  const plan = up(bare(topology))

  it("starts load balancers after all nodes and signers, the api's first", () => {
    const names = unitsOf(plan)
    expect(names.slice(-4)).toEqual(["signer:main", "balancer:manager", "balancer:public-1", "balancer:public-2"])
    expect(unit(plan, "public-2")?.after).toEqual(names.filter((name) => /^(node|signer):/.test(name)))
    expect(titles(plan, "manager")).toEqual(["api-1: bring up manager-balancer", "manager-balancer: wait until it answers"])
  })

  it("lets them go side by side: nothing is shut for it", () => {
    expect(unit(plan, "public-2")).toMatchObject({ isCareful: false, needs: ["install:edge-2"] })
  })
})

describe("those that run", () => {
  it("are changed one after the other, and no door is shut while the one before stays shut", () => {
    const plan = upAfter([
      outdated("edge-1", "public-1-balancer"),
      outdated("edge-2", "public-2-balancer"),
      outdated("api-1", "manager-balancer"),
    ])
    expect(unitsOf(plan)).toEqual(["balancer:manager", "balancer:public-1", "balancer:public-2"])
    expect(plan.units.map(({ isCareful }) => isCareful)).toEqual([true, true, true])
    expect(plan.units.map(({ needs }) => needs)).toEqual([[], [], ["balancer:public-1"]])
  })

  it("wait for one that is down, which has nothing to lose", () => {
    const plan = upAfter([outdated("edge-1", "public-1-balancer"), container("edge-2", "public-2-balancer", { status: "exited" })])
    expect(unitsOf(plan)).toEqual(["balancer:public-2", "balancer:public-1"])
    expect(unit(plan, "public-1")?.needs).toEqual(["balancer:public-2"])
    expect(unit(plan, "public-2")).toMatchObject({ isCareful: false, needs: [] })
  })

  it("get their host's files right before, and not all at once", () => {
    const plan = upAfter([edited("edge-1"), outdated("edge-1", "public-1-balancer"), edited("edge-2")])
    expect(unitsOf(plan)).toEqual(["install:edge-2", "balancer:public-1"])
    expect(titles(plan, "public-1")?.[0]).toBe("edge-1: install 1 file")
  })

  it("let a signer on their host have its files before: it waits for none of them", () => {
    const moved = { ...topology, apis: topology.apis.map((api) => ({ ...api, host: "sig-1" })) }
    const observed = changed(healthy(moved), edited("sig-1"), outdated("sig-1", "manager-balancer"), signerStopped)
    const plan = planUp(moved, filesOf(moved), secretsOf(moved), observed)
    if ("refused" in plan) throw new Error("refused")
    expect(unitsOf(plan)).toEqual(["install:sig-1", "signer:main", "balancer:manager"])
    expect(unit(plan, "manager")).toMatchObject({ needs: ["install:sig-1"], after: ["signer:main"] })
  })
})

it("belongs to a host that is named, and to no node", () => {
  const changes = [outdated("edge-1", "public-1-balancer"), outdated("sen-1", "sentry-1")]
  const alone = upAfter(changes, { scope: scopeOf(topology, { hosts: ["edge-1"], nodes: [] }) })
  expect(unitsOf(alone)).toEqual(["balancer:public-1"])
  // It would wait for ever for a unit that nobody asked for.
  expect(unit(alone, "public-1")).toMatchObject({ needs: [], after: [] })
  expect(unitsOf(upAfter(changes, { scope: scopeOf(topology, { hosts: [], nodes: ["sentry-1"] }) }))).toEqual(["node:sentry-1"])
})

it("starts no signer for the first time when its first node has to be brought up and was not asked for", () => {
  const plan = up(bare(topology), { scope: scopeOf(topology, { hosts: ["sig-1"], nodes: [] }) })
  expect(unitsOf(plan)).toEqual(["install:sig-1"])
  expect(plan.heldBack.find(({ path }) => path === "main")?.message).toContain("has to be brought up first and was not asked for")
  const both = up(bare(topology), { scope: scopeOf(topology, { hosts: ["sig-1"], nodes: ["node-1"] }) })
  expect(unitsOf(both)).toContain("signer:main")
})

it("is not turned to nodes that failed: it needs those of its nodes that are changed, or are left by a promotion", () => {
  const [first] = topology.apis[0]?.upstreams ?? []
  const at = topology.nodes.find(({ name }) => name === first)?.host ?? ""
  const balancer = outdated("api-1", "manager-balancer")
  expect(unit(upAfter([balancer, outdated(at, first ?? "")]), "manager")?.needs).toEqual([`node:${first}`])
  const active = upAfter([balancer, outdated("val-1", "node-1")])
  expect(active.moves.map(({ from }) => from)).toEqual(["node-1"])
  expect(unit(active, "manager")?.needs).toEqual(["node:node-1"])
})

it("has its files brought by an install of their own where nodes or signers live: these and promotions come before", () => {
  const moved = { ...topology, apis: topology.apis.map((api) => ({ ...api, host: "sig-1" })) }
  const plan = planUp(
    moved,
    filesOf(moved),
    secretsOf(moved),
    changed(healthy(moved), edited("sig-1"), outdated("sig-1", "manager-balancer")),
  )
  expect(unitsOf(plan as UpPlan)).toEqual(["install:sig-1", "balancer:manager"])
})

it("is left out on a host that cannot be asked", () => {
  expect(unitsOf(upAfter([hostAway("edge-1", "timeout"), outdated("edge-2", "public-2-balancer")]))).toEqual(["balancer:public-2"])
})

it("is named when it is left over on a host", () => {
  const { heldBack } = planUp(
    { ...topology, edges: [] },
    filesOf({ ...topology, edges: [] }),
    secretsOf(topology),
    healthy(topology),
  ) as UpPlan
  expect(heldBack.map(({ path, message, fix }) => `${path}: ${message}; ${fix}`)[0]).toBe(
    "edge-1: base-public-1-balancer is running there, and the topology file has no such service on edge-1; if it is not needed any more: ssh edge-1 docker rm -f base-public-1-balancer",
  )
})

describe("what a restart costs", () => {
  const costs = (...changes: readonly Change[]) => {
    const observed = changed(healthy(topology), ...changes)
    const report = planReport({ topology, files, observed, installed: new Map() }, up(observed))
    return report.hosts.flatMap(({ steps }) => steps.flatMap(({ restart }) => restart?.cost ?? []))
  }

  it("is an api's node for a moment", () => {
    expect(costs(outdated("api-1", "manager-balancer"))).toEqual(["no block; api manager loses its node for about 2.0s, and dials again"])
  })

  it("is a door, and which other ones users have", () => {
    const one = outdated("edge-1", "public-1-balancer")
    expect(costs(one)).toEqual(["no block; the public door public-1 is closed for about 6.0s: users have public-2 meanwhile"])
    expect(costs(one, container("edge-2", "public-2-balancer", { status: "exited" }))).toEqual([
      "no block; the public door public-1 is closed for about 6.0s: users have no other entry point meanwhile",
    ])
  })
})
