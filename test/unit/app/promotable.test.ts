import { describe, expect, it } from "vitest"
import { type Promotable, promotable } from "../../../src/app/promotable.ts"
import { promotableText } from "../../../src/cli/show-promotable.ts"
import { seen } from "../../../src/core/observe/state.ts"
import {
  aTopology,
  type Change,
  changed,
  healthy,
  host,
  hostAway,
  node,
  nodeAway,
  record,
  signer,
  signerStopped,
  unparked,
} from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { type Sayings, speakingHosts } from "../../support/speaking-hosts.ts"

/** Asked of hosts that answer as they would over SSH. */
function ask(name: string, changes: readonly Change[] = [], sayings: Sayings = {}): Promise<Promotable> {
  const topology = aTopology()
  const hosts = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock, sayings)
  const deployment: PaperDeployment = aDeployment(hosts, { topology })
  return promotable(deployment, name)
}

async function reasons(changes: readonly Change[], sayings: Sayings = {}): Promise<readonly string[]> {
  const { exitCode, validators } = await ask("node-2", changes, sayings)
  expect([exitCode, validators.map(({ verdict }) => verdict)]).toEqual([6, ["refused"]])
  return validators.flatMap(({ issues }) => issues.map(({ path, message }) => `${path}: ${message}`))
}

describe("a node is", () => {
  it("promotable when everything is well", async () => {
    expect(await ask("node-2")).toEqual({
      node: "node-2",
      validators: [{ validator: "main", verdict: "promotable", signsThrough: "node-1", issues: [] }],
      issues: [],
      exitCode: 0,
    })
  })

  it("active when the validator signs through it", async () => {
    expect(await ask("node-1")).toMatchObject({ exitCode: 0, validators: [{ verdict: "active", issues: [] }] })
  })

  it("promotable with one witness, which is told", async () => {
    const { exitCode, validators } = await ask("node-2", [nodeAway("sentry-2")])
    expect(exitCode).toBe(0)
    expect(validators[0]?.issues).toMatchObject([{ severity: "warning", message: expect.stringContaining("only fresh sentry") }])
  })

  it("promotable though its host answers slowly at first: its clock is read once more", async () => {
    expect(await ask("node-2", [], { firstAnswerMs: new Map([["val-2", 6000]]) })).toMatchObject({
      exitCode: 0,
      validators: [{ issues: [] }],
    })
  })

  it("never promotable where it is no candidate", async () => {
    expect(await ask("sentry-1")).toMatchObject({
      exitCode: 6,
      validators: [],
      issues: [{ path: "sentry-1", message: expect.stringContaining("candidate of no validator"), fix: expect.stringContaining("node-1") }],
    })
  })

  it("not there, and another one is meant", async () => {
    await expect(ask("nod-2")).rejects.toMatchObject({ code: "USAGE", exit: 64, hint: expect.stringMatching(/^did you mean node-\d\?/) })
  })
})

