import type { Shape } from "../spec/shape.ts"
import { QUERY_SERVICES } from "../topology.ts"
import { idOf } from "./boxes.ts"
import { bundled, itemEnds, joined, MOST_LINES, pen, sameTargets, throughHub, type Wiring } from "./bundle.ts"
import type { End, Group, HostBox, Hub, Link } from "./model.ts"

/** Every line of the picture; full meshes become a hub with one line for each host. */
export function wiring(shape: Shape, hosts: readonly HostBox[], networkName: string): Wiring {
  const groups = hosts.flatMap((host) => host.groups)
  const sentries = poolEnds(shape, "sentries", groups)
  const privates = poolEnds(shape, "private", groups)
  return joined([
    network(sentries, networkName, groups),
    throughHub(pen("p2p"), MESH, sentries, privates, groups),
    queries(shape, groups),
    reads(shape, groups),
    { hubs: [], links: privval(shape, groups) },
  ])
}

const MESH: Hub = { id: "mesh", kind: "mesh", lines: ["p2p", "every sentry with", "every private node"] }

function network(sentries: readonly End[], name: string, groups: readonly Group[]): Wiring {
  const hub = { id: "network", kind: "network", lines: ["the network", name].filter((line) => line !== "") } as const
  return { hubs: [hub], links: fromHub(hub, bundled(groups, sentries)) }
}

function queries({ edges }: Shape, groups: readonly Group[]): Wiring {
  const behind = edges.map(({ name, sentries }) => ({
    id: idOf("edge", name),
    targets: QUERY_SERVICES.flatMap((service) => sentries[service]).map(nodeId),
  }))
  const entries = itemEnds(
    groups,
    behind.map(({ id }) => id),
  )
  if (entries.length === 0) return { hubs: [], links: [] }
  const users = { id: "users", kind: "users", lines: ["users"] } as const
  const toSentries = sameTargets(behind).map(({ sources, targets }, index) => {
    const hub: Hub = { id: `queries_${index + 1}`, kind: "queries", lines: ["queries", `${targets.length} sentries`] }
    return throughHub(pen("queries"), hub, itemEnds(groups, sources), itemEnds(groups, targets), groups)
  })
  return joined([{ hubs: [users], links: fromHub(users, bundled(groups, entries)) }, ...toSentries])
}

function fromHub(hub: Hub & { readonly kind: "network" | "users" }, ends: readonly End[]): readonly Link[] {
  return ends.map((to) => ({ ...pen(hub.kind), from: { kind: "hub", id: hub.id }, to }))
}

/** The preferred node has a line of its own also where the others are behind a hub. */
function reads({ apis }: Shape, groups: readonly Group[]): Wiring {
  const preferred = apis.flatMap(({ name, upstreams: [first] }) =>
    first === undefined ? [] : [{ id: idOf("api", name), node: nodeId(first) }],
  )
  const sets = sameTargets(apis.map(({ name, upstreams }) => ({ id: idOf("api", name), targets: upstreams.map(nodeId) })))
  const wirings = sets.map(({ sources, targets }, index): Wiring => {
    const variant = index
    const firsts = preferred.filter(({ id }) => sources.includes(id))
    const solid = firsts.flatMap(({ id, node }) => lines(groups, node, id, pen("reads", "solid", variant)))
    if (sources.length * targets.length <= MOST_LINES) {
      const others = sources.flatMap((id) =>
        targets.filter((node) => !firsts.some((first) => first.id === id && first.node === node)).map((node) => ({ id, node })),
      )
      return { hubs: [], links: [...solid, ...others.flatMap(({ id, node }) => lines(groups, node, id, pen("reads", "dashed", variant)))] }
    }
    const hub: Hub = { id: `reads_${index + 1}`, kind: "reads", lines: ["api reads", `${targets.length} nodes`] }
    return joined([
      { hubs: [], links: solid },
      throughHub(pen("reads", "dashed", variant), hub, itemEnds(groups, targets), itemEnds(groups, sources), groups),
    ])
  })
  return joined(wirings)
}

function privval({ validators }: Shape, groups: readonly Group[]): readonly Link[] {
  return validators.flatMap(({ name, candidates, written: { firstActive } }, variant) => {
    const signer = idOf("signer", name)
    const first = nodeId(firstActive)
    const others = candidates.map(({ node }) => nodeId(node)).filter((id) => id !== first)
    return [
      ...lines(groups, first, signer, pen("privval", "solid", variant)),
      ...others.flatMap((node) => lines(groups, node, signer, pen("privval", "dashed", variant))),
    ]
  })
}

/** The line between two items; none when one of them is not on the picture. */
function lines(groups: readonly Group[], left: string, right: string, look: ReturnType<typeof pen>): readonly Link[] {
  return itemEnds(groups, [left]).flatMap((from) => itemEnds(groups, [right]).map((to) => ({ ...look, from, to })))
}

function poolEnds({ nodes }: Shape, pool: "sentries" | "private", groups: readonly Group[]): readonly End[] {
  return itemEnds(
    groups,
    nodes.filter((node) => node.pool === pool).map(({ name }) => nodeId(name)),
  )
}

function nodeId(name: string): string {
  return idOf("node", name)
}
