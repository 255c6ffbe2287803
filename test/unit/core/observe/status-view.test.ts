import { describe, expect, it } from "vitest"
import { seen, unknown, valueIn } from "../../../../src/core/observe/state.ts"
import { statusView } from "../../../../src/core/observe/status-view.ts"
import {
  aged,
  aProcess,
  aTopology,
  bare,
  type Change,
  changed,
  container,
  healthy,
  host,
  hostAway,
  NOW_MS,
  node,
  nodeAway,
  owner,
  record,
  seenSlashing,
  signer,
  signerStopped,
  slashing,
  unparked,
} from "../../../support/observed.ts"
import { fullTopology } from "../../../support/sample-topologies.ts"

const topology = aTopology()
const view = (...changes: readonly Change[]) => statusView(topology, changed(healthy(topology), ...changes))
const rowOf = (name: string, ...changes: readonly Change[]) => view(...changes).nodes.find((row) => row.name === name)

it("has nothing to say when all is well", () => {
  const well = view()
  expect([well.exitCode, well.critical, well.warnings, well.unknownHosts]).toEqual([0, [], [], []])
  expect(well).toMatchObject({ deployment: "lab", chain: "lab-1", tip: 1000, tipAgeMs: 1500 })
  expect(well.validators).toMatchObject([
    {
      name: "main",
      signing: { kind: "active", node: "node-1", attached: true },
      recentlySigned: { signed: 10, of: 10 },
      signedInWindow: { signed: 100, of: 100 },
      budget: { leftBlocks: 50 },
      inSet: true,
      tombstoned: false,
      jailedUntilMs: undefined,
    },
  ])
  expect(well.nodes.map(({ name, role, port, lagBlocks, peers }) => [name, role, port, lagBlocks, peers])).toEqual([
    ["sentry-1", "sentry", undefined, 0, 3],
    ["sentry-2", "sentry", undefined, 0, 3],
    ["node-1", "validator", "signer", 0, 3],
    ["node-2", "standby", "parking", 0, 3],
  ])
})

const absent = seenSlashing().recent.map(({ height }) => ({ height, vote: "absent" as const }))

const UNJAIL = "its account has to send the chain's unjail transaction"
const outOfTheSet: Change = (observed) => {
  const before = valueIn(observed.slashing.get("main"))
  return before ? { ...observed, slashing: new Map([["main", seen({ ...before, votingPower: undefined })]]) } : observed
}

const criticals: readonly { readonly name: string; readonly changes: readonly Change[]; readonly line: string }[] = [
  { name: "a tombstone", changes: [record({ tombstoned: true })], line: "main is tombstoned: this key can never sign again" },
  {
    name: "two signers",
    changes: [host("sen-1", () => ({ tmkms: [aProcess()] }))],
    line: "main: tmkms process 77 on sen-1 was not started by gonka-ha: it may hold the key",
  },
  {
    name: "a signer's host that is away",
    changes: [hostAway("sig-1", "timeout")],
    line: "main: it is not clear who signs: the signer's host sig-1 cannot be asked: timeout",
  },
  {
    name: "a signer that was never set up",
    changes: [host("sig-1", () => ({ containers: [], signers: new Map(), tmkms: [] }))],
    line: "main: its signer is not set up; run gonka-ha up",
  },
  { name: "a stopped signer", changes: [signerStopped], line: "main does not sign: lab-main-signer is exited on sig-1" },
  { name: "a jail", changes: [record({ jailedUntilMs: NOW_MS + 1 })], line: `main is jailed: when its time is over, ${UNJAIL}` },
  {
    name: "a jail that is over and that nobody has ended",
    changes: [record({ jailedUntilMs: NOW_MS - 1 }), outOfTheSet],
    line: `main is jailed, and its time is over: ${UNJAIL}`,
  },
  {
    name: "a validator that signs nothing",
    changes: [slashing({ recent: absent })],
    line: "main signed none of the last 10 blocks, though its signer runs at node-1",
  },
  {
    name: "a signer that has lost its node, with the first block missed",
    changes: [
      host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: [] })) })),
      slashing({
        recent: [
          { height: 999, vote: "absent" },
          { height: 998, vote: "signed" },
        ],
      }),
    ],
    line: "main does not sign: its signer is not connected to node-1, and block 999 was missed",
  },
]

describe("is critical with", () => {
  it.each(criticals)("$name", ({ changes, line }) => {
    const seen = view(...changes)
    expect([seen.exitCode, seen.critical]).toEqual([5, [line]])
  })
})