describe("a node is not promotable, for one reason that is told with its fix, because of", () => {
  const operation = { id: "op", kind: "promote", from: "node-1", to: "node-2", by: "ben@home", since: "noon", startHeight: 990 } as const
  it.each<{ name: string; changes?: readonly Change[]; sayings?: Sayings; reason: string }>([
    { name: "its lag", changes: [node("node-2", { height: 990 })], reason: "node-2: is lagging: 10 blocks behind, limit 3" },
    { name: "its standstill", sayings: { still: ["node-2"] }, reason: "node-2: gained no block while the chain did" },
    {
      name: "its history",
      sayings: { hashes: new Map([["node-2", "B".repeat(64)]]) },
      reason: "node-2: block 999 differs: node-2 has BBBBBBBB, sentry-1 has AAAAAAAA",
    },
    {
      name: "witnesses that disagree",
      sayings: { hashes: new Map([["sentry-2", "B".repeat(64)]]) },
      reason: "chain: the witnesses disagree: block 999 differs: sentry-1 has AAAAAAAA, sentry-2 has BBBBBBBB",
    },
    {
      name: "its parking signer",
      changes: [unparked("node-2", "val-2")],
      reason: "node-2: its parking signer does not hold its port, so it cannot take over without a restart",
    },
    { name: "its host", changes: [hostAway("val-2")], reason: "node-2: its host cannot be asked: host val-2: no route" },
    { name: "a stopped signer", changes: [signerStopped], reason: "main: lab-main-signer is exited on sig-1" },
    { name: "a fence", changes: [signer({ fence: "by hand" })], reason: "main: the signer is fenced: by hand" },
    {
      name: "its guard",
      sayings: { guard: "guard: the signer does not start: the key file is missing" },
      reason: "main: the key file is missing",
    },
    {
      name: "somebody else's work",
      changes: [signer({ lockedBy: "ben@home since noon: up" })],
      reason: "main: its signer is locked by ben@home since noon: up",
    },
    {
      name: "an operation that was left",
      changes: [signer({ operation })],
      reason: "main: promote to node-2 was begun noon by ben@home and not finished",
    },
    {
      name: "an upgrade",
      changes: ["node-1", "node-2", "sentry-1", "sentry-2"]
        .map((name) => node(name, { height: 400 }))
        .concat(signer({ floor: 300, state: { kind: "ok", state: { height: 400, round: 0, step: 2 }, sealed: false } })),
      sayings: { upgrade: "ChcKAnYyEgsIgJK4w5j+////ARj0AyIBeA==" },
      reason: "chain: the upgrade v2 comes at height 500, in 100 blocks or about 1m40s, and nothing is moved in the last 200",
    },
    {
      name: "its disk",
      changes: [host("val-2", () => ({ disk: seen({ totalBytes: 400 * 1024 ** 3, freeBytes: 1024 ** 3 }) }))],
      reason: "val-2: 1.0 GiB of 400.0 GiB are free for the target's data, and 5.0 GiB or 10 % must be",
    },
    {
      name: "a clock",
      changes: [host("sig-1", () => ({ clock: seen({ offsetMs: -3_600_000, withinMs: 0 }) }))],
      reason: "sig-1: its clock is 1h00m behind the other clocks, limit 2.0s",
    },
    {
      name: "the jail budget",
      changes: [record({ missedBlocks: 45 })],
      reason: "main: 5 blocks are left until jail, and 11 are needed: 1 for the move, 10 in reserve",
    },
    {
      name: "an old file of the signer",
      changes: [host("sig-1", ({ files }) => ({ files: new Map([...files, ["signers/main/config/settings", "old"]]) }))],
      reason: "main: signers/main/config/settings on sig-1 is not what is rendered",
    },
  ])("$name", async ({ changes = [], sayings = {}, reason }) => {
    expect(await reasons(changes, sayings)).toEqual([reason])
  })
})

it("says all of it on 80 columns", async () => {
  expect(promotableText(await ask("node-2"))).toBe("✓ node-2 can take over main now; it signs through node-1: gonka-ha promote\n  node-2\n")
  expect(promotableText(await ask("node-1"))).toBe("✓ main signs through node-1 now: there is nothing to promote\n")
  const text = promotableText(await ask("node-2", [node("node-2", { height: 990 }), nodeAway("sentry-2"), record({ missedBlocks: 45 })]))
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
  expect(text).toMatchInlineSnapshot(`
    "✗ node-2 cannot take over main now, for 2 reasons; it signs through node-1
      ✗ node-2: is lagging: 10 blocks behind, limit 3
        fix: wait until it is fresh, or choose another candidate
      ⚠ chain: sentry-1 is the only fresh sentry, so no second witness can
        contradict it: sentry-2 is unknown: nothing listens
        fix: bring the other sentries back
      ✗ main: 5 blocks are left until jail, and 11 are needed: 1 for the move, 10 in
        reserve
        fix: wait until missed blocks leave the window, or lower
             policy.jailReserveBlocks
    "
  `)
})
