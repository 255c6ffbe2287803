import { describe, expect, it } from "vitest"
import type { PendingOperation } from "../../../../src/core/observe/state.ts"
import { isReplaced, type ReplaceFacts, replaceReasons } from "../../../../src/core/plan/replace-reasons.ts"
import { replacedTopology, signerLost } from "../../../support/lost-signer.ts"
import {
  aged,
  aTopology,
  changed,
  filesOf,
  healthy,
  host,
  hostAway,
  nodeAway,
  placeOfSigner,
  record,
  secretsOf,
  seenContainer,
  seenSignerFiles,
  theValidator,
} from "../../../support/observed.ts"

const topology = replacedTopology()
const validator = theValidator(topology)
const good: ReplaceFacts = {
  host: "sig-1",
  method: "power-off",
  to: "node-2",
  secrets: secretsOf(topology),
  unreadable: [],
  record: undefined,
  oneWitness: false,
}

const reasons = (changes: readonly Parameters<typeof changed>[1][], facts: Partial<ReplaceFacts> = {}, of = topology) =>
  replaceReasons(of, changed(signerLost(), ...changes), theValidator(of), { ...good, ...facts }).map(
    ({ path, message }) => `${path}: ${message}`,
  )

const operation: PendingOperation = {
  id: "20261123-120000-promote-main",
  kind: "promote",
  from: "node-1",
  to: "node-2",
  by: "ben@desk",
  since: "2026-11-23T12:00:00Z",
  startHeight: 900,
}
const files = (changes: Parameters<typeof seenSignerFiles>[2]) =>
  host("sig-2", () => ({
    signers: new Map([["main", seenSignerFiles(validator, "", { aim: undefined, state: { kind: "missing" }, ...changes })]]),
  }))

describe("replacing a lost signer", () => {
  it("goes when the host is lost, the new one is empty, and two sentries witness", () => {
    expect(reasons([])).toEqual([])
  })

  const one = (name: string, expected: RegExp, changes: Parameters<typeof reasons>[0], facts?: Partial<ReplaceFacts>) =>
    it(`is refused: ${name}`, () => {
      const found = reasons(changes, facts)
      expect(found).toHaveLength(1)
      expect(found[0]).toMatch(expected)
    })

  one("the key is not here", /^main: its consensus key is not on this machine/, [], { secrets: [] })
  one("a reference leads nowhere", /cannot be read: no such file/, [], { unreadable: ["no such file"] })
  one("the new host is away", /^sig-2: the new signer's host cannot be asked: no route/, [hostAway("sig-2")])
  one("the new host was fenced itself", /^sig-2: the signer of main is fenced there: replaced by sig-3/, [
    files({ fence: "replaced by sig-3" }),
  ])
  one("the new host has a state", /^sig-2: holds a signer state of main already/, [
    files({ state: { kind: "ok", state: { height: 5, round: 0, step: 2 }, sealed: false } }),
  ])
  one("the new host has a container", /^sig-2: has a container/, [
    host("sig-2", () => ({ containers: [seenContainer(topology, filesOf(topology), "sig-2", "main-signer", { status: "exited" })] })),
  ])
  one("the new host was given the signer before and lost it", /^main: its signer was set up on sig-2 before \(records\/a\.json\)/, [], {
    record: "records/a.json",
  })
  one("another host holds the key", /^main: sen-1 holds the consensus key/, [
    host("sen-1", () => ({ places: [placeOfSigner(aTopology(), validator, { deployment: "twin" })] })),
  ])
  one("a candidate's host is away: a hole in the fence", /^node-1: its host val-1 cannot be asked .* hole in the fence/, [
    hostAway("val-1"),
  ])
  one("no candidate answers", /^main: no candidate answers/, [], { to: undefined })
  one("the node is no candidate", /^sentry-1: is not a candidate of main/, [], { to: "sentry-1" })
  one("one sentry is stale", /^chain: two fresh sentries must witness .* and 1 is: sentry-2 is stale/, [aged("sentry-2", 90_000)])
  one("one sentry is stale, and one witness would be accepted", /two fresh sentries/, [aged("sentry-2", 90_000)], { oneWitness: true })
  one("the chain does not tell of the key", /^main: what the chain knows of it cannot be asked/, [
    (observed) => ({ ...observed, slashing: new Map() }),
  ])
  one("the key is tombstoned", /^main: is tombstoned/, [record({ tombstoned: true })])
  one(
    "everything is stale",
    /^chain: every node is stale at once/,
    ["sentry-1", "sentry-2", "node-1", "node-2"].map((name) => aged(name, 90_000)),
  )

  it("is refused for a candidate beside the lost signer, unless the machine is destroyed", () => {
    const beside = replacedTopology({ nodes: topology.nodes.map((node) => (node.name === "node-1" ? { ...node, host: "sig-1" } : node)) })
    expect(reasons([nodeAway("node-1")], {}, beside)).toEqual([expect.stringMatching(/^node-1: is on sig-1, beside the lost signer/)])
    expect(reasons([nodeAway("node-1")], { method: "destroyed" }, beside)).toEqual([])
    expect(reasons([nodeAway("node-1")], { method: "destroyed", to: "node-1" }, beside)).toEqual(["node-1: is on the lost host sig-1"])
  })

  it("takes the only sentry as the only witness only when that is accepted", () => {
    const one = replacedTopology({ nodes: topology.nodes.filter(({ name }) => name !== "sentry-2") })
    expect(reasons([], {}, one)).toEqual([expect.stringMatching(/^chain: sentry-1 is the only sentry/)])
    expect(reasons([], { oneWitness: true }, one)).toEqual([])
  })

  it("goes on with its own operation over what that has left, and waits for any other", () => {
    const sealed = { kind: "ok" as const, state: { height: 1005, round: 0, step: 0 }, sealed: true }
    expect(
      reasons([files({ operation: { ...operation, kind: "replace", from: undefined }, state: sealed })], { record: "records/a.json" }),
    ).toEqual([])
    const other = { ...validator, name: "other", pubkey: "another key", signerHost: "sen-1", replacedHosts: [] }
    const shared = replacedTopology({ validators: [validator, other] })
    const pending = host("sen-1", () => ({ signers: new Map([["other", seenSignerFiles(other, "node-2", { operation })]]) }))
    const found = replaceReasons(shared, changed(signerLost(), pending), validator, good).map(({ path, message }) => `${path}: ${message}`)
    expect(found).toEqual(["other: promote to node-2 was left half-way by ben@desk"])
  })
})

describe("a signer that was replaced", () => {
  it("is one whose new host has it and nothing left half-way", () => {
    const after = healthy(topology, "node-2")
    expect(isReplaced(topology, after, validator)).toBe(true)
    expect(isReplaced(topology, signerLost(), validator)).toBe(false)
    const going = host("sig-2", ({ signers }) => ({
      signers: new Map([...signers].map(([name, each]) => [name, { ...each, operation: { ...operation, kind: "replace" as const } }])),
    }))
    expect(isReplaced(topology, changed(after, going), validator)).toBe(false)
  })
})
