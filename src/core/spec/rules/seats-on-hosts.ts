import { QUERY_SERVICES } from "../../topology.ts"
import type { Shape, ShapeNode } from "../shape.ts"

/** A port that something takes on its host. */
export type Seat = {
  readonly owner: string
  /** What it is for, in a word. */
  readonly use: string
  readonly host: string
  readonly port: number
  readonly path: readonly string[]
  /** How to move it away. */
  readonly fix: string
}

/**
 * Every port that the deployment takes on its hosts. RPC counts as taken even where it listens on loopback alone, and one address of a host
 * counts like all of them: a sentry's p2p port takes them all.
 */
export function seatsOnHosts({ nodes, apis, edges }: Shape): readonly Seat[] {
  return [
    ...nodes.flatMap(seatsOfNode),
    ...apis.flatMap(({ name, host, ports }) =>
      QUERY_SERVICES.flatMap((use): Seat[] => {
        const port = ports[use]
        return port === undefined ? [] : [{ owner: name, use, host, port, path: ["api", name], fix: fixOf("ports", use) }]
      }),
    ),
    ...edges.flatMap(({ name, host, port, grpcPort }): Seat[] => [
      { owner: name, use: "http", host, port, path: ["edge", name], fix: "set `port` to a free port" },
      ...(grpcPort === undefined
        ? []
        : [{ owner: name, use: "grpc", host, port: grpcPort, path: ["edge", name], fix: "set `grpcPort` to a free port" }]),
    ]),
  ]
}

function seatsOfNode({ name, pool, host, ports, services, candidateOf }: ShapeNode): readonly Seat[] {
  if (host === undefined) return []
  const uses = [
    "p2p" as const,
    "rpc" as const,
    ...QUERY_SERVICES.filter((service) => service !== "rpc" && services.includes(service)),
    ...(candidateOf.length > 0 ? ["privval" as const] : []),
  ]
  return uses.map((use) => ({ owner: name, use, host, port: ports[use], path: [pool, name], fix: fixOf("ports", use) }))
}

function fixOf(key: string, use: string): string {
  return `set \`${key}: { ${use}: … }\` to a free port`
}
