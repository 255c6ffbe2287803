import { describe, expect, it } from "vitest"
import type { Exposure } from "../../../../src/core/exposure/exposure.ts"
import { exposureByHost, exposureOf, exposureOn } from "../../../../src/core/exposure/exposure-of.ts"
import { servicesOn } from "../../../../src/core/render/compose.ts"
import type { Topology } from "../../../../src/core/topology.ts"
import { fullTopology, sampleTopologies } from "../../../support/sample-topologies.ts"

function reach(topology: Topology, owner: string, service: Exposure["service"], address?: string): readonly string[] {
  const found = exposureOf(topology).filter(
    (exposure) => exposure.owner === owner && exposure.service === service && (address === undefined || exposure.address === address),
  )
  return found.map(
    ({ address: at, port, from }) =>
      `${at}:${port} ${from.kind === "hosts" ? from.addresses.map(({ host }) => host).join(" ") : from.kind}`,
  )
}

describe("who may reach what", () => {
  it.each([
    ["sentry-1", "p2p", ["0.0.0.0:5000 anyone"]],
    ["node-1", "p2p", ["10.0.0.21:26656 sen-1 sen-2 val-2 val-3"]],
    ["node-1", "privval", ["10.0.0.21:26658 sig-1"]],
    ["sentry-1", "privval", []],
    ["node-1", "rpc", ["127.0.0.1:26657 this host", "10.0.0.21:26657 api-1"]],
    ["node-1", "rest", ["10.0.0.21:1317 api-1"]],
    ["sentry-1", "rpc", ["127.0.0.1:26657 this host", "10.0.0.11:26657 edge-1 edge-2 val-1 val-2 val-3"]],
    ["sentry-1", "grpc", ["10.0.0.11:9090 edge-1 edge-2"]],
    ["sentry-2", "grpc", []],
    ["public-1", "edge-http", ["0.0.0.0:8000 anyone"]],
    ["public-1", "edge-grpc", ["0.0.0.0:9000 anyone"]],
    ["manager", "api-rpc", []],
  ] as const)("%s of %s", (owner, service, wanted) => {
    expect(reach(fullTopology, owner, service)).toEqual(wanted)
  })

  it("opens an api's load balancer to the deployment's hosts where it is given a port", () => {
    const apis = fullTopology.apis.map((api) => ({ ...api, ports: { ...api.ports, rpc: 16657 } }))
    const hosts = fullTopology.hosts.map((host) => host.name).sort()
    expect(reach({ ...fullTopology, apis }, "manager", "api-rpc")).toEqual([`10.0.0.41:16657 ${hosts.join(" ")}`])
  })

  it("names the host of a reader that shares the node's host", () => {
    const apis = fullTopology.apis.map((api) => ({ ...api, host: "val-1" }))
    expect(reach({ ...fullTopology, apis }, "node-1", "rest")).toEqual(["10.0.0.21:1317 val-1"])
  })

  it("says why, with names", () => {
    const whys = exposureOn(fullTopology, "sen-1").map(({ service, why }) => `${service}: ${why}`)
    expect(whys).toContain(
      "rpc: the entry point public-1 sends users here; the entry point public-2 sends users here; node-1, node-2 and node-3 ask it for a block to trust before a state sync",
    )
  })
})

describe.each(sampleTopologies)("of $name", ({ topology }) => {
  const all = exposureOf(topology)

  it("covers every port that a container publishes", () => {
    const published = topology.hosts.flatMap((host) =>
      servicesOn(topology, host).flatMap(({ definition }) =>
        (Array.isArray(definition.ports) ? definition.ports : []).map(
          (port) => `${host.name} ${String(port).split(":").slice(0, 2).join(":")}`,
        ),
      ),
    )
    const exposed = all.map(({ host, address, port }) => `${host} ${address}:${port}`)
    const nodes = new Set(topology.nodes.map((node) => node.name))
    const ofNodes = all.filter(({ owner }) => nodes.has(owner)).map(({ host, address, port }) => `${host} ${address}:${port}`)
    expect(published.filter((port) => !exposed.includes(port))).toEqual([])
    expect(ofNodes.filter((port) => !published.includes(port))).toEqual([])
    expect(new Set(exposed).size).toBe(exposed.length)
  })

  it("opens nothing but p2p of sentries and entry points to anyone, and privval to signers' hosts alone", () => {
    const signerHosts = new Set(topology.validators.map((validator) => validator.signerHost))
    const sentries = new Set(topology.nodes.filter((node) => node.role === "sentry").map((node) => node.name))
    for (const { from, service, owner, address } of all) {
      if (from.kind === "anyone") expect(service.startsWith("edge-") || (service === "p2p" && sentries.has(owner))).toBe(true)
      if (from.kind === "this host") expect(address).toBe("127.0.0.1")
      if (service === "privval") expect(from.kind === "hosts" && from.addresses.every(({ host }) => signerHosts.has(host))).toBe(true)
    }
  })
})

it.each(sampleTopologies)("says of all hosts of $name at once what it says of each", ({ topology }) => {
  expect([...exposureByHost(topology)]).toEqual(topology.hosts.map(({ name }) => [name, exposureOn(topology, name)]))
})
