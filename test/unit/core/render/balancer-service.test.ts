import { expect, it } from "vitest"
import { serviceOf } from "../../../../src/core/exposure/exposure.ts"
import { exposureOn } from "../../../../src/core/exposure/exposure-of.ts"
import { servicesOn } from "../../../../src/core/render/compose.ts"
import { hostOf, type Topology } from "../../../../src/core/topology.ts"
import { sampleTopologies, fullTopology as topology } from "../../../support/sample-topologies.ts"

const definition = (of: Topology, host: string, service: string) => {
  const found = servicesOn(of, hostOf(of, host)).find(({ name }) => name === service)
  if (!found) throw new Error(`${host} has no ${service}`)
  return found.definition
}

it("is nowhere a neighbour of a node, whose signing port is open to its own network", () => {
  expect(definition(topology, "api-1", "manager-balancer").networks).toEqual({ "manager-balancer": { aliases: ["node"] } })
  expect(definition(topology, "edge-1", "public-1-balancer").networks).toEqual({ "public-1-balancer": {} })
  for (const node of topology.nodes) expect(definition(topology, node.host, node.name).networks).toBeUndefined()
})

it("opens an api's ports on the private address, and only those that are wanted", () => {
  expect(definition(topology, "api-1", "manager-balancer").ports).toBeUndefined()
  const apis = topology.apis.map((api) => ({ ...api, ports: { rpc: 26757, rest: undefined, grpc: 9190 } }))
  expect(definition({ ...topology, apis }, "api-1", "manager-balancer").ports).toEqual(["10.0.0.41:26757:26657", "10.0.0.41:9190:9090"])
})

it("opens an entry point's doors to everybody", () => {
  expect(definition(topology, "edge-1", "public-1-balancer").ports).toEqual(["0.0.0.0:8000:8080", "0.0.0.0:9000:9090"])
  const edges = topology.edges.map((edge) => ({ ...edge, grpcPort: undefined }))
  expect(definition({ ...topology, edges }, "edge-1", "public-1-balancer").ports).toEqual(["0.0.0.0:8000:8080"])
})

it("can do nothing but pass on", () => {
  expect(definition(topology, "edge-1", "public-1-balancer")).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    volumes: ["./haproxy/edge-public-1:/gonka-ha/config:ro"],
    restart: "always",
    stop_signal: "SIGUSR1",
  })
})

it("takes settings of the operator's", () => {
  const patched = { ...topology, composePatches: new Map([["manager-balancer", { mem_limit: "2g" }]]) }
  expect(definition(patched, "api-1", "manager-balancer").mem_limit).toBe("2g")
})

it.each(sampleTopologies)("publishes what the port table and the firewall of $name have, and nothing else", ({ topology: sample }) => {
  for (const host of sample.hosts) {
    const exposed = exposureOn(sample, host.name).map((each) => `${serviceOf(each)} ${each.address}:${each.port}`)
    const published = servicesOn(sample, host).flatMap(({ name, definition: { ports } }) =>
      (Array.isArray(ports) ? ports : []).map((port) => `${name} ${String(port).replace(/:\d+$/, "")}`),
    )
    expect(published.toSorted()).toEqual(exposed.toSorted())
  }
})
