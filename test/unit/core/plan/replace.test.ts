import { describe, expect, it } from "vitest"
import { heldCandidates, planFenceOff, planNewSigner, type Replacement, targetOf } from "../../../../src/core/plan/replace.ts"
import { stepTitle } from "../../../../src/core/plan/step.ts"
import { replacedTopology, signerLost } from "../../../support/lost-signer.ts"
import {
  aged,
  changed,
  filesOf,
  healthy,
  host,
  node,
  nodeAway,
  secretsOf,
  seenContainer,
  seenSignerFiles,
  signerProcess,
  TIP,
  theValidator,
} from "../../../support/observed.ts"

const topology = replacedTopology()
const validator = theValidator(topology)
const replacement: Replacement = {
  topology,
  files: filesOf(topology),
  secrets: secretsOf(topology),
  validator,
  host: "sig-1",
  method: "power-off",
  tip: TIP,
  to: "node-2",
}

const titles = (steps: ReturnType<typeof planFenceOff>) => steps.map(stepTitle)

describe("cutting a lost signer off", () => {
  it("fences, sees the key silent, and then moves every candidate's port, the target first", () => {
    expect(titles(planFenceOff(replacement, signerLost()))).toEqual([
      "sig-1: fence the signer of main (power-off)",
      "main: see 5 blocks without its signature",
      expect.stringMatching(/^val-2: install \d+ files$/),
      "val-2: bring up node-2",
      "node-2: park",
      "node-2: wait until fresh",
      expect.stringMatching(/^val-1: install \d+ files$/),
      "node-1: privval port belongs to the parking signer",
      "val-1: bring up node-1-parking",
      "val-1: bring up node-1",
      "node-1: park",
      "node-1: wait until fresh",
    ])
  })

  it("does not wait for a candidate that was down before, but closes its port", () => {
    const steps = titles(planFenceOff(replacement, changed(signerLost(), nodeAway("node-1"))))
    expect(steps).toContain("val-1: bring up node-1")
    expect(steps).not.toContain("node-1: wait until fresh")
  })

  it("has nothing to move where the ports have moved", () => {
    const [atOne, atTwo] = [healthy(topology, "node-1"), healthy(topology, "node-2")]
    // Each is parked where the other one signs.
    const moved = { ...atOne, hosts: new Map([...atOne.hosts, ...[...atTwo.hosts].filter(([name]) => name === "val-1")]) }
    expect(titles(planFenceOff(replacement, moved))).toEqual([
      "sig-1: fence the signer of main (power-off)",
      "main: see 5 blocks without its signature",
    ])
    expect(heldCandidates(replacement, moved)).toEqual([])
  })

  it("moves the port of node and signer together", () => {
    const [before, after] = [filesOf(replacedTopology()).get("val-1"), topology.nodes.find(({ name }) => name === "node-1")?.ports.privval]
    expect(after).toBe(26659)
    expect(before?.files.find(({ path }) => path === "compose.yaml")?.content).toContain("10.0.0.21:26659:26658")
    const aim = filesOf(topology)
      .get("sig-2")
      ?.files.find(({ path }) => path === "signers/main/config/tmkms-node-1.toml")
    expect(aim?.content).toContain("tcp://10.0.0.21:26659")
  })

  it("leaves a node alone through which another validator signs, and counts it as a hole until it has moved", () => {
    const other = { ...validator, name: "other", pubkey: "another key", signerHost: "sen-1", replacedHosts: [] }
    const shared = replacedTopology({ validators: [validator, other] })
    // The other signer is connected to the port that the node had before.
    const old = signerProcess(shared, other, "node-2")
    const observed = changed(
      signerLost(),
      host("sen-1", ({ containers, signers, tmkms }) => ({
        containers: [...containers, seenContainer(shared, filesOf(shared), "sen-1", "other-signer")],
        signers: new Map([...signers, ["other", seenSignerFiles(other, "node-2")]]),
        places: [{ deployment: shared.deployment, validator: "other", pubkey: "another key", holdsKey: true }],
        tmkms: [...tmkms, { ...old, connections: ["10.0.0.22:26658"] }],
      })),
    )
    const two: Replacement = { ...replacement, topology: shared, files: filesOf(shared), to: "node-1" }
    expect(titles(planFenceOff(two, observed)).filter((title) => title.includes("node-2"))).toEqual([])
    expect(titles(planFenceOff(two, observed)).some((title) => title.startsWith("sen-1: install"))).toBe(true)
    expect(heldCandidates(two, observed)).toEqual([{ node: "node-2", by: "other" }])
    expect(targetOf(shared, observed, validator, "sig-1")).toBe("node-1")
  })
})

describe("making the new signer", () => {
  it("brings the consensus key last, when the chain is past the seal", () => {
    const steps = planNewSigner(replacement, signerLost())
    expect(titles(steps)).toEqual([
      expect.stringMatching(/^sig-2: install \d+ files$/),
      "main: seal the new signer's state above the chain",
      "sig-2: create main-signer",
      "node-2: parked above the sealed height, with no signature of main",
      "sig-2: install 1 secret",
    ])
    expect(steps.at(-1)).toMatchObject({ args: { paths: ["secrets/signers/main/consensus.key"] } })
  })

  it("seals anew after an interruption, since the chain has gone on", () => {
    const sealed = changed(
      signerLost(),
      host("sig-2", () => ({
        signers: new Map([
          [
            "main",
            {
              ...seenSignerFiles(validator, ""),
              aim: undefined,
              state: { kind: "ok" as const, state: { height: TIP, round: 0, step: 0 }, sealed: true },
            },
          ],
        ]),
      })),
    )
    expect(titles(planNewSigner(replacement, sealed))).toContain("main: seal the new signer's state above the chain")
  })
})

describe("where the new signer starts", () => {
  const target = (...changes: Parameters<typeof changed>[1][]) => targetOf(topology, changed(signerLost(), ...changes), validator, "sig-1")

  it("is the node that was served, when it is fresh", () => {
    expect(target(node("node-1", { height: TIP, ageMs: 1000 }))).toBe("node-1")
  })

  it("is the first fresh one otherwise", () => {
    expect(target()).toBe("node-2")
  })

  it("is the node that was served when none is fresh: parked, it catches up", () => {
    expect(target(aged("node-2", 500_000))).toBe("node-1")
  })

  it("is nowhere when no candidate answers, and never on the lost host", () => {
    expect(target(nodeAway("node-1"), nodeAway("node-2"))).toBeUndefined()
    expect(targetOf(topology, signerLost(), validator, "val-2")).toBe("node-1")
  })
})
