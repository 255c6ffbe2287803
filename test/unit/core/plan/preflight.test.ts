import { describe, expect, it } from "vitest"
import type { Issue } from "../../../../src/core/issue.ts"
import { type Observed, seen, unknown } from "../../../../src/core/observe/state.ts"
import { installReasons, installSteps, type PreflightFacts, preflight, type Verb } from "../../../../src/core/plan/preflight.ts"
import type { Topology } from "../../../../src/core/topology.ts"
import {
  aged,
  aProcess,
  aTopology,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  node,
  nodeAway,
  owner,
  parkingProcess,
  record,
  signer,
  signerProcess,
  signerStopped,
  slashing,
  theValidator,
  unparked,
} from "../../../support/observed.ts"

const topology = aTopology()
const GOOD_FACTS: PreflightFacts = { guard: seen("ok"), stillSigning: undefined, targetGained: seen(1) }
const LOST: readonly Change[] = [nodeAway("node-1")]
const LOST_FACTS: PreflightFacts = { guard: seen("ok"), stillSigning: seen(false), targetGained: seen(1) }
const NOT_CONNECTED: Change = host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: [] })) }))

function reasons(verb: Verb, observed: Observed, facts: PreflightFacts, on: Topology = topology): string[] {
  const issues: readonly Issue[] = preflight(on, observed, theValidator(on), "node-2", verb, facts)
  for (const { fix, severity } of issues) expect([severity, fix]).toEqual(["error", expect.stringMatching(/\S/)])
  return issues.map(({ path, message }) => `${path}: ${message}`)
}

it("lets a promotion go when everything is well, and a failover when the active node is lost", () => {
  expect(reasons("promote", healthy(topology), GOOD_FACTS)).toEqual([])
  expect(reasons("failover", changed(healthy(topology), ...LOST), LOST_FACTS)).toEqual([])
  expect(reasons("failover", changed(healthy(topology), ...LOST, hostAway("val-1")), LOST_FACTS)).toEqual([])
  expect(reasons("failover", changed(healthy(topology), NOT_CONNECTED), LOST_FACTS)).toEqual([])
  expect(reasons("failover", changed(healthy(topology), signerStopped), { ...LOST_FACTS, guard: undefined })).toEqual([])
})

type Case = {
  readonly name: string
  readonly changes?: readonly Change[]
  readonly facts?: Partial<PreflightFacts>
  readonly reason: string
}

/** What stops a promotion and a failover alike. */
const forBoth: readonly Case[] = [
  {
    name: "two signers",
    changes: [host("sen-1", () => ({ tmkms: [aProcess()] }))],
    reason: "main: tmkms process 77 on sen-1 was not started by gonka-ha: it may hold the key",
  },
  {
    name: "a fence",
    changes: [signer({ fence: "by hand" })],
    reason: "main: the signer is fenced: by hand",
  },
  {
    name: "a missing state",
    changes: [signer({ state: { kind: "missing" } })],
    reason: "main: the signer's state file is missing on its host",
  },
  {
    name: "a damaged state",
    changes: [signer({ state: { kind: "damaged", reason: "it is not JSON" } })],
    reason: "main: the signer's state file is damaged: it is not JSON",
  },
  {
    name: "a state below its floor",
    changes: [signer({ floor: 1001 })],
    reason: "main: the signer's state is at height 1000, below its recorded floor 1001: it was rolled back",
  },
  {
    name: "no floor",
    changes: [signer({ floor: undefined })],
    reason: "main: the signer's state is at height 1000, and no floor is recorded",
  },
  {
    name: "no key",
    changes: [signer({ keySha256: undefined })],
    reason: "main: the consensus key is missing on the signer's host",
  },
  {
    name: "a guard that says no",
    facts: { guard: seen({ refusal: "the key file belongs to another validator" }) },
    reason: "main: the key file belongs to another validator",
  },
  {
    name: "a guard that cannot be asked",
    facts: { guard: unknown("docker exec failed") },
    reason: "main: the guard could not be asked: docker exec failed",
  },
  { name: "a target whose host is away", changes: [hostAway("val-2")], reason: "node-2: its host cannot be asked: no route" },
  {
    name: "a stale target",
    changes: [aged("node-2", 61_000)],
    reason: "node-2: is stale: newest block is 1m01s old, limit 20.0s",
  },
  { name: "a lagging target", changes: [node("node-2", { height: 996 })], reason: "node-2: is lagging: 4 blocks behind, limit 3" },
  { name: "a target that does not answer", changes: [nodeAway("node-2")], reason: "node-2: is unknown: nothing listens" },
  {
    name: "a target that is not parked",
    changes: [unparked("node-2", "val-2")],
    reason: "node-2: its parking signer does not hold its port, so it cannot take over without a restart",
  },
  {
    name: "a target whose port belongs to the validator's signer",
    changes: [owner("node-2", "val-2", "validator")],
    reason: "node-2: its parking signer does not hold its port, so it cannot take over without a restart",
  },
  { name: "a target that gains nothing", facts: { targetGained: seen(0) }, reason: "node-2: gained no block while the chain did" },
  {
    name: "a target whose progress is unknown",
    facts: { targetGained: unknown("no sentry answers") },
    reason: "node-2: its progress is not known: no sentry answers",
  },
  {
    name: "a target on another chain",
    changes: [node("node-2", { network: "lab-2" })],
    reason: "node-2: is on the chain lab-2, not lab-1",
  },
  {
    name: "a target of another version",
    changes: [node("node-2", { version: "0.38.11 simapp 1.0" })],
    reason: "node-2: runs version 0.38.11 simapp 1.0 while another node runs 0.38.21 simapp 1.0",
  },
  {
    name: "a target without a sentry",
    changes: [node("node-2", { peerIds: ["e".repeat(40)] })],
    reason: "node-2: is connected to no sentry",
  },
  {
    name: "no fresh sentry",
    changes: [nodeAway("sentry-1"), aged("sentry-2", 30_000)],
    reason: "chain: no sentry is fresh, so no other node can witness the move",
  },
  {
    name: "an unknown jail budget",
    changes: [(observed) => ({ ...observed, slashing: new Map([["main", unknown("no node tells")]]) })],
    reason: "main: the jail budget is not known: no node tells",
  },
  { name: "a tombstone", changes: [record({ tombstoned: true })], reason: "main: is tombstoned: this key can never sign again" },
]

