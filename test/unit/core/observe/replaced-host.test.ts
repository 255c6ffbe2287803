import { describe, expect, it } from "vitest"
import { isOnlyReplaced, mayBeReplaced, notQuarantined, replacedFence, stillSigns } from "../../../../src/core/observe/replaced-host.ts"
import { type HostSeen, type Observed, type SignerFiles, seen, valueIn } from "../../../../src/core/observe/state.ts"
import { statusView } from "../../../../src/core/observe/status-view.ts"
import { whoSigns } from "../../../../src/core/observe/who-signs.ts"
import { planUp, unreachableHosts } from "../../../../src/core/plan/up.ts"
import { emptyHost, replacedTopology, signerLost } from "../../../support/lost-signer.ts"
import {
  aProcess,
  aTopology,
  changed,
  containerId,
  filesOf,
  healthy,
  host,
  hostAway,
  placeOfSigner,
  secretsOf,
  seenContainer,
  seenSignerFiles,
  theValidator,
} from "../../../support/observed.ts"

const topology = replacedTopology()
const validator = theValidator(topology)
const FENCE = replacedFence("sig-2", "2026-11-23T12:00:00Z")

const files = (changes: Partial<SignerFiles>) => new Map([["main", seenSignerFiles(validator, "node-1", changes)]])
const signerContainer = (status: string) => seenContainer(topology, filesOf(aTopology()), "sig-1", "main-signer", { status })

/** sig-2 signs, and sig-1 is back as given. */
function back(changes: Partial<HostSeen>): Observed {
  const after = healthy(topology, "node-2")
  return { ...after, hosts: new Map([...after.hosts, ["sig-1", seen({ ...emptyHost(), ...changes })]]) }
}

const returned = (observed: Observed) => valueIn(observed.hosts.get("sig-1")) ?? emptyHost()
const asItWas: Partial<HostSeen> = {
  signers: files({}),
  places: [placeOfSigner(aTopology(), validator)],
  containers: [signerContainer("running")],
  tmkms: [aProcess({ pid: 9, containerId: containerId(topology, "main-signer") })],
}
const fenced: Partial<HostSeen> = {
  signers: files({ fence: FENCE, keySha256: undefined }),
  places: [placeOfSigner(aTopology(), validator, { holdsKey: false })],
  containers: [signerContainer("exited")],
}

