import { describe, expect, it } from "vitest"
import type { Issue } from "../../../../src/core/issue.ts"
import { type Observed, seen, unknown } from "../../../../src/core/observe/state.ts"
import type { BlockCompared, PreflightFacts, Verb } from "../../../../src/core/plan/preflight/facts.ts"
import { installReasons, installSteps } from "../../../../src/core/plan/preflight/install.ts"
import { preflight } from "../../../../src/core/plan/preflight.ts"
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
const HASH = "A".repeat(64)
const OTHER_HASH = "B".repeat(64)
const block = (...hashes: readonly (readonly [string, string])[]): BlockCompared => ({
  height: 999,
  hashes: new Map(hashes.map(([name, hash]) => [name, seen(hash)])),
})
const WATCHED = { looks: 40, gained: 1, worstLagBlocks: 1, worstAgeMs: 7000 }
const GOOD_FACTS: PreflightFacts = {
  guard: seen("ok"),
  stillSigning: undefined,
  target: seen(WATCHED),
  witnessed: seen(block(["sentry-1", HASH], ["sentry-2", HASH])),
  targetBlock: seen(block(["node-2", HASH], ["sentry-1", HASH])),
  upgrade: seen(undefined),
  lock: undefined,
  clocks: new Map(),
}
const GIB = 1024 ** 3
const LOST: readonly Change[] = [nodeAway("node-1")]
const LOST_FACTS: PreflightFacts = { ...GOOD_FACTS, stillSigning: seen(false) }
const NOT_CONNECTED: Change = host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: [] })) }))