describe.each([
  { verb: "promote" as const, base: [], facts: GOOD_FACTS },
  { verb: "failover" as const, base: LOST, facts: LOST_FACTS },
])("$verb is refused, for one reason alone, for", ({ verb, base, facts }) => {
  it.each(forBoth)("$name", ({ changes = [], facts: other = {}, reason }) => {
    expect(reasons(verb, changed(healthy(topology), ...base, ...changes), { ...facts, ...other })).toEqual([reason])
  })

  it("a signer's host that is away", () => {
    const found = reasons(verb, changed(healthy(topology), ...base, hostAway("sig-1")), facts)
    expect(found).toEqual(["main: the signer's host sig-1 cannot be asked: no route"])
  })

  it("a signer that was never set up", () => {
    const bareSigner = host("sig-1", () => ({ containers: [], signers: new Map(), tmkms: [] }))
    expect(reasons(verb, changed(healthy(topology), ...base, bareSigner), facts)).toEqual(["main: its signer is not set up yet"])
  })

  it("a target that another validator signs through", () => {
    const main = theValidator(topology)
    const other = { ...main, name: "other", pubkey: "another key", signerHost: "val-2", firstActive: "node-2" }
    const two = aTopology({ validators: [main, other] })
    const observed = changed(
      healthy(two),
      host("val-2", (seenHost) => ({
        signers: new Map([...seenHost.signers].map(([name, files]) => [name, { ...files, aim: "node-2" }])),
        tmkms: [parkingProcess(two, "node-2"), signerProcess(two, other, "node-2")],
      })),
      ...base,
    )
    const refused = ["node-2: is the active node of validator other: one port holds one signer"]
    expect(reasons(verb, observed, facts, two)).toEqual(refused)
    // Stopped for a moment, its signer comes back to where it was aimed.
    const stopped = container("val-2", "other-signer", { status: "exited" })
    expect(reasons(verb, changed(observed, stopped), facts, two)).toEqual(refused)
  })
})

describe("promote alone is refused for", () => {
  it.each<Case>([
    {
      name: "a stale active node",
      changes: [aged("node-1", 61_000)],
      reason: "node-1: the active node is stale: newest block is 1m01s old, limit 20.0s",
    },
    { name: "an active node that does not answer", changes: LOST, reason: "node-1: the active node is unknown: nothing listens" },
    { name: "a signer that is not connected", changes: [NOT_CONNECTED], reason: "node-1: the signer is not connected to the active node" },
    { name: "a stopped signer", changes: [signerStopped], reason: "main: lab-main-signer is exited on sig-1" },
    {
      name: "a signer that its guard keeps down",
      changes: [host("sig-1", () => ({ tmkms: [] }))],
      reason: "main: lab-main-signer runs no tmkms: its guard does not let it start",
    },
    {
      name: "a jail budget that is too small for the move and the reserve",
      changes: [record({ missedBlocks: 40 })],
      reason: "main: 10 blocks are left until jail, and 11 are needed: 1 for the move, 10 in reserve",
    },
  ])("$name", ({ changes = [], reason }) => {
    expect(reasons("promote", changed(healthy(topology), ...changes), GOOD_FACTS)).toEqual([reason])
  })

  it("nothing when the budget is just enough, or when the chain has no record yet", () => {
    expect(reasons("promote", changed(healthy(topology), record({ missedBlocks: 39 })), GOOD_FACTS)).toEqual([])
    expect(reasons("promote", changed(healthy(topology), slashing({ record: undefined })), GOOD_FACTS)).toEqual([])
  })

  it("nothing when the active node merely lags", () => {
    expect(reasons("promote", changed(healthy(topology), node("node-1", { height: 990 })), GOOD_FACTS)).toEqual([])
  })
})