describe("a host whose signer was replaced", () => {
  it("is not quarantined while it has key, process, container or no fence", () => {
    expect(notQuarantined(topology, validator, returned(back(asItWas)))).toEqual([
      "no fence says that it was replaced",
      "it holds the consensus key",
      "lab-main-signer is running",
      "tmkms runs there as process 9",
    ])
    expect(notQuarantined(topology, validator, returned(back(fenced)))).toEqual([])
    expect(notQuarantined(topology, validator, returned(back({ ...fenced, signers: files({ fence: "moving house" }) })))).toEqual([
      "no fence says that it was replaced",
    ])
  })

  it("is looked at under any name that the key had", () => {
    const twin = {
      id: "f".repeat(64),
      name: "old-val-signer",
      deployment: "old",
      service: "val-signer",
      role: "signer",
      digest: "",
      image: "",
      status: "running",
      exitCode: undefined,
    }
    const place = placeOfSigner(aTopology(), validator, { deployment: "old", validator: "val", holdsKey: false })
    expect(notQuarantined(topology, validator, returned(back({ ...fenced, places: [place], containers: [twin] })))).toEqual([
      "old-val-signer is running",
    ])
  })

  it("makes a conflict as long as a signer of the key may run there, and none once it is fenced", () => {
    expect(whoSigns(topology, back(asItWas), validator)).toMatchObject({ kind: "conflict" })
    expect(whoSigns(topology, back(fenced), validator)).toMatchObject({ kind: "active", node: "node-2" })
  })

  it("makes none when its operator starts the fenced container again and again, but does when tmkms comes up in it", () => {
    const restarting = { ...fenced, containers: [signerContainer("restarting")] }
    expect(whoSigns(topology, back(restarting), validator)).toMatchObject({ kind: "active" })
    const alive = { ...restarting, tmkms: [aProcess({ containerId: containerId(topology, "main-signer") })] }
    expect(whoSigns(topology, back(alive), validator)).toMatchObject({ kind: "conflict" })
  })

  it("counts as replaced only when the new host has the signer, or may have it", () => {
    expect(mayBeReplaced(back(fenced), validator)).toBe(true)
    expect(mayBeReplaced(signerLost(), validator)).toBe(false)
    expect(mayBeReplaced(changed(signerLost(), hostAway("sig-2")), validator)).toBe(true)
    const begun = host("sig-2", () => ({
      signers: files({
        aim: undefined,
        operation: { id: "x", kind: "replace", from: undefined, to: "node-2", by: "anna", since: "now", startHeight: 1 },
      }),
    }))
    expect(mayBeReplaced(changed(signerLost(), begun), validator)).toBe(true)
    expect(mayBeReplaced(signerLost(), theValidator(aTopology()))).toBe(false)
  })

  it("is left alone while its signer is the one that signs, and the new host has none", () => {
    const at = (end: string) => ({ ...asItWas, tmkms: asItWas.tmkms?.map((each) => ({ ...each, connections: [end] })) ?? [] })
    const old = at("10.0.0.22:26658")
    const neverDone = changed(back(old), hostAway("sig-2"))
    expect(stillSigns(topology, neverDone, validator, "sig-1")).toBe(true)
    expect(stillSigns(topology, back(old), validator, "sig-1")).toBe(false)
    expect(stillSigns(topology, changed(back(at("10.0.0.22:26600")), hostAway("sig-2")), validator, "sig-1")).toBe(false)
    const begun = host("sig-2", () => ({
      tmkms: [],
      signers: files({ operation: { id: "x", kind: "replace", from: undefined, to: "node-2", by: "anna", since: "now", startHeight: 1 } }),
    }))
    expect(stillSigns(topology, changed(back(old), begun), validator, "sig-1")).toBe(false)
  })

  it("holds nothing up when it is away and nothing else is on it", () => {
    const sig1 = { name: "sig-1" }
    expect(isOnlyReplaced(topology, sig1)).toBe(true)
    expect(isOnlyReplaced(topology, { name: "sig-2" })).toBe(false)
    expect(isOnlyReplaced(replacedTopology({ nodes: topology.nodes.map((each) => ({ ...each, host: "sig-1" })) }), sig1)).toBe(false)
    const away = changed(back({}), hostAway("sig-1"))
    expect(unreachableHosts(topology, away)).toEqual([])
    expect(unreachableHosts(topology, changed(away, hostAway("val-1")))).toHaveLength(1)
    const plan = planUp(topology, filesOf(topology), secretsOf(topology), away)
    expect("refused" in plan ? plan.refused : plan.steps).toEqual([])
  })
})

describe("status", () => {
  it("says that it is fenced, with exit 4", () => {
    const view = statusView(topology, back(fenced))
    expect(view.warnings).toEqual([`sig-1: fenced: ${FENCE} (signer of main)`])
    expect([view.critical, view.exitCode]).toEqual([[], 4])
  })

  it("says critically that two may sign as long as it is not", () => {
    expect(statusView(topology, back(asItWas)).exitCode).toBe(5)
  })

  it("names the command while the replacement stands in the file alone", () => {
    const view = statusView(topology, signerLost())
    const command = "gonka-ha signer replace sig-1 --accept-double-sign-risk"
    expect(view.critical).toEqual([`main: its signer is not set up; run ${command}`])
    expect(view.warnings).toContain(
      `sig-1: the file says that sig-2 replaces the signer of main there, and that is not done: run ${command}`,
    )
  })
})

describe("a node whose port has not moved yet", () => {
  it("still has its signer: another validator signs on through it while the first one's signer is replaced", () => {
    const observed = changed(
      healthy(topology, "node-2"),
      host("sig-2", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: ["10.0.0.22:26658"] })) })),
    )
    expect(whoSigns(topology, observed, validator)).toMatchObject({ kind: "active", node: "node-2", attached: true })
    const beyond = changed(
      observed,
      host("sig-2", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: ["10.0.0.22:26657"] })) })),
    )
    expect(whoSigns(topology, beyond, validator)).toMatchObject({ kind: "unknown" })
  })
})