function reasons(verb: Verb, observed: Observed, facts: PreflightFacts, on: Topology = topology): string[] {
  const issues: readonly Issue[] = preflight(on, observed, theValidator(on), "node-2", verb, facts)
  for (const { fix } of issues) expect(fix).toMatch(/\S/)
  return issues.map(({ path, message, severity }) => `${severity === "error" ? "" : "warning: "}${path}: ${message}`)
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
  {
    name: "a target that gains nothing",
    facts: { target: seen({ ...WATCHED, gained: 0 }) },
    reason: "node-2: gained no block while the chain did",
  },
  {
    name: "a target whose progress is unknown",
    facts: { target: unknown("no sentry answers") },
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
    name: "a target that lagged in between",
    facts: { target: seen({ ...WATCHED, worstLagBlocks: 4 }) },
    reason: "node-2: was 4 blocks behind in one of 40 looks, limit 3",
  },
  {
    name: "a target that was stale in between",
    facts: { target: seen({ ...WATCHED, worstAgeMs: 21_000 }) },
    reason: "node-2: its newest block was 21.0s old in one of 40 looks, limit 20.0s",
  },
  {
    name: "a target with another history",
    facts: { targetBlock: seen(block(["node-2", OTHER_HASH], ["sentry-1", HASH])) },
    reason: "node-2: block 999 differs: node-2 has BBBBBBBB, sentry-1 has AAAAAAAA",
  },
  {
    name: "witnesses that disagree",
    facts: { witnessed: seen(block(["sentry-1", HASH], ["sentry-2", OTHER_HASH])) },
    reason: "chain: the witnesses disagree: block 999 differs: sentry-1 has AAAAAAAA, sentry-2 has BBBBBBBB",
  },
  {
    name: "a signer that somebody else works on",
    facts: { lock: "ben@home since noon: promote node-2" },
    reason: "main: its signer is locked by ben@home since noon: promote node-2",
  },
  {
    name: "a state of another chain",
    changes: [signer({ state: { kind: "ok", state: { height: 1003, round: 0, step: 2 }, sealed: false } })],
    reason: "main: the signer's state is at height 1003, 3 blocks above the chain's newest block 1000, and at most 2 are possible",
  },
  {
    name: "signatures that the running signer knows nothing of",
    changes: [
      signer({ floor: 900, state: { kind: "ok", state: { height: 988, round: 0, step: 2 }, sealed: false } }),
      slashing({ votingPower: undefined }),
    ],
    reason: "main: block 999 carries this key's signature, and the running signer's state is at 988, more than 10 blocks below",
  },
  {
    name: "a full disk of the target",
    changes: [host("val-2", () => ({ disk: seen({ totalBytes: 500 * GIB, freeBytes: 0.4 * GIB }) }))],
    reason: expect.stringMatching(/^val-2: 409 MiB of 500\.0 GiB are free for the target's data, and /),
  },
  {
    name: "a full disk of the signer",
    changes: [host("sig-1", () => ({ disk: seen({ totalBytes: 20 * GIB, freeBytes: 200 * 1024 ** 2 }) }))],
    reason: "sig-1: 200 MiB of 20.0 GiB are free for the signer's state, and 256 MiB or 5 % must be",
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

/** What stops a promotion, which can wait, and is told before a failover, which cannot. */
const softer: readonly Case[] = [
  {
    name: "an upgrade that is near",
    facts: { upgrade: seen({ name: "v2", height: 1200 }) },
    reason: "chain: the upgrade v2 comes at height 1200, in 200 blocks or about 3m20s, and nothing is moved in the last 200",
  },
  {
    name: "an upgrade of which nothing is known",
    facts: { upgrade: unknown("no sentry answers") },
    reason: "chain: the height of the next upgrade is not known: no sentry answers",
  },
  {
    name: "a target that does not tell its blocks",
    facts: {
      targetBlock: seen({
        height: 999,
        hashes: new Map([
          ["node-2", unknown("no answer within 3000 ms")],
          ["sentry-1", seen(HASH)],
        ]),
      }),
    },
    reason: "node-2: whether it has the witnesses' blocks is not known: node-2: no answer within 3000 ms",
  },
  {
    name: "a target with no block in common",
    facts: { targetBlock: unknown("there is no block yet that all of them have") },
    reason: "node-2: whether it has the witnesses' blocks is not known: there is no block yet that all of them have",
  },
  {
    name: "a witness that does not tell its blocks",
    facts: {
      witnessed: seen({
        height: 999,
        hashes: new Map([
          ["sentry-1", seen(HASH)],
          ["sentry-2", unknown("pruned")],
        ]),
      }),
    },
    reason: "chain: whether the witnesses agree is not known: sentry-2: pruned",
  },
  {
    name: "free space that is not known",
    changes: [host("val-2", () => ({ disk: unknown("its probe did not tell the free space") }))],
    reason: "val-2: the free space for the target's data is not known: its probe did not tell the free space",
  },
  {
    name: "a clock of the signer's host that is ahead",
    changes: [host("sig-1", () => ({ clock: seen({ offsetMs: 6100, withinMs: 1000 }) }))],
    reason: "sig-1: its clock is 6.1s ahead of the other clocks, limit 2.0s",
  },
  {
    name: "a clock of the target's host that is behind",
    changes: [host("val-2", () => ({ clock: seen({ offsetMs: -3_600_000, withinMs: 1000 }) }))],
    reason: "val-2: its clock is 1h00m behind the other clocks, limit 2.0s",
  },
  {
    name: "a clock that is not known",
    changes: [host("sig-1", () => ({ clock: unknown("its probe did not tell the time") }))],
    reason: "sig-1: its clock is not known: its probe did not tell the time",
  },
  {
    name: "a clock that may be off, for all that its slow answer tells",
    changes: [host("sig-1", () => ({ clock: seen({ offsetMs: 6000, withinMs: 6100 }) }))],
    reason: "sig-1: its clock is known to 6.1s only, since it answers so slowly, limit 2.0s",
  },
]

describe.each(softer)("$name", ({ changes = [], facts = {}, reason }) => {
  it("stops a promotion for this reason alone", () => {
    expect(reasons("promote", changed(healthy(topology), ...changes), { ...GOOD_FACTS, ...facts })).toEqual([reason])
  })

  it("is told before a failover, and stops it not", () => {
    expect(reasons("failover", changed(healthy(topology), ...LOST, ...changes), { ...LOST_FACTS, ...facts })).toEqual([
      `warning: ${reason}`,
    ])
  })
})

describe("witnesses", () => {
  const alone = aTopology({ nodes: topology.nodes.filter(({ name }) => name !== "sentry-2") })

  it("may be one, which is told", () => {
    expect(reasons("promote", healthy(alone), { ...GOOD_FACTS, witnessed: seen(block(["sentry-1", HASH])) }, alone)).toEqual([
      "warning: chain: sentry-1 is the only sentry: no second witness can contradict it",
    ])
  })

  it("may be one of two, which is told: a sentry that is away must not keep a validator where it is", () => {
    expect(reasons("promote", changed(healthy(topology), nodeAway("sentry-2")), GOOD_FACTS)).toEqual([
      "warning: chain: sentry-1 is the only fresh sentry, so no second witness can contradict it: sentry-2 is unknown: nothing listens",
    ])
  })
})

describe("an upgrade", () => {
  it.each([
    { name: "far enough away", upgrade: { name: "v2", height: 1201 } },
    { name: "that is over", upgrade: { name: "v1", height: 999 } },
  ])("$name stops nothing", ({ upgrade }) => {
    expect(reasons("promote", healthy(topology), { ...GOOD_FACTS, upgrade: seen(upgrade) })).toEqual([])
  })
})

describe("a disk", () => {
  const at = (name: string, totalBytes: number, freeBytes: number) => host(name, () => ({ disk: seen({ totalBytes, freeBytes }) }))

  it("may be small, or full in per cent, as long as there is room", () => {
    expect(reasons("promote", changed(healthy(topology), at("val-2", 20 * GIB, 3 * GIB)), GOOD_FACTS)).toEqual([])
    expect(reasons("promote", changed(healthy(topology), at("val-2", 4000 * GIB, 6 * GIB)), GOOD_FACTS)).toEqual([])
  })

  it("needs less where a node has to sign now", () => {
    const little = at("val-2", 400 * GIB, 2 * GIB)
    expect(reasons("promote", changed(healthy(topology), little), GOOD_FACTS)).toHaveLength(1)
    expect(reasons("failover", changed(healthy(topology), ...LOST, little), LOST_FACTS)).toEqual([])
  })

  it("of another host says nothing", () => {
    expect(reasons("promote", changed(healthy(topology), at("sen-1", GIB, 0)), GOOD_FACTS)).toEqual([])
  })

  it("that the signer and the target share is named once", () => {
    const main = theValidator(topology)
    const shared = aTopology({ validators: [{ ...main, signerHost: "val-2" }] })
    const found = reasons("promote", changed(healthy(shared), at("val-2", 100 * GIB, GIB)), GOOD_FACTS, shared)
    expect(found.filter((reason) => reason.includes("free"))).toHaveLength(1)
  })
})

describe("clocks", () => {
  const at = (name: string, offsetMs: number, withinMs = 50) => host(name, () => ({ clock: seen({ offsetMs, withinMs }) }))

  it("that all differ from ours alike are right, and ours is wrong", () => {
    const all = topology.hosts.map(({ name }) => at(name, 60_000))
    expect(reasons("promote", changed(healthy(topology), ...all), GOOD_FACTS)).toEqual([])
  })

  it("of other hosts say nothing", () => {
    expect(reasons("promote", changed(healthy(topology), at("sen-1", 60_000)), GOOD_FACTS)).toEqual([])
  })

  it("are behind when the chain's newest block comes from their future", () => {
    const fromTheFuture = topology.nodes.map(({ name }) => aged(name, -6000))
    expect(reasons("promote", changed(healthy(topology), ...fromTheFuture), GOOD_FACTS)).toEqual([
      "sig-1: its clock is 6.0s behind the chain's newest block, limit 2.0s",
      "val-2: its clock is 6.0s behind the chain's newest block, limit 2.0s",
    ])
  })

  it("that were read again are judged by what was read then", () => {
    const slow = changed(healthy(topology), at("sig-1", 6000, 6100))
    expect(reasons("promote", slow, { ...GOOD_FACTS, clocks: new Map([["sig-1", seen({ offsetMs: 3, withinMs: 20 })]]) })).toEqual([])
    expect(reasons("promote", slow, { ...GOOD_FACTS, clocks: new Map([["sig-1", seen({ offsetMs: 6000, withinMs: 20 })]]) })).toEqual([
      "sig-1: its clock is 6.0s ahead of the other clocks, limit 2.0s",
    ])
  })

  it("of hosts that answered slowly are no measure for others", () => {
    const slow = topology.hosts.filter(({ name }) => !["sig-1", "val-2"].includes(name)).map(({ name }) => at(name, 3000, 3000))
    expect(reasons("promote", changed(healthy(topology), ...slow), GOOD_FACTS)).toEqual([])
  })

  it("may be off by more where blocks take longer, and by two seconds at least", () => {
    const off = (blockMs: number, ms: number) => {
      const other = aTopology({ chain: { ...topology.chain, blockMs } })
      return reasons("promote", changed(healthy(other), at("sig-1", ms)), GOOD_FACTS, other).length
    }
    expect([off(10_000, 9900), off(10_000, 10_100), off(100, 1900), off(100, 2100)]).toEqual([0, 1, 0, 1])
  })
})

describe("the signer's state", () => {
  const at = (height: number, sealed = false) =>
    signer({ floor: 900, state: { kind: "ok", state: { height, round: 0, step: sealed ? 0 : 2 }, sealed } })

  it("may be ahead of the chain by what a signer works on, and behind by what one look takes", () => {
    for (const height of [1002, 990]) expect(reasons("promote", changed(healthy(topology), at(height)), GOOD_FACTS)).toEqual([])
  })

  it("is compared with the newest block that the votes tell of, which are asked for last", () => {
    const later = slashing({ recent: [{ height: 1003, vote: "signed" }] })
    expect(reasons("promote", changed(healthy(topology), at(1006), later), GOOD_FACTS)).toEqual([])
    expect(reasons("promote", changed(healthy(topology), at(1007), later), GOOD_FACTS)).toHaveLength(1)
  })

  it("that was sealed above the chain is waited for", () => {
    const [issue] = preflight(topology, changed(healthy(topology), at(1005, true)), theValidator(topology), "node-2", "promote", GOOD_FACTS)
    expect(issue?.fix).toBe("it was sealed there: wait until the chain has passed that height")
  })

  it("that stays behind means that it does not sign, which stops a promotion alone", () => {
    const absent = slashing({ recent: [{ height: 999, vote: "absent" }] })
    expect(reasons("promote", changed(healthy(topology), at(989), absent), GOOD_FACTS)).toEqual([
      "main: the signer is connected and does not sign: its state is at height 989, 11 blocks below the chain's newest block 1000, limit 10",
    ])
    expect(reasons("failover", changed(healthy(topology), ...LOST, at(989), absent), LOST_FACTS)).toEqual([])
    const notInSet = slashing({ votingPower: undefined, record: undefined, recent: [] })
    expect(reasons("promote", changed(healthy(topology), at(989), notInSet), GOOD_FACTS)).toEqual([])
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
    const facts: PreflightFacts = { ...GOOD_FACTS, guard: undefined, target: undefined }
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
      installReasons(topology, filesOf(topology), changed(healthy(topology), outdated), theValidator(topology)).map(
        ({ message }) => message,
      ),
    ).toEqual([
      "signers/main/config/settings on sig-1 is not what is rendered",
      "signers/main/config/signer-health.sh on sig-1 is not what is rendered",
    ])
  })

  it("stop a promotion into another image, also when only the container's definition is older", () => {
    const definition = host("sig-1", ({ files }) => ({ files: new Map([...files, ["compose.yaml", "old"]]) }))
    const reasons = (...changes: readonly Change[]) =>
      installReasons(topology, filesOf(topology), changed(healthy(topology), ...changes), theValidator(topology)).map(
        ({ message }) => message,
      )
    expect(reasons(definition)).toEqual([])
    expect(reasons(definition, container("sig-1", "main-signer", { digest: "old", image: "tmkms:before" }))).toEqual([
      "compose.yaml on sig-1 is not what is rendered",
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
    host("val-2", () => ({ disk: seen({ totalBytes: 400 * GIB, freeBytes: 1.5 * GIB }) })),
    host("sig-1", () => ({ clock: seen({ offsetMs: -60_000, withinMs: 20 }) })),
  )
  const facts: PreflightFacts = {
    ...GOOD_FACTS,
    guard: seen({ refusal: "fenced: by hand" }),
    target: seen({ ...WATCHED, gained: 0 }),
    targetBlock: seen(block(["node-2", OTHER_HASH], ["sentry-1", HASH])),
    upgrade: seen({ name: "v2", height: 1100 }),
    lock: "ben@home since 2026-11-23T11:59:00.000Z: promote node-2",
  }
  expect(reasons("promote", observed, facts)).toEqual([
    "main: its signer is locked by ben@home since 2026-11-23T11:59:00.000Z: promote node-2",
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
    "node-2: block 999 differs: node-2 has BBBBBBBB, sentry-1 has AAAAAAAA",
    "chain: no sentry is fresh, so no other node can witness the move",
    "chain: the upgrade v2 comes at height 1100, in 100 blocks or about 1m40s, and nothing is moved in the last 200",
    "val-2: 1.5 GiB of 400.0 GiB are free for the target's data, and 5.0 GiB or 10 % must be",
    "sig-1: its clock is 1m00s behind the other clocks, limit 2.0s",
    "main: 5 blocks are left until jail, and 11 are needed: 1 for the move, 10 in reserve",
  ])
})