describe("failover alone is refused for", () => {
  it.each<Case>([
    { name: "a healthy active node", reason: "node-1: the active node is healthy: there is nothing to fail over" },
    {
      name: "an active node that still signs",
      changes: LOST,
      facts: { stillSigning: seen(true) },
      reason: "node-1: its management does not answer, but the chain shows that the validator signs on",
    },
    {
      name: "an active node of which it is not known whether it signs",
      changes: LOST,
      facts: { stillSigning: unknown("no sentry answers") },
      reason: "node-1: whether it still signs is not known: no sentry answers",
    },
  ])("$name", ({ changes = [], facts = {}, reason }) => {
    expect(reasons("failover", changed(healthy(topology), ...changes), { ...LOST_FACTS, ...facts })).toEqual([reason])
  })

  it("nothing when the signer is stopped and the target only has to be parked and to catch up", () => {
    const stopped = [signerStopped, owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), aged("node-2", 60_000)]
    const facts: PreflightFacts = { guard: undefined, stillSigning: undefined, targetGained: seen(0) }
    expect(reasons("failover", changed(healthy(topology), ...stopped), facts)).toEqual([])
    expect(reasons("failover", changed(healthy(topology), ...stopped, nodeAway("node-2")), facts)).toContain(
      "node-2: is unknown: nothing listens",
    )
  })

  it("nothing when the budget runs out: that is what it is for", () => {
    expect(reasons("failover", changed(healthy(topology), ...LOST, record({ missedBlocks: 50 })), LOST_FACTS)).toEqual([])
  })
})

it("says that the chain stands still, and does not blame the sentries", () => {
  const still = topology.nodes.map(({ name }) => aged(name, 61_000))
  const found = reasons("promote", changed(healthy(topology), ...still), GOOD_FACTS)
  expect(found).toContain("chain: every node is stale at once: the chain or our uplink stands still")
  expect(found.join("\n")).not.toContain("no sentry is fresh")
})

it("says that nothing can be verified when no node answers", () => {
  const away = topology.nodes.map(({ name }) => nodeAway(name))
  expect(reasons("failover", changed(healthy(topology), ...away), LOST_FACTS)).toContain(
    "chain: no node answers, so nothing can be verified",
  )
})

describe("the signer's own files, older than what is rendered", () => {
  const outdated = host("sig-1", ({ files }) => ({
    files: new Map(
      [...files]
        .filter(([path]) => !path.endsWith("signer-health.sh"))
        .map(([path, digest]) => [path, path.endsWith("main/config/settings") ? "old" : digest]),
    ),
  }))

  it("stop a promotion, which can wait for an up", () => {
    expect(
      installReasons(filesOf(topology), changed(healthy(topology), outdated), theValidator(topology)).map(({ message }) => message),
    ).toEqual([
      "signers/main/config/settings on sig-1 is not what is rendered",
      "signers/main/config/signer-health.sh on sig-1 is not what is rendered",
    ])
  })

  it("are brought along by a failover, since the lost host holds up every up", () => {
    expect(installSteps(filesOf(topology), changed(healthy(topology), outdated), theValidator(topology))).toEqual([
      {
        kind: "files.push",
        args: { host: "sig-1", paths: ["signers/main/config/settings", "signers/main/config/signer-health.sh"] },
        cause: expect.stringContaining("the lost host"),
      },
    ])
    expect(installSteps(filesOf(topology), healthy(topology), theValidator(topology))).toEqual([])
  })
})

it("gives every reason at once", () => {
  const observed = changed(
    healthy(topology),
    signer({ fence: "by hand", keySha256: undefined, floor: 1001 }),
    aged("node-1", 61_000),
    unparked("node-2", "val-2"),
    node("node-2", { height: 900, network: "lab-2", version: "other", peerIds: [] }),
    container("sen-1", "sentry-1", { status: "exited" }),
    nodeAway("sentry-1"),
    nodeAway("sentry-2"),
    record({ missedBlocks: 45 }),
  )
  const facts: PreflightFacts = { guard: seen({ refusal: "fenced: by hand" }), stillSigning: undefined, targetGained: seen(0) }
  expect(reasons("promote", observed, facts)).toEqual([
    "main: the signer is fenced: by hand",
    "main: the signer's state is at height 1000, below its recorded floor 1001: it was rolled back",
    "main: the consensus key is missing on the signer's host",
    "node-1: the active node is stale: newest block is 1m01s old, limit 20.0s",
    "main: fenced: by hand",
    "node-2: is lagging: 100 blocks behind, limit 3; has no peers",
    "node-2: its parking signer does not hold its port, so it cannot take over without a restart",
    "node-2: gained no block while the chain did",
    "node-2: is on the chain lab-2, not lab-1",
    "node-2: runs version other while another node runs 0.38.21 simapp 1.0",
    "node-2: is connected to no sentry",
    "chain: no sentry is fresh, so no other node can witness the move",
    "main: 5 blocks are left until jail, and 11 are needed: 1 for the move, 10 in reserve",
  ])
})
