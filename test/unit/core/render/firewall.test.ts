import { describe, expect, it } from "vitest"
import { exposureOn } from "../../../../src/core/exposure/exposure-of.ts"
import { dockerUserScript, firewallChain, nftablesRules } from "../../../../src/core/render/firewall.ts"
import { fullTopology, sampleTopologies } from "../../../support/sample-topologies.ts"

const rulesOf = (text: string) => text.split("\n").filter((line) => /^\s*(ip daddr|-A .*ctorigdst )/.test(line))

describe.each(sampleTopologies)("the rules of $name", ({ topology }) => {
  it("drop once for every port that is not for anyone, and touch no other", () => {
    for (const { name } of topology.hosts) {
      const exposures = exposureOn(topology, name)
      const closed = exposures.filter(({ from }) => from.kind !== "anyone")
      const drops = rulesOf(nftablesRules(topology, name)).filter((line) => line.endsWith("counter drop"))
      expect(drops.map((line) => line.trim())).toEqual(
        closed.map(({ address, port }) => `ip daddr ${address} tcp dport ${port} counter drop`),
      )
      const forwarded = closed.filter(({ from }) => from.kind === "hosts")
      expect(rulesOf(dockerUserScript(topology, name)).filter((line) => line.endsWith("-j DROP"))).toHaveLength(forwarded.length)
    }
  })

  it("are the same every time", () => {
    for (const { name } of topology.hosts) {
      expect(nftablesRules(topology, name)).toBe(nftablesRules(topology, name))
      expect(dockerUserScript(topology, name)).toBe(dockerUserScript(topology, name))
    }
  })
})

it("let the containers of a host in where the host itself may", () => {
  const apis = fullTopology.apis.map((api) => ({ ...api, host: "val-1" }))
  const text = nftablesRules({ ...fullTopology, apis }, "val-1")
  expect(text).toContain('ip daddr 10.0.0.21 tcp dport 1317 iifname "br-*" return')
  expect(text).not.toContain('tcp dport 26658 iifname "br-*"')
})

it("name a chain that iptables takes, another one for each deployment", () => {
  const names = ["a", "a-b", "x".repeat(19), "x".repeat(20), "x".repeat(31), `${"x".repeat(30)}y`].map((deployment) =>
    firewallChain({ deployment }),
  )
  for (const name of names) expect(name.length).toBeLessThanOrEqual(28)
  expect(new Set(names).size).toBe(names.length)
  expect(names[0]).toBe("GONKA-HA-a")
})
