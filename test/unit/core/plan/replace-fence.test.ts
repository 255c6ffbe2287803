import { describe, expect, it } from "vitest"
import { FENCE_METHODS, fenceSentence, isFenceMethod } from "../../../../src/core/fence-methods.ts"
import { seen, unknown } from "../../../../src/core/observe/state.ts"
import { type FenceFacts, judgeFence, sshSaysOff } from "../../../../src/core/plan/replace-fence.ts"
import { replacedTopology } from "../../../support/lost-signer.ts"
import { theValidator } from "../../../support/observed.ts"

const topology = replacedTopology()
const validator = theValidator(topology)

const OFF = "host sig-1 cannot be reached: ssh: connect to host 10.0.0.31 port 22: No route to host"

function facts(changes: Partial<FenceFacts> = {}): FenceFacts {
  return {
    ssh: { kind: "silent", reason: OFF },
    pings: new Map([
      ["val-1", false],
      ["val-2", false],
    ]),
    strangers: new Map([
      ["node-1", seen([])],
      ["node-2", seen([])],
    ]),
    peers: new Map([
      ["sentry-1", seen(["198.51.100.7"])],
      ["sentry-2", seen(["10.0.0.21"])],
      ["node-1", unknown("nothing listens")],
    ]),
    ...changes,
  }
}

const judge = (method: (typeof FENCE_METHODS)[number], changes: Partial<FenceFacts> = {}) =>
  judgeFence(topology, validator, "sig-1", method, facts(changes))
const messages = (method: (typeof FENCE_METHODS)[number], changes: Partial<FenceFacts> = {}) =>
  judge(method, changes).reasons.map(({ path, message }) => `${path}: ${message}`)

const SILENT = ["power-off", "node-firewall", "sentry-firewall", "destroyed"] as const

describe("the sentences of fences", () => {
  it("differ by method and by host, so that none can be typed for another", () => {
    const all = FENCE_METHODS.flatMap((method) => ["sig-1", "sig-2"].map((host) => fenceSentence(method, host)))
    expect(new Set(all).size).toBe(all.length)
    expect(all.every((sentence) => /sig-[12]/.test(sentence))).toBe(true)
  })

  it("belong to known methods only", () => {
    expect(isFenceMethod("ssh")).toBe(true)
    expect(isFenceMethod("toString")).toBe(false)
  })
})

describe("a fence as a machine sees it", () => {
  it.each(SILENT)("%s holds when nothing answers and nothing is connected, and says what was seen", (method) => {
    expect(judge(method).reasons).toEqual([])
    expect(judge(method).proof).toContain("no signer of sig-1 is connected to node-1")
  })

  it.each(SILENT)("%s is refused when the host lets us in", (method) => {
    expect(messages(method, { ssh: { kind: "answers" } })).toEqual(["sig-1: answers SSH: what answers can be fenced for certain"])
  })

  it("by SSH needs an answer", () => {
    expect(judge("ssh", { ssh: { kind: "answers" } }).reasons).toEqual([])
    expect(messages("ssh")[0]).toMatch(/^sig-1: does not answer SSH, so its signer cannot be stopped there/)
  })

  it.each(SILENT)("%s is refused while the lost host is connected to a candidate", (method) => {
    expect(messages(method, { strangers: new Map([["node-2", seen(["10.0.0.31:51000"])]]) })).toEqual([
      "node-2: sig-1 is connected to its privval port: its signer is alive",
    ])
  })

  it.each(SILENT)("%s is refused when somebody unknown is at a candidate's port, or when nobody can say who", (method) => {
    expect(messages(method, { strangers: new Map([["node-2", seen(["172.18.0.1:40000"])]]) })[0]).toContain("172.18.0.1:40000 is connected")
    expect(messages(method, { strangers: new Map([["node-2", unknown("cut short")]]) })[0]).toContain("is not known: cut short")
  })

  it("takes the signer of another validator for what it is", () => {
    const other = { ...validator, name: "other", pubkey: "another key", signerHost: "sen-1", replacedHosts: [] }
    const shared = replacedTopology({ validators: [validator, other] })
    const judged = judgeFence(
      shared,
      validator,
      "sig-1",
      "power-off",
      facts({ strangers: new Map([["node-2", seen(["10.0.0.11:50000"])]]) }),
    )
    expect(judged.reasons).toEqual([])
  })

  it.each(["power-off", "destroyed"] as const)("%s is refused when the host answers a ping", (method) => {
    expect(messages(method, { pings: new Map([["val-2", true]]) })).toEqual(["sig-1: answers a ping of val-2: it is not off"])
  })

  it.each(["power-off", "destroyed"] as const)("%s is refused when nobody could send a ping", (method) => {
    expect(messages(method, { pings: new Map([["val-2", undefined]]) })).toEqual([
      "sig-1: no host of a candidate can ping, so nothing tells that it is off",
    ])
    const one = new Map([
      ["val-1", undefined],
      ["val-2", false],
    ])
    expect(judge(method, { pings: one }).proof).toContain("sig-1 does not answer a ping of val-2")
  })

  it("knows the new signer, which a replacement that goes on finds at its node", () => {
    const at = (address: string) => messages("power-off", { strangers: new Map([["node-2", seen([`${address}:50000`])]]) })
    expect(at("10.0.0.32")).toEqual([])
    expect(at("10.0.0.31")).toEqual(["node-2: sig-1 is connected to its privval port: its signer is alive"])
  })

  it("tells a host that is off from one that refuses, hangs or cannot be found", () => {
    const ssh = "ssh: connect to host 10.0.0.31 port 22:"
    expect(
      [`${ssh} No route to host`, `${ssh} Connection timed out`, `${ssh} Network is unreachable`, `${ssh} Host is down`].every(sshSaysOff),
    ).toBe(true)
    const others = [
      `${ssh} Connection refused`,
      "root@10.0.0.31: Permission denied (publickey).",
      "Host key verification failed.",
      "Connection timed out during banner exchange",
      "Connection to 127.0.0.1 port 4022 timed out",
      "Connection timed out",
      "Connection closed by UNKNOWN port 65535",
      "ssh: Could not resolve hostname sig-1: Name or service not known",
      "ssh gave no reason",
    ]
    expect(others.filter(sshSaysOff)).toEqual([])
    expect(messages("power-off", { ssh: { kind: "silent", reason: `${ssh} Connection refused` } })[0]).toMatch(
      /^sig-1: ssh does not say that it is off/,
    )
    expect(judge("destroyed", { ssh: { kind: "silent", reason: `${ssh} Connection refused` } }).reasons).toEqual([])
  })

  it("by the sentries' firewall needs every sentry's word that nothing on the host is a peer", () => {
    const peers = (entries: readonly (readonly [string, ReturnType<typeof seen<readonly string[]>> | ReturnType<typeof unknown>])[]) =>
      messages("sentry-firewall", { peers: new Map(entries) })
    expect(peers([["sentry-1", seen(["10.0.0.31"])]])).toEqual(["sentry-1: a node on sig-1 is its peer: the fence is open"])
    expect(peers([["sentry-1", unknown("no answer")]])).toEqual(["sentry-1: its peers are not known: no answer"])
    expect(peers([["node-1", unknown("no answer")]])).toEqual([])
  })
})
