import { expect, it } from "vitest"
import { compareRules } from "../../../../src/core/doctor/firewall-rules.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { doctorTopology } from "../../../support/doctor-facts.ts"
import { filesOf } from "../../../support/observed.ts"

const host = filesOf(doctorTopology()).get("val-1")

/** The rules of the iptables form as `iptables -S` prints them. */
const IPTABLES = [
  "-N GONKA-HA-lab",
  "-A GONKA-HA-lab -m conntrack --ctdir REPLY -j RETURN",
  "-A GONKA-HA-lab -s 10.0.0.11/32 -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26656 -j RETURN",
  "-A GONKA-HA-lab -s 10.0.0.12/32 -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26656 -j RETURN",
  "-A GONKA-HA-lab -s 10.0.0.22/32 -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26656 -j RETURN",
  "-A GONKA-HA-lab -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26656 -j DROP",
  "-A GONKA-HA-lab -s 10.0.0.31/32 -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26658 -j RETURN",
  "-A GONKA-HA-lab -p tcp -m conntrack --ctorigdst 10.0.0.21 --ctorigdstport 26658 -j DROP",
]

it("takes the rules of DOCKER-USER for the rendered ones, in the order in which iptables prints them", () => {
  expect(compareRules(host, { nft: [], iptables: IPTABLES })).toEqual({ kind: "compared", wanted: 6, missing: 0, foreign: 0 })
})

it("counts rules that are missing and rules that are others", () => {
  const changed = IPTABLES.map((rule) => rule.replace("10.0.0.31/32", "10.0.0.99/32"))
  expect(compareRules(host, { nft: [], iptables: changed })).toEqual({ kind: "compared", wanted: 6, missing: 1, foreign: 1 })
})

it("says when none are loaded, and when none are wanted", () => {
  expect(compareRules(host, { nft: ["table inet gonka_ha_lab {", "chain ports {"], iptables: [] })).toMatchObject({ kind: "none loaded" })
  const files =
    host?.files.map((file) => (file.path === layout.firewall.nftables ? { ...file, content: "table inet x {\n}\n" } : file)) ?? []
  expect(compareRules(host && { ...host, files }, { nft: [], iptables: [] })).toEqual({ kind: "none wanted" })
})
