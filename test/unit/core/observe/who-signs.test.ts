import { describe, expect, it } from "vitest"
import type { SignerPlace } from "../../../../src/core/observe/state.ts"
import { privvalAddress, whoSigns } from "../../../../src/core/observe/who-signs.ts"
import { nodeOf } from "../../../../src/core/topology.ts"
import {
  aProcess,
  aTopology,
  bare,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  placeOfSigner,
  seenContainer,
  signer,
  signerStopped,
  theValidator,
} from "../../../support/observed.ts"

const topology = aTopology()
const validator = theValidator(topology)
const who = (...changes: readonly Change[]) => whoSigns(topology, changed(healthy(topology), ...changes), validator)
const noProcess = host("sig-1", () => ({ tmkms: [] }))

it.each(["node-1", "node-2"])("finds the validator active at %s, with the evidence", (active) => {
  const target = privvalAddress(topology, nodeOf(topology, active))
  expect(whoSigns(topology, healthy(topology, active), validator)).toEqual({
    kind: "active",
    node: active,
    attached: true,
    evidence: [`signer runs on sig-1, aimed at ${active}`, `connected to ${target}`, "state at height 1000"],
  })
})

const connectedTo = (connections: readonly string[]) =>
  host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections })) }))

it("says so when the signer is not connected", () => {
  const seen = who(connectedTo([]))
  expect(seen).toMatchObject({ kind: "active", node: "node-1", attached: false })
  expect(seen.kind === "active" && seen.evidence).toContain("not connected to 10.0.0.21:26658")
})

it("does not know who signs when the signer is connected to an address that the file does not have for its node", () => {
  expect(who(connectedTo(["10.0.0.99:26658"]))).toEqual({
    kind: "unknown",
    reason:
      "the signer is connected to 10.0.0.99:26658, but the topology file has node-1 at 10.0.0.21:26658: a node that may sign is not moved by editing the file",
  })
})

describe("knows a signer by its key, whatever it is called", () => {
  const place = (changes: Partial<SignerPlace>) =>
    host("sig-1", ({ places }) => ({ places: [...places, placeOfSigner(topology, validator, changes)] }))
  const running = (deployment: string, service: string) =>
    host("sig-1", ({ containers }) => ({
      containers: [
        ...containers,
        { ...seenContainer(topology, filesOf(topology), "sig-1", "main-signer"), deployment, service, id: "b".repeat(64) },
      ],
    }))

  it.each<{ readonly name: string; readonly changes: readonly Change[]; readonly reason: string }>([
    {
      name: "of another deployment with the same key",
      changes: [running("other", "main-signer"), place({ deployment: "other" })],
      reason: "lab-main-signer is running on sig-1, another signer than that of main: it has the same key",
    },
    {
      name: "under another name in this deployment",
      changes: [running("lab", "old-signer"), place({ validator: "old" })],
      reason: "lab-main-signer is running on sig-1, another signer than that of main: it has the same key",
    },
    {
      name: "whose key nobody tells",
      changes: [running("other", "main-signer")],
      reason: "lab-main-signer is running on sig-1, another signer than that of main: which key it has is not known",
    },
    {
      name: "that does not run, but whose key lies there",
      changes: [place({ deployment: "other" })],
      reason: "sig-1 holds the consensus key of main as well for main of the deployment other: one key has one signer and one state",
    },
  ])("$name", ({ changes, reason }) => {
    const seen = who(...changes)
    expect(seen.kind).toBe("conflict")
    expect(seen.kind === "conflict" && seen.reasons).toContain(reason)
  })

  it("and leaves another validator's signer alone", () => {
    expect(who(running("other", "main-signer"), place({ deployment: "other", pubkey: "other" })).kind).toBe("active")
  })

  it("and does not take a signer with another pin for its own", () => {
    const seen = who(host("sig-1", ({ places }) => ({ places: places.map((each) => ({ ...each, pubkey: "old" })) })))
    expect(seen).toMatchObject({
      kind: "conflict",
      reasons: [`the signer of main on sig-1 was set up for the key old, and the topology file pins ${validator.pubkey}`],
    })
  })
})

