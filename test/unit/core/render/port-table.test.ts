import { describe, expect, it } from "vitest"
import { exposureOn } from "../../../../src/core/exposure/exposure-of.ts"
import { portTable } from "../../../../src/core/render/port-table.ts"
import { fullTopology, sampleTopologies } from "../../../support/sample-topologies.ts"

it("tells of a host what listens, who may reach it and why", () => {
  expect(portTable(fullTopology, "edge-1").markdown).toBe(`# Ports of edge-1

Written by gonka-ha for base. Whatever is not listed here is not opened by this deployment.

| Port | Address       | What      | Of       | Who may reach it | Why                                     |
| ---- | ------------- | --------- | -------- | ---------------- | --------------------------------------- |
| 8000 | every address | edge-http | public-1 | anyone           | users ask the chain's RPC and REST here |
| 9000 | every address | edge-grpc | public-1 | anyone           | users ask by gRPC here                  |
`)
})

it("says so where nothing listens", () => {
  expect(portTable(fullTopology, "sig-1").markdown).toContain("Nothing listens here: this host only dials others.")
})

describe.each(sampleTopologies)("of $name", ({ topology }) => {
  it("has a row for every port, and the same in JSON", () => {
    for (const { name } of topology.hosts) {
      const { markdown, json } = portTable(topology, name)
      const exposures = exposureOn(topology, name)
      expect(markdown.split("\n").filter((line) => /^\| \d/.test(line))).toHaveLength(exposures.length)
      const { ports, ...head } = JSON.parse(json)
      expect(head).toEqual({ schema: "gonka-ha/ports/v1", deployment: topology.deployment, host: name })
      expect(ports).toHaveLength(exposures.length)
      expect(ports).toEqual(expect.arrayContaining([...exposures]))
    }
  })
})
