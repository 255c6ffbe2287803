import { describe, expect, it } from "vitest"
import { activeRestart, restartOf } from "../../../../src/core/plan/restart-cost.ts"
import type { Step } from "../../../../src/core/plan/step.ts"
import type { Topology } from "../../../../src/core/topology.ts"
import { nodeOf } from "../../../../src/core/topology.ts"
import { aTopology, type Change, changed, container, filesOf, healthy, nodeAway, record, theValidator } from "../../../support/observed.ts"

const topology = aTopology()
const bringUp = (host: string, service: string): Step => ({ kind: "service.up", args: { host, service }, cause: "" })

function costOf(step: Step, changes: readonly Change[], on: Topology = topology) {
  return restartOf(on, filesOf(on), changed(healthy(on), ...changes), step)
}

const old = (host: string, service: string) => container(host, service, { digest: "old" })
const serving = (sentry: string) =>
  aTopology({
    nodes: topology.nodes.map((node) => (node.name === sentry ? { ...node, publicServices: ["rpc" as const, "rest" as const] } : node)),
  })

describe("a restart of", () => {
  it("a sentry costs nothing while another one serves the private nodes", () => {
    expect(costOf(bringUp("sen-1", "sentry-1"), [old("sen-1", "sentry-1")])).toEqual({
      service: "sentry-1",
      awayMs: 15_000 + 2 * topology.chain.blockMs,
      cost: "nothing: the private nodes keep 1 other sentry",
    })
  })

  it("a sentry that answers users takes that away", () => {
    expect(costOf(bringUp("sen-1", "sentry-1"), [old("sen-1", "sentry-1")], serving("sentry-1"))?.cost).toMatch(
      /^its public rpc, rest away for about \d+\.\ds$/,
    )
  })

  it("the last fresh sentry costs the validator blocks", () => {
    expect(costOf(bringUp("sen-1", "sentry-1"), [old("sen-1", "sentry-1"), nodeAway("sentry-2")])?.cost).toMatch(
      /^no other sentry is fresh: the private nodes get no block meanwhile, and a validator misses about \d+ blocks$/,
    )
  })

  it("the only standby leaves none", () => {
    expect(costOf(bringUp("val-2", "node-2"), [old("val-2", "node-2")])?.cost).toMatch(/^no block; main has no fresh standby for about /)
  })

  it("one of two standbys costs nothing", () => {
    const three = aTopology({
      nodes: [...topology.nodes, { ...nodeOf(topology, "node-2"), name: "node-3", host: "sen-2" }],
      validators: [{ ...theValidator(topology), candidates: ["node-1", "node-2", "node-3"] }],
    })
    expect(costOf(bringUp("val-2", "node-2"), [old("val-2", "node-2")], three)?.cost).toBe("nothing: it does not sign")
  })

  it("a parking signer costs nothing", () => {
    expect(costOf(bringUp("val-2", "node-2-parking"), [old("val-2", "node-2-parking")])).toEqual({
      service: "node-2-parking",
      awayMs: undefined,
      cost: "nothing: node-2 does not sign, and waits for it a moment",
    })
  })

  it("the active node costs blocks of the jail budget", () => {
    const node = nodeOf(topology, "node-1")
    const cost = (...changes: readonly Change[]) =>
      activeRestart(topology, changed(healthy(topology), ...changes), theValidator(topology), node).cost
    expect(cost(record({ missedBlocks: 4 }))).toMatch(/^about \d+ blocks missed, of the 46 blocks left until jail$/)
    expect(cost((observed) => ({ ...observed, slashing: new Map() }))).toMatch(/and what is left until jail is not known$/)
  })

  it("a node by itself counts too", () => {
    const step: Step = { kind: "node.restart", args: { node: "node-2" }, cause: "" }
    expect(costOf(step, [])?.service).toBe("node-2")
    expect(costOf(step, [container("val-2", "node-2", { status: "exited" })])).toBeUndefined()
  })
})

describe("nothing is restarted by", () => {
  const silent: readonly { readonly name: string; readonly step: Step; readonly changes: readonly Change[] }[] = [
    { name: "a first start", step: bringUp("sen-1", "sentry-1"), changes: [container("sen-1", "sentry-1", "gone")] },
    { name: "a start", step: bringUp("sen-1", "sentry-1"), changes: [container("sen-1", "sentry-1", { status: "exited" })] },
    {
      name: "a start with a new configuration",
      step: bringUp("sen-1", "sentry-1"),
      changes: [container("sen-1", "sentry-1", { status: "exited", digest: "old" })],
    },
    { name: "files", step: { kind: "files.push", args: { host: "sen-1", paths: ["compose.yaml"] }, cause: "" }, changes: [] },
    {
      name: "a container that is only made",
      step: { kind: "service.create", args: { host: "val-1", service: "node-1-parking" }, cause: "" },
      changes: [old("val-1", "node-1-parking")],
    },
  ]

  it.each(silent)("$name", ({ step, changes }) => {
    expect(costOf(step, changes)).toBeUndefined()
  })
})