describe("knows a stopped signer and where it was aimed", () => {
  it.each<{ readonly name: string; readonly changes: readonly Change[]; readonly aim: string | undefined; readonly reason: string }>([
    { name: "killed", changes: [signerStopped], aim: "node-1", reason: "lab-main-signer is exited on sig-1" },
    {
      name: "created and never started",
      changes: [container("sig-1", "main-signer", { status: "created" })],
      aim: "node-1",
      reason: "lab-main-signer is created on sig-1",
    },
    {
      name: "without an aim",
      changes: [signerStopped, signer({ aim: undefined })],
      aim: undefined,
      reason: "lab-main-signer is exited on sig-1",
    },
    {
      name: "kept down by its guard",
      changes: [noProcess],
      aim: "node-1",
      reason: "lab-main-signer runs no tmkms: its guard does not let it start",
    },
    {
      name: "restarted again and again",
      changes: [noProcess, container("sig-1", "main-signer", { status: "restarting" })],
      aim: "node-1",
      reason: "lab-main-signer runs no tmkms: its guard does not let it start",
    },
    {
      name: "fenced",
      changes: [noProcess, signer({ fence: "host replaced" })],
      aim: "node-1",
      reason: "lab-main-signer runs no tmkms: it is fenced: host replaced",
    },
    {
      name: "without a container",
      changes: [container("sig-1", "main-signer", "gone")],
      aim: "node-1",
      reason: "lab-main-signer does not exist on sig-1",
    },
  ])("$name", ({ changes, aim, reason }) => {
    expect(who(...changes)).toEqual({ kind: "stopped", aim, reason })
  })
})

it("takes a host without aim and container for one that no signer has run on", () => {
  expect(whoSigns(topology, bare(topology), validator)).toEqual({ kind: "new" })
  const interrupted = [container("sig-1", "main-signer", "gone"), signer({ aim: undefined })]
  expect(who(...interrupted)).toEqual({ kind: "new" })
})

it("does not know when the signer's host is away or was not asked", () => {
  expect(who(hostAway("sig-1", "timeout"))).toEqual({ kind: "unknown", reason: "the signer's host sig-1 cannot be asked: timeout" })
  const observed = healthy(topology)
  const hosts = new Map([...observed.hosts].filter(([name]) => name !== "sig-1"))
  expect(whoSigns(topology, { ...observed, hosts }, validator)).toMatchObject({ kind: "unknown" })
})

it("does not know when the aim is no candidate", () => {
  expect(who(signer({ aim: "sentry-1" }))).toMatchObject({ kind: "unknown" })
})

describe("sees a conflict", () => {
  const twin = (status: string): Change =>
    host("val-2", (seen) => ({
      containers: [...seen.containers, seenContainer(topology, filesOf(topology), "val-2", "main-signer", { id: "f".repeat(64), status })],
    }))

  it.each(["running", "restarting", "paused", "dead"])("in a second signer that is %s", (status) => {
    expect(who(twin(status))).toEqual({
      kind: "conflict",
      reasons: [`a second signer of main, lab-main-signer, is ${status} on val-2`],
    })
  })

  it.each(["exited", "created"])("not in one that is %s", (status) => {
    expect(who(twin(status))).toMatchObject({ kind: "active", node: "node-1" })
  })

  it("even when the signer's own host is away", () => {
    expect(who(twin("running"), hostAway("sig-1"))).toMatchObject({ kind: "conflict" })
  })

  it("in everything at once, on every host", () => {
    const seen = who(
      twin("running"),
      host("sen-1", () => ({ tmkms: [aProcess({ pid: 1 }), aProcess({ pid: 2, containerId: "c".repeat(64) })] })),
      host("sen-2", () => ({ files: new Map([["secrets/signers/main/consensus.key", "x"]]) })),
    )
    expect(seen.kind === "conflict" && [...seen.reasons].sort()).toEqual([
      "a second signer of main, lab-main-signer, is running on val-2",
      "sen-2 holds a copy of the consensus key of main",
      "tmkms process 1 on sen-1 was not started by gonka-ha: it may hold the key",
      "tmkms process 2 on sen-1 was not started by gonka-ha: it may hold the key",
    ])
  })
})
