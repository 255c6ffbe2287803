import type { Spec } from "../spec/schema.ts"
import { type Shape, type ShapeNode, shapeOf } from "../spec/shape.ts"
import { QUERY_SERVICES, type QueryService } from "../topology.ts"
import type { LinkKind } from "./model.ts"

/** What the picture shows, for programs: every line for itself, none of them bundled. */
export type GraphView = {
  readonly deployment: string
  readonly chain?: string
  readonly hosts: readonly HostPlace[]
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

export type HostPlace = {
  readonly name: string
  readonly private?: string
  readonly public?: string
  readonly provider?: string
  readonly site?: string
  readonly rack?: string
}

export type GraphNode = {
  /** Kind and name; names alone are not unique. */
  readonly id: string
  readonly kind: "network" | "users" | "entry-point" | "sentry" | "private" | "api" | "signer"
  readonly name: string
  /** Absent for the world outside. */
  readonly host?: string
}

export type GraphEdge = {
  readonly kind: LinkKind
  /** Ids of nodes, from the world's side to the side of the keys, whoever dials whom. */
  readonly from: string
  readonly to: string
  /** Of what waits: a standby of a signer or of an api. */
  readonly standby: boolean
  /** Of queries: which of them are passed on. */
  readonly services?: readonly QueryService[]
}

const NETWORK: GraphNode = { id: "network", kind: "network", name: "network" }
const USERS: GraphNode = { id: "users", kind: "users", name: "users" }

/** @param spec expanded: no group and no pool is left in it; its keys need not exist */
export function graphView(spec: Spec): GraphView {
  const shape = shapeOf(spec)
  const chain = spec.chain?.id
  return {
    deployment: spec.name,
    ...(chain === undefined ? {} : { chain }),
    hosts: Object.entries(spec.hosts).map(([name, host]) => hostPlace(name, host)),
    nodes: nodesOf(shape),
    edges: edgesOf(shape),
  }
}

function hostPlace(name: string, host: Spec["hosts"][string]): HostPlace {
  const { private: inside, public: outside, provider, site, rack } = host
  return {
    name,
    ...(inside === undefined ? {} : { private: inside }),
    ...(outside === undefined ? {} : { public: outside }),
    ...(provider === undefined ? {} : { provider }),
    ...(site === undefined ? {} : { site }),
    ...(rack === undefined ? {} : { rack }),
  }
}

function nodesOf({ nodes, validators, apis, edges }: Shape): readonly GraphNode[] {
  return [
    NETWORK,
    ...(edges.length === 0 ? [] : [USERS]),
    ...edges.map(({ name, host }) => graphNode("entry-point", name, host)),
    ...nodes.map((node) => graphNode(node.role, node.name, node.host)),
    ...apis.map(({ name, host }) => graphNode("api", name, host)),
    ...validators.map(({ name, written: { signer } }) => graphNode("signer", name, signer.host)),
  ]
}

function edgesOf({ nodes, validators, apis, edges }: Shape): readonly GraphEdge[] {
  const sentries = nodes.filter(({ role }) => role === "sentry")
  const privates = nodes.filter(({ role }) => role === "private")
  const named = (wanted: string) => nodes.filter(({ name }) => name === wanted).map(idOfNode)
  return [
    ...sentries.map((sentry) => line("network", NETWORK.id, idOfNode(sentry))),
    ...edges.map(({ name }) => line("users", USERS.id, idOf("entry-point", name))),
    ...edges.flatMap((edge) =>
      sentries.flatMap((sentry): GraphEdge[] => {
        const services = QUERY_SERVICES.filter((service) => edge.sentries[service].includes(sentry.name))
        return services.length === 0 ? [] : [{ ...line("queries", idOf("entry-point", edge.name), idOfNode(sentry)), services }]
      }),
    ),
    ...sentries.flatMap((sentry) => privates.map((node) => line("p2p", idOfNode(sentry), idOfNode(node)))),
    ...apis.flatMap(({ name, upstreams }) =>
      upstreams.flatMap((node, index) => named(node).map((from) => line("reads", from, idOf("api", name), index > 0))),
    ),
    ...validators.flatMap(({ name, candidates, written: { firstActive } }) =>
      candidates.flatMap(({ node }) => named(node).map((from) => line("privval", from, idOf("signer", name), node !== firstActive))),
    ),
  ]
}

function line(kind: LinkKind, from: string, to: string, standby = false): GraphEdge {
  return { kind, from, to, standby }
}

function graphNode(kind: GraphNode["kind"], name: string, host: string | undefined): GraphNode {
  return { id: idOf(kind, name), kind, name, ...(host === undefined ? {} : { host }) }
}

function idOfNode({ role, name }: ShapeNode): string {
  return idOf(role, name)
}

function idOf(kind: GraphNode["kind"], name: string): string {
  return `${kind}/${name}`
}
