import { describe, expect, it } from "vitest"
import { apiHaproxyConfig } from "../../../../src/core/render/api-haproxy.ts"
import { edgeHaproxyConfig } from "../../../../src/core/render/edge-haproxy.ts"
import { hostOf, nodeOf, QUERY_SERVICES } from "../../../../src/core/topology.ts"
import { fullTopology, sampleTopologies } from "../../../support/sample-topologies.ts"

/** The lines of one section, without their indentation and without comments. */
function section(config: string, head: string): readonly string[] {
  const lines = config.split("\n")
  const start = lines.indexOf(head)
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const end = rest.indexOf("")
  return rest
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith("#"))
}

const serversIn = (lines: readonly string[]) => lines.filter((line) => line.startsWith("server ")).map((line) => line.split(" "))

describe.each(sampleTopologies)("of $name", ({ topology }) => {
  it("an api reads its nodes in the order of its preference, and only the first is not a spare", () => {
    for (const api of topology.apis) {
      for (const service of QUERY_SERVICES) {
        const servers = serversIn(section(apiHaproxyConfig(topology, api), `backend ${service}`))
        expect(servers.map(([, name, address]) => [name, address])).toEqual(
          api.upstreams.map((name) => {
            const node = nodeOf(topology, name)
            return [name, `${hostOf(topology, node.host).privateAddress}:${node.ports[service]}`]
          }),
        )
        expect(servers.map((words) => words.includes("backup"))).toEqual(api.upstreams.map((_, index) => index > 0))
      }
    }
  })

  it("an entry point sends to the sentries that offer a service", () => {
    for (const edge of topology.edges) {
      for (const service of QUERY_SERVICES) {
        const servers = serversIn(section(edgeHaproxyConfig(topology, edge), `backend ${service}`))
        const isOpen = service !== "grpc" || edge.grpcPort !== undefined
        expect(servers.map(([, name]) => name)).toEqual(isOpen ? edge.sentries[service] : [])
      }
    }
  })
})

it("an entry point limits each client to its number of requests, on every listener", () => {
  const [edge] = fullTopology.edges
  if (!edge) throw new Error("the sample has no entry point")
  const config = edgeHaproxyConfig(fullTopology, { ...edge, requestsPer10s: 77 })
  for (const frontend of ["frontend http", "frontend grpc"])
    expect(section(config, frontend)).toContain("http-request deny deny_status 429 if { sc_http_req_rate(0) gt 77 }")
})
