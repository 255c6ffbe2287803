import { describe, expect, it } from "vitest"
import { graphOf } from "../../../../src/core/graph/graph-of.ts"
import { type GraphView, graphView } from "../../../../src/core/graph/graph-view.ts"
import type { LinkKind } from "../../../../src/core/graph/model.ts"
import type { Spec } from "../../../../src/core/spec/schema.ts"
import { goldenSpec } from "../../../support/golden-specs.ts"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"

function specOf(...texts: readonly string[]): Spec {
  const { spec, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return spec
}

function lines({ edges }: GraphView, kind: LinkKind): readonly string[] {
  return edges.filter((edge) => edge.kind === kind).map(({ from, to, standby }) => `${from} ${standby ? ".." : "--"} ${to}`)
}

describe("a small deployment", () => {
  const spec = specOf(RULE_BASE)
  const base = graphView(spec)

  it("has hosts with addresses and places, and everything on them", () => {
    expect(base.hosts).toContainEqual({ name: "sen-1", private: "10.0.0.11", public: "203.0.113.11", provider: "one", site: "one-a" })
    expect(base.nodes).toContainEqual({ id: "sentry/sentry-1", kind: "sentry", name: "sentry-1", host: "sen-1" })
    expect(base.nodes).toContainEqual({ id: "network", kind: "network", name: "network" })
    const items = graphOf(spec).hosts.flatMap(({ groups }) => groups.flatMap((group) => group.items))
    expect(base.nodes.filter(({ host }) => host !== undefined)).toHaveLength(items.length)
  })

  it("tells who signs and who reads first from those that wait", () => {
    expect(lines(base, "privval")).toEqual([
      "private/node-1 -- signer/main",
      "private/node-2 .. signer/main",
      "private/node-3 .. signer/main",
    ])
    expect(lines(base, "reads")).toEqual([
      "private/node-2 -- api/manager",
      "private/node-3 .. api/manager",
      "private/node-1 .. api/manager",
    ])
  })

  it("tells which queries an entry point passes on to whom", () => {
    expect(lines(base, "users")).toEqual(["users -- entry-point/public-1", "users -- entry-point/public-2"])
    const queries = base.edges.filter(({ kind }) => kind === "queries")
    expect(queries.map(({ to }) => to)).toEqual(["sentry/sentry-1", "sentry/sentry-2", "sentry/sentry-1", "sentry/sentry-2"])
    expect(queries[0]?.services).toContain("rpc")
  })
})

it("has every line for itself where the picture bundles them, and each end is a node", () => {
  const fleet = graphView(specOf(...goldenSpec("fleet").texts))
  const count = (kind: string) => fleet.nodes.filter((node) => node.kind === kind).length
  expect(lines(fleet, "p2p")).toHaveLength(count("sentry") * count("private"))
  const ids = fleet.nodes.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(fleet.edges.flatMap(({ from, to }) => [from, to]).filter((end) => !ids.includes(end))).toEqual([])
  expect(fleet.nodes.flatMap(({ host }) => host ?? []).filter((host) => !fleet.hosts.some(({ name }) => name === host))).toEqual([])
})
