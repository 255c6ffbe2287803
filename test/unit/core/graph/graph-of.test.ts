import { describe, expect, it } from "vitest"
import { graphOf } from "../../../../src/core/graph/graph-of.ts"
import type { End, Graph, LinkKind } from "../../../../src/core/graph/model.ts"
import { goldenSpec, goldenSpecs } from "../../../support/golden-specs.ts"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"

function graph(...texts: readonly string[]): Graph {
  const { spec, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return graphOf(spec)
}

const shown = ({ kind, id }: End) => (kind === "item" ? id : `[${id}]`)

function lines({ links }: Graph, kind: LinkKind): readonly string[] {
  return links
    .filter((link) => link.kind === kind)
    .map(({ from, to, style }) => `${shown(from)} ${style === "solid" ? "--" : ".."} ${shown(to)}`)
}

describe("a small deployment", () => {
  const base = graph(RULE_BASE)

  it("has a box for each host, with addresses, places and what runs there", () => {
    expect(base.hosts.find(({ name }) => name === "sen-1")).toEqual({
      id: "host_sen_1",
      name: "sen-1",
      lines: ["10.0.0.11, 203.0.113.11", "one / one-a"],
      groups: [
        {
          id: "sentries_on_sen_1",
          kind: "sentries",
          items: [{ id: "node_sentry_1", name: "sentry-1", note: "public rpc, rest, grpc" }],
        },
      ],
    })
  })

  it("draws every line between few things", () => {
    expect(lines(base, "p2p")).toHaveLength(6)
    expect(lines(base, "p2p")).toContain("node_sentry_2 -- node_node_3")
    expect(lines(base, "network")).toEqual(["[network] -- [sentries_on_sen_1]", "[network] -- [sentries_on_sen_2]"])
    expect(lines(base, "users")).toEqual(["[users] -- [edges_on_edge_1]", "[users] -- [edges_on_edge_2]"])
    expect(lines(base, "queries")).toHaveLength(4)
  })

  it("tells the first active node and the api's preferred one from those that wait", () => {
    expect(lines(base, "privval")).toEqual(["node_node_1 -- signer_main", "node_node_2 .. signer_main", "node_node_3 .. signer_main"])
    expect(lines(base, "reads")).toEqual(["node_node_2 -- api_manager", "node_node_1 .. api_manager", "node_node_3 .. api_manager"])
  })
})

describe("a fleet of 30 nodes", () => {
  const fleet = graph(...goldenSpec("fleet").texts)

  it("draws a full mesh as a hub with one line for each host", () => {
    const mesh = lines(fleet, "p2p")
    expect(mesh).toEqual([
      ...["sen_1", "sen_2", "sen_3", "sen_4"].map((host) => `[sentries_on_${host}] -- [mesh]`),
      ...["val_1", "val_2", "val_3", "val_4"].map((host) => `[mesh] -- [private_on_${host}]`),
    ])
  })

  it("stays a picture that can be read: few lines for each thing on it", () => {
    const things = fleet.hosts.flatMap(({ groups }) => groups.flatMap(({ items }) => items)).length
    expect(things).toBeGreaterThanOrEqual(30)
    expect(fleet.links.length).toBeLessThan(2 * things)
  })
})

it("reads through a hub where an api reads many nodes, and keeps the line to the preferred one", () => {
  const many = `
private: { node-1: { host: val-1 }, reader: { count: 6, hosts: [val-2] } }
api: { manager: { upstreams: [reader-3, reader-1, reader-2, reader-4, reader-5, reader-6, node-1] } }`
  expect(lines(graph(RULE_BASE, many), "reads")).toEqual([
    "node_reader_3 -- api_manager",
    "[private_on_val_1] .. [reads_1]",
    ...[1, 2, 3, 4, 5, 6].map((reader) => `node_reader_${reader} .. [reads_1]`),
    "[reads_1] .. [apis_on_api_1]",
  ])
})

it("sorts names with numbers as people count", () => {
  const many = "private: { reader: { count: 11, hosts: [val-2] } }"
  const val2 = graph(RULE_BASE, many).hosts.find(({ name }) => name === "val-2")
  expect(val2?.groups[0]?.items.map(({ name }) => name).slice(-3)).toEqual(["reader-9", "reader-10", "reader-11"])
})

it("gives each signer's lines a number of their own", () => {
  const { links } = graph(...goldenSpec("multi-validator").texts)
  const variants = new Map(links.filter(({ kind }) => kind === "privval").map(({ to, variant }) => [to.id, variant]))
  expect(Object.fromEntries(variants)).toEqual({ signer_alpha: 0, signer_beta: 1 })
})

it("shows a host on which nothing runs", () => {
  expect(graph(RULE_BASE, "hosts: { spare: { ssh: spare, private: 10.0.0.99 } }").hosts).toContainEqual({
    id: "host_spare",
    name: "spare",
    lines: ["10.0.0.99"],
    groups: [],
  })
})

describe.each(goldenSpecs())("$name", ({ texts }) => {
  const { hosts, hubs, links } = graph(...texts)
  const groups = hosts.flatMap((host) => host.groups)
  const items = groups.flatMap((group) => group.items.map(({ id }) => id))
  const ids = [...hosts.map(({ id }) => id), ...groups.map(({ id }) => id), ...items, ...hubs.map(({ id }) => id)]

  it("has every id once", () => {
    expect(new Set(ids).size).toBe(ids.length)
  })

  it("has lines between things on the picture only, and none twice", () => {
    for (const { from, to } of links) expect(ids).toEqual(expect.arrayContaining([from.id, to.id]))
    expect(new Set(links.map(({ kind, from, to }) => `${kind} ${from.id} ${to.id}`)).size).toBe(links.length)
  })

  it("leaves nothing without a line", () => {
    const reached = new Set(links.flatMap(({ from, to }) => [from, to]).flatMap((end) => (end.kind === "group" ? end.items : [end.id])))
    expect([...items, ...hubs.map(({ id }) => id)].filter((id) => !reached.has(id))).toEqual([])
  })
})
