import type { Host, Topology } from "../topology.ts"
import { apiHaproxyConfig, HOLD_SCRIPT } from "./api-haproxy.ts"
import { edgeHaproxyConfig } from "./edge-haproxy.ts"
import { layout } from "./layout.ts"

/** Configurations of the load balancers of a host. */
export function balancerFiles(
  topology: Topology,
  host: Host,
  holdScript: string,
): readonly { readonly path: string; readonly content: string }[] {
  const apis = topology.apis.filter((api) => api.host === host.name)
  const edges = topology.edges.filter((edge) => edge.host === host.name)
  return [
    ...apis.flatMap((api) => [
      { path: `${layout.haproxy("api", api.name)}/haproxy.cfg`, content: apiHaproxyConfig(topology, api) },
      { path: `${layout.haproxy("api", api.name)}/${HOLD_SCRIPT}`, content: holdScript },
    ]),
    ...edges.map((edge) => ({ path: `${layout.haproxy("edge", edge.name)}/haproxy.cfg`, content: edgeHaproxyConfig(topology, edge) })),
  ]
}