const degraded: readonly { readonly name: string; readonly changes: readonly Change[]; readonly lines: readonly string[] }[] = [
  { name: "a sentry's host that is away", changes: [hostAway("sen-1", "timeout"), nodeAway("sentry-1")], lines: ["sen-1: timeout"] },
  { name: "a stale sentry", changes: [aged("sentry-1", 61_000)], lines: ["sentry-1 is stale: newest block is 1m01s old, limit 20.0s"] },
  {
    name: "a sentry that does not answer",
    changes: [container("sen-1", "sentry-1", { status: "exited" }), nodeAway("sentry-1")],
    lines: ["sentry-1 is unknown: nothing listens"],
  },
  {
    name: "an active node that lags",
    changes: [node("node-1", { height: 990 })],
    lines: ["node-1 is lagging: 10 blocks behind, limit 3"],
  },
  {
    name: "a standby that lags",
    changes: [node("node-2", { height: 990 })],
    lines: ["main: no standby is ready to take over", "node-2 is lagging: 10 blocks behind, limit 3"],
  },
  { name: "a standby that is not parked", changes: [unparked("node-2", "val-2")], lines: ["main: no standby is ready to take over"] },
  {
    name: "a standby that waits for the signer",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), aged("node-2", 61_000)],
    lines: [
      "main: no standby is ready to take over",
      "node-2 waits for the validator's signer, which has moved; run gonka-ha up to park it",
    ],
  },
  {
    name: "an operation that was left half-way",
    changes: [
      signer({
        operation: { id: "op", kind: "failover", from: "node-1", to: "node-2", by: "anna@desk", since: "now", startHeight: 1 },
      }),
    ],
    lines: ["main: failover to node-2 was left half-way; run gonka-ha promote --resume"],
  },
  { name: "a fence beside a running signer", changes: [signer({ fence: "by hand" })], lines: ["main: the signer is fenced: by hand"] },
  {
    name: "a signer that is not connected",
    changes: [host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((process) => ({ ...process, connections: [] })) }))],
    lines: ["main: the signer is not connected to node-1"],
  },
  {
    name: "a validator that is not in the set",
    changes: [slashing({ votingPower: undefined, recent: absent })],
    lines: ["main is not in the validator set: there is nothing to sign yet"],
  },
  {
    name: "a chain that stands still, which blames no node",
    changes: topology.nodes.map(({ name }) => aged(name, 61_000)),
    lines: ["every node is stale at once: the chain or our uplink stands still", "main: no standby is ready to take over"],
  },
]

describe("is degraded with", () => {
  it.each(degraded)("$name", ({ changes, lines }) => {
    const seen = view(...changes)
    expect({ exit: seen.exitCode, critical: seen.critical, warnings: seen.warnings }).toEqual({ exit: 4, critical: [], warnings: lines })
  })
})

it("is degraded with a load balancer that does not run, or is not there", () => {
  const full = (...changes: readonly Change[]) => statusView(fullTopology, changed(healthy(fullTopology), ...changes))
  expect(full().exitCode).toBe(0)
  const down = full(container("api-1", "manager-balancer", { status: "exited" }), container("edge-1", "public-1-balancer", "gone"))
  expect([down.exitCode, down.warnings]).toEqual([
    4,
    ["manager-balancer on api-1 is exited; run gonka-ha up", "public-1-balancer on edge-1 is not there; run gonka-ha up"],
  ])
  expect(full(hostAway("edge-1", "timeout")).warnings).toEqual(["edge-1: timeout"])
})

it("is critical first when there are warnings, too", () => {
  expect(view(signerStopped, aged("sentry-1", 61_000))).toMatchObject({ exitCode: 5, warnings: [expect.stringContaining("sentry-1")] })
})

it("is neither jailed nor warned when a jail is over", () => {
  expect(view(record({ jailedUntilMs: NOW_MS })).exitCode).toBe(0)
})

it("knows nothing of bare hosts, and says unknown rather than zero", () => {
  const seen = statusView(topology, bare(topology))
  expect(seen.exitCode).toBe(5)
  expect(seen).toMatchObject({ tip: undefined, tipAgeMs: undefined })
  for (const row of seen.nodes) expect(row).toMatchObject({ height: undefined, lagBlocks: undefined, ageMs: undefined, peers: undefined })
  expect(seen.validators[0]).toMatchObject({ budget: undefined, recentlySigned: undefined, signedInWindow: undefined, inSet: undefined })
})

it("does not know the budget when the chain does not tell, and says so", () => {
  const silent: Change = (observed) => ({ ...observed, slashing: new Map([["main", unknown("no node tells")]]) })
  expect(view(silent).validators[0]).toMatchObject({ budget: undefined, inSet: undefined })
  expect(view(silent)).toMatchObject({
    exitCode: 4,
    warnings: ["main: whether its signatures are on the chain is not known: no node tells"],
  })
})

it("counts what was signed in a window that is not full yet", () => {
  expect(view(record({ missedBlocks: 3, countedBlocks: 20 })).validators[0]?.signedInWindow).toEqual({ signed: 17, of: 20 })
})

describe("the port of a candidate", () => {
  it("is unknown when its host is away", () => {
    expect(rowOf("node-2", hostAway("val-2"))?.port).toBe("unknown")
  })

  it("is nobody's when the parking signer is dead", () => {
    expect(rowOf("node-2", unparked("node-2", "val-2"))?.port).toBe("none")
  })

  it("is nobody's on the active node while its signer is stopped, and the node is a standby by then", () => {
    expect(rowOf("node-1", signerStopped)).toMatchObject({ port: "none", role: "standby" })
  })
})
