import { describe, expect, it } from "vitest"
import { chosenChecks, examine } from "../../../../src/core/doctor/examine.ts"
import { trialsOf } from "../../../../src/core/doctor/trials.ts"
import { type Break, broken, engineTells, finds, healthyFacts, observed } from "../../../support/doctor-facts.ts"
import { container } from "../../../support/observed.ts"
import { fullTopology as topology } from "../../../support/sample-topologies.ts"

const found = (check: string, ...breaks: readonly Break[]) =>
  examine(broken(healthyFacts(topology), ...breaks), chosenChecks([check])).checks.flatMap(({ findings }) =>
    findings.filter(({ verdict }) => verdict !== "ok"),
  )

describe("load balancers", () => {
  it.each(["container", "network.published", "network.open", "network.closed", "network.public-open", "network.public-closed"])(
    "are nothing to complain of for %s when they are as they should be",
    (check) => {
      expect(found(check)).toEqual([])
    },
  )

  it("have to run", () => {
    expect(found("container.running", observed(container("api-1", "manager-balancer", { status: "exited" })))).toEqual([
      { subject: "api-1", verdict: "bad", measured: "manager-balancer is exited" },
    ])
  })

  it("have an image of their own, one for all", () => {
    const [other] = found("container.images-same", engineTells("edge-2", "public-2-balancer", { imageId: "sha256:dd" }))
    expect(other?.measured).toContain("2 images for the load balancers")
  })

  it("publish their own ports and no others", () => {
    const [wrong] = found("network.published", engineTells("edge-1", "public-1-balancer", { ports: ["0.0.0.0:8000"] }))
    expect(wrong?.measured).toBe("public-1-balancer does not publish 0.0.0.0:9000")
  })

  it("are knocked at where users knock", () => {
    const doors = trialsOf(topology).filter(({ from, to }) => from === "val-1" && to === "edge-1")
    expect(doors.map(({ address, port, wanted }) => `${address}:${port} ${wanted}`).toSorted()).toEqual([
      "10.0.0.51:8000 open",
      "10.0.0.51:9000 open",
      "203.0.113.51:8000 open",
      "203.0.113.51:9000 open",
    ])
    const shut = topology.hosts.filter(({ name }) => name !== "edge-1").map(({ name }) => finds(name, "203.0.113.51:8000", "closed"))
    expect(found("network.public-open", ...shut)[0]).toMatchObject({ subject: "edge-1", verdict: "warn" })
  })
})
