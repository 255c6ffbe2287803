import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type HostSeen, type Observed, seen, unknown } from "../../../../src/core/observe/state.ts"
import { whatMoved } from "../../../../src/core/plan/what-moved.ts"
import { worldDigest, worldFacts } from "../../../../src/core/plan/world-facts.ts"
import { sha256 } from "../../../../src/edge/sha256.ts"
import {
  aged,
  aProcess,
  aTopology,
  type Change,
  changed,
  container,
  healthy,
  host,
  hostAway,
  node,
  nodeAway,
  owner,
  placeOfSigner,
  record,
  signer,
  theValidator,
  unparked,
} from "../../../support/observed.ts"

const topology = aTopology()
const factsAfter = (...changes: readonly Change[]) => worldFacts(topology, changed(healthy(topology), ...changes))
const digestAfter = (...changes: readonly Change[]) => worldDigest(factsAfter(...changes), sha256)
const movedAfter = (...changes: readonly Change[]) =>
  whatMoved(factsAfter(), factsAfter(...changes)).map(({ at, what }) => `${at}: ${what}`)

const file = (name: string, path: string, digest: string | undefined): Change =>
  host(name, ({ files }) => ({
    files: new Map(digest === undefined ? [...files].filter(([key]) => key !== path) : [...files, [path, digest] as const]),
  }))

describe("time alone moves nothing:", () => {
  const harmless: readonly { readonly name: string; readonly change: Change }[] = [
    { name: "a block", change: node("sentry-1", { height: 2000, ageMs: 1 }) },
    { name: "a node that falls behind", change: aged("node-2", 600_000) },
    { name: "a node that does not answer", change: nodeAway("node-2") },
    {
      name: "the signer's state and floor",
      change: signer({ floor: 990, state: { kind: "ok", state: { height: 1234, round: 1, step: 3 }, sealed: false } }),
    },
    { name: "a clock", change: host("val-1", () => ({ clock: seen({ offsetMs: 90, withinMs: 5 }) })) },
    { name: "the room on a disk", change: host("val-1", () => ({ disk: seen({ totalBytes: 1, freeBytes: 1 }) })) },
    { name: "who holds a lock", change: signer({ lockedBy: "anna" }) },
    { name: "missed blocks", change: record({ missedBlocks: 7 }) },
    { name: "the order in which files were listed", change: host("val-1", ({ files }) => ({ files: new Map([...files].reverse()) })) },
    { name: "the order of containers", change: host("val-1", ({ containers }) => ({ containers: [...containers].reverse() })) },
  ]

  it.each(harmless)("$name", ({ change }) => {
    expect([digestAfter(change), movedAfter(change)]).toEqual([digestAfter(), []])
  })
})

describe("what somebody does is named:", () => {
  const moves: readonly { readonly name: string; readonly change: Change; readonly told: readonly string[] }[] = [
    { name: "an edited file", change: file("sen-1", "compose.yaml", "edited"), told: ["sen-1: file compose.yaml changed"] },
    { name: "a file that is gone", change: file("sen-1", "compose.yaml", undefined), told: ["sen-1: file compose.yaml is gone"] },
    { name: "a file that appeared", change: file("sen-1", "nodes/x/config/y", "any"), told: ["sen-1: file nodes/x/config/y is new"] },
    {
      name: "a container that stopped",
      change: container("sen-2", "sentry-2", { status: "exited" }),
      told: ["sen-2: container lab-sentry-2 changed (status running -> exited)"],
    },
    { name: "a container that is gone", change: container("sen-2", "sentry-2", "gone"), told: ["sen-2: container lab-sentry-2 is gone"] },
    {
      name: "a container that was made anew",
      change: container("sen-2", "sentry-2", { id: "f".repeat(64), digest: "other" }),
      told: ["sen-2: container lab-sentry-2 was made anew (its configuration differs)"],
    },
    {
      name: "a port's owner",
      change: owner("node-2", "val-2", "validator"),
      told: ["val-2: the owner of the signing port of node-2 changed (owner parking -> validator)"],
    },
    {
      name: "a port's owner who is new",
      change: owner("node-9", "val-2", "parking"),
      told: ["val-2: the owner of the signing port of node-9 is new"],
    },
    { name: "an epoch", change: signer({ epoch: 4 }), told: ["sig-1: the signer's records of main changed (epoch 3 -> 4)"] },
    {
      name: "a fence",
      change: signer({ fence: "by hand" }),
      told: ["sig-1: the signer's records of main changed (fence none -> by hand)"],
    },
    {
      name: "a lost state",
      change: signer({ state: { kind: "missing" } }),
      told: ["sig-1: the signer's records of main changed (state in use -> missing)"],
    },
    {
      name: "another key",
      change: signer({ keySha256: "f".repeat(64) }),
      told: ["sig-1: the signer's records of main changed"],
    },
    {
      name: "a start without a port",
      change: host("val-2", () => ({ started: new Map([["node-2", "plain"]]) })),
      told: ["val-2: the record of the last start of node-2 is new"],
    },
    {
      name: "a signing port",
      change: host("val-2", () => ({ privvalPorts: new Map([["node-2", 26659]]) })),
      told: ["val-2: the signing port of node-2 is new"],
    },
    {
      name: "a key of another deployment",
      change: host("val-2", () => ({
        places: [placeOfSigner(topology, theValidator(topology), { deployment: "other", pubkey: "another" })],
      })),
      told: ["val-2: the signer's place of main of other is new"],
    },
    {
      name: "a parking signer that stopped",
      change: unparked("node-2", "val-2"),
      told: ["val-2: container lab-node-2-parking changed (status running -> exited)", "val-2: tmkms process 1 is gone"],
    },
    {
      name: "a host that is away: that alone, and what follows for who signs",
      change: hostAway("val-2"),
      told: ["val-2: the host does not answer any more"],
    },
  ]

  it.each(moves)("$name", ({ change, told }) => {
    expect(movedAfter(change)).toEqual(told)
    expect(digestAfter(change)).not.toBe(digestAfter())
  })

  it("who signs", () => {
    const moved = whatMoved(factsAfter(), worldFacts(topology, healthy(topology, "node-2"))).map(({ at, what }) => `${at}: ${what}`)
    expect(moved).toContain("main: who signs changed (node node-1 -> node-2)")
  })

  it("a host that answers again", () => {
    expect(whatMoved(factsAfter(hostAway("val-2")), factsAfter())).toEqual([{ at: "val-2", what: "the host answers again" }])
  })

  it("without what a terminal would act upon", () => {
    const [told] = movedAfter(signer({ fence: "\u001b[2Jx" }))
    expect(told).toBe("sig-1: the signer's records of main changed (fence none -> \\x1b[2Jx)")
  })
})

/** What matters of a world, said without the facts. */
function essence(observed: Observed): string {
  const hosts = [...observed.hosts].sort().map(([name, reading]) => [name, reading.kind === "seen" ? hostEssence(reading.value) : "away"])
  return JSON.stringify(hosts)
}

function hostEssence(here: HostSeen): unknown {
  const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  const texts = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).sort()
  return [
    sorted(here.files),
    texts(here.containers.map(({ exitCode: _, told: __, ...rest }) => rest)),
    sorted(here.owners),
    sorted(here.started),
    sorted(here.privvalPorts),
    sorted(here.signers).map(([name, value]) => {
      const { aim, fence, epoch, operation, state, keySha256 } = value as NonNullable<ReturnType<HostSeen["signers"]["get"]>>
      return [
        name,
        aim,
        fence,
        epoch,
        operation,
        state.kind,
        state.kind === "ok" && state.sealed,
        state.kind === "damaged" && state.reason,
        keySha256,
      ]
    }),
    texts(here.places),
    texts(here.tmkms.map(({ containerId, connections, config }) => [containerId, [...connections].sort(), config])),
  ]
}

const word = fc.constantFrom("a", "b", "validator", "parking", "none", 'x","y')
const aChange: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.constantFrom("sen-1", "val-1"), word, fc.option(word, { nil: undefined }))
    .map(([on, path, digest]) => file(on, path, digest)),
  fc.tuple(fc.constantFrom("sentry-1", "other"), fc.constantFrom("running", "exited"), word).map(
    ([service, status, digest]): Change =>
      host("sen-1", ({ containers }) => ({
        containers: [
          ...containers.filter((each) => each.service !== service),
          { id: "1", name: service, deployment: "lab", service, role: "sentry", digest, image: "", status, exitCode: undefined },
        ],
      })),
  ),
  fc.tuple(word, fc.option(word, { nil: undefined })).map(([name, text]) => owner(name, "val-1", text)),
  fc
    .record({ aim: fc.option(word, { nil: undefined }), fence: fc.option(word, { nil: undefined }), epoch: fc.nat(2), floor: fc.nat(2) })
    .map((changes) => signer(changes)),
  fc
    .constantFrom("missing" as const, "ok" as const)
    .map((kind) => signer({ state: kind === "ok" ? { kind, state: { height: 5, round: 0, step: 1 }, sealed: true } : { kind } })),
  fc
    .array(fc.record({ containerId: fc.option(word, { nil: undefined }), connections: fc.array(word, { maxLength: 2 }) }), { maxLength: 2 })
    .map((list): Change => host("val-1", () => ({ tmkms: list.map((each, index) => aProcess({ ...each, pid: index })) }))),
  fc
    .tuple(word, fc.boolean())
    .map(
      ([deployment, holdsKey]): Change => host("val-1", () => ({ places: [{ deployment, validator: "v", pubkey: undefined, holdsKey }] })),
    ),
  fc.nat(9999).map((height) => node("sentry-1", { height })),
  fc.nat(9999).map((ageMs) => aged("node-1", ageMs)),
  fc.constant((observed: Observed): Observed => ({ ...observed, hosts: new Map([...observed.hosts, ["sen-2", unknown("no route")]]) })),
)

describe("the digest", () => {
  const worlds = fc.array(aChange, { maxLength: 4 })

  it("is the same exactly for worlds that are the same in what matters, and what moved is told exactly when they are not", () => {
    fc.assert(
      fc.property(worlds, worlds, fc.boolean(), (some, others, again) => {
        const [left, right] = [changed(healthy(topology), ...some), changed(healthy(topology), ...(again ? some : others))]
        const [before, now] = [worldFacts(topology, left), worldFacts(topology, right)]
        const isSame = essence(left) === essence(right)
        expect(worldDigest(before, sha256) === worldDigest(now, sha256)).toBe(isSame)
        expect(whatMoved(before, now).length === 0).toBe(isSame)
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
