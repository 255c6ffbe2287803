import { describe, expect, it } from "vitest"
import { type FailureReport, failureReport } from "../../../../src/core/domains/failure-report.ts"
import { type Members, membersOf } from "../../../../src/core/domains/members.ts"
import type { Stop } from "../../../../src/core/domains/stop.ts"
import { goldenSpec, goldenSpecs } from "../../../support/golden-specs.ts"
import { checkedTexts, goldenTopology } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"

function reportOf(...texts: readonly string[]): FailureReport {
  const { spec, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return failureReport(membersOf(spec))
}

/** Verdicts by domain: `host sen-1`, `site one/one-a`. */
function verdicts({ losses }: FailureReport): Record<string, string> {
  return Object.fromEntries(
    losses.map(({ domain: { kind, name, provider, site }, verdict }) => {
      const place = kind === "host" ? [name] : [provider, site, name].filter((part) => part !== undefined)
      return [`${kind} ${place.join("/")}`, verdict]
    }),
  )
}

function lossOf({ losses }: FailureReport, kind: string, name: string) {
  const loss = losses.find(({ domain }) => domain.kind === kind && domain.name === name)
  if (!loss) throw new Error(`no ${kind} ${name}`)
  return loss
}

const kinds = (stops: readonly Stop[]) => stops.map(({ kind }) => kind)

/** Members by hand; what is not given does not exist. */
function members(parts: Partial<Members>): Members {
  return { hosts: [], nodes: [], validators: [], apis: [], edges: [], ...parts }
}

const host = (name: string, provider?: string, site?: string, rack?: string) => ({ name, provider, site, rack })
const sentry = (name: string, on: string) => ({ name, role: "sentry" as const, host: on })
const node = (name: string, on: string) => ({ name, role: "private" as const, host: on })

describe("shapes", () => {
  it("solo: the one host stops everything, for good", () => {
    const report = failureReport(
      members({
        hosts: [host("only")],
        nodes: [sentry("sentry-1", "only"), sentry("sentry-2", "only"), node("node-1", "only"), node("node-2", "only")],
        validators: [{ name: "main", candidates: ["node-1", "node-2"], signerHost: "only" }],
      }),
    )
    expect(verdicts(report)).toEqual({ "host only": "signing-for-good" })
    expect(report.verdict).toBe("signing-for-good")
    expect(lossOf(report, "host", "only").stops.map(({ reason }) => reason)).toEqual([
      "no sentry is left (sentry-1, sentry-2 lost), so no private node reaches the network",
      "main: every candidate (node-1, node-2) and the signer are lost",
    ])
  })

  it("compact: three hosts, and none of them stops signing for good", () => {
    const report = failureReport(
      members({
        hosts: [host("a"), host("b"), host("c")],
        nodes: [sentry("sentry-1", "a"), node("node-1", "a"), sentry("sentry-2", "b"), node("node-2", "b")],
        validators: [{ name: "main", candidates: ["node-1", "node-2"], signerHost: "c" }],
      }),
    )
    expect(verdicts(report)).toEqual({
      "host c": "signing-until-signer-replace",
      "host a": "signing-until-promote",
      "host b": "signing-until-promote",
    })
    expect(lossOf(report, "host", "a")).toMatchObject({
      stops: [{ affects: ["main"], reason: "main: if node-1 is active, `gonka-ha failover node-2`" }],
      reduced: [
        { what: "sentries", left: 1, of: 2 },
        { what: "candidates of main", left: 1, of: 2 },
      ],
    })
  })

  it("ha-2: a sentry is not missed, and hosts that name no place are listed", () => {
    const report = reportOf(...goldenSpec("ha-2-devnet").texts)
    expect(verdicts(report)).toEqual({
      "host sig-1": "signing-until-signer-replace",
      "host val-1": "signing-until-promote",
      "host val-2": "signing-until-promote",
      "host sen-1": "nothing",
      "host sen-2": "nothing",
    })
    expect(report.unplaced).toEqual({
      provider: ["sen-1", "sen-2", "sig-1", "val-1", "val-2"],
      site: ["sen-1", "sen-2", "sig-1", "val-1", "val-2"],
    })
  })

  it("ha-3 across providers, with api and edge: every place is judged, the worst first", () => {
    const report = reportOf(RULE_BASE)
    expect(Object.entries(verdicts(report))).toEqual([
      ["host sig-1", "signing-until-signer-replace"],
      ["site office/office-a", "signing-until-signer-replace"],
      ["provider office", "signing-until-signer-replace"],
      ["host val-1", "signing-until-promote"],
      ["host val-2", "signing-until-promote"],
      ["host val-3", "signing-until-promote"],
      ["site one/one-b", "signing-until-promote"],
      ["site three/three-a", "signing-until-promote"],
      ["site two/two-b", "signing-until-promote"],
      ["provider one", "signing-until-promote"],
      ["provider three", "signing-until-promote"],
      ["provider two", "signing-until-promote"],
      ["host api-1", "api"],
      ["host sen-1", "public-rpc"],
      ["site one/one-a", "public-rpc"],
      ["host edge-1", "nothing"],
      ["host edge-2", "nothing"],
      ["host sen-2", "nothing"],
      ["site two/two-a", "nothing"],
    ])
    expect(report.verdict).toBe("signing-until-signer-replace")
    expect(kinds(lossOf(report, "provider", "three").stops)).toEqual(["signing-until-promote", "api"])
    expect(lossOf(report, "site", "two-a").reduced).toEqual([
      { what: "sentries", left: 1, of: 2 },
      { what: "entry points that serve users", left: 1, of: 2 },
      { what: "sentries that offer rpc", left: 1, of: 2 },
      { what: "sentries that offer rest", left: 1, of: 2 },
    ])
  })

  it("two validators that share a pool: each has its own cause", () => {
    const report = reportOf(...goldenSpec("shared-hosts").texts)
    expect(verdicts(report)).toEqual({ "host alpha": "signing-for-good", "host beta": "signing-until-signer-replace" })
    expect(lossOf(report, "host", "alpha").stops).toEqual([
      { kind: "signing-for-good", affects: ["second"], reason: "second: the only candidate (other) is lost" },
      { kind: "signing-until-promote", affects: ["main"], reason: "main: if val-a is active, `gonka-ha failover val-b`" },
    ])
    expect(lossOf(report, "host", "beta").stops.map(({ affects }) => affects)).toEqual([["main"], ["second"]])
  })
})

it("names the validator where the node to fail over to may sign for several", () => {
  const report = reportOf(...goldenSpec("multi-validator").texts)
  expect(lossOf(report, "host", "val-1").stops.map(({ reason }) => reason)).toEqual([
    "alpha: if node-1 is active, `gonka-ha failover node-3 --validator alpha`",
    "beta: if node-1 is active, `gonka-ha failover node-2 --validator beta`",
  ])
})

it("finds no loss that stops signing for good in any example but the one on a single host", () => {
  const bad = goldenSpecs().filter(({ texts }) => reportOf(...texts).verdict === "signing-for-good")
  expect(bad.map(({ name }) => name)).toEqual(["solo", "shared-hosts"])
})

describe("places", () => {
  const validators = [{ name: "main", candidates: ["node-1", "node-2"], signerHost: "sig" }]

  it("takes hosts of one rack, site or provider for lost together, but not same names at other providers", () => {
    const report = failureReport(
      members({
        hosts: [host("a", "one", "east", "r1"), host("b", "two", "east", "r1"), host("sig", "two", "west", "r1")],
        nodes: [sentry("sentry-1", "a"), sentry("sentry-2", "b"), node("node-1", "a"), node("node-2", "b")],
        validators,
      }),
    )
    expect(report.losses.filter(({ domain }) => domain.kind !== "host").map(({ domain }) => domain)).toEqual([
      { kind: "rack", name: "r1", provider: "two", site: "west", hosts: ["sig"] },
      { kind: "site", name: "west", provider: "two", site: undefined, hosts: ["sig"] },
      { kind: "provider", name: "two", provider: undefined, site: undefined, hosts: ["b", "sig"] },
      { kind: "rack", name: "r1", provider: "one", site: "east", hosts: ["a"] },
      { kind: "rack", name: "r1", provider: "two", site: "east", hosts: ["b"] },
      { kind: "site", name: "east", provider: "one", site: undefined, hosts: ["a"] },
      { kind: "site", name: "east", provider: "two", site: undefined, hosts: ["b"] },
      { kind: "provider", name: "one", provider: undefined, site: undefined, hosts: ["a"] },
    ])
  })

  it("finds what only a larger place cuts: all sentries at one provider", () => {
    const report = failureReport(
      members({
        hosts: [host("a", "one"), host("b", "one"), host("c", "two"), host("d", "three"), host("sig", "four")],
        nodes: [sentry("sentry-1", "a"), sentry("sentry-2", "b"), node("node-1", "c"), node("node-2", "d")],
        validators,
      }),
    )
    expect(report.losses.filter(({ verdict }) => verdict === "signing-for-good").map(({ domain }) => domain.name)).toEqual(["one"])
    expect(lossOf(report, "provider", "one").stops).toEqual([
      {
        kind: "signing-for-good",
        affects: ["main"],
        reason: "no sentry is left (sentry-1, sentry-2 lost), so no private node reaches the network",
      },
    ])
  })

  it("advises no failover and no signer replace when no sentry is left", () => {
    const report = failureReport(
      members({
        hosts: [host("a", "one"), host("b", "one"), host("c", "two")],
        nodes: [sentry("sentry-1", "a"), node("node-1", "b"), node("node-2", "c")],
        validators: [{ name: "main", candidates: ["node-1", "node-2"], signerHost: "b" }],
      }),
    )
    expect(kinds(lossOf(report, "provider", "one").stops)).toEqual(["signing-for-good"])
    expect(kinds(lossOf(report, "host", "b").stops)).toEqual(["signing-until-signer-replace"])
  })
})

describe("api and edge", () => {
  const base = {
    hosts: [host("a"), host("b"), host("n1"), host("n2")],
    nodes: [node("node-1", "n1"), node("node-2", "n2"), sentry("s1", "n1"), sentry("s2", "n2")],
  }
  const edge = (name: string, on: string, sentries: readonly string[], grpcPort?: number) => ({
    name,
    host: on,
    grpcPort,
    sentries: { rpc: sentries, rest: [], grpc: sentries },
  })

  it("an api whose only node is lost stops, and says so; one that reads two does not", () => {
    const report = failureReport(
      members({
        ...base,
        apis: [
          { name: "manager", host: "a", role: "manager", upstreams: ["node-1"] },
          { name: "users", host: "b", role: "public", upstreams: ["node-1", "node-2"] },
        ],
      }),
    )
    expect(lossOf(report, "host", "n1")).toMatchObject({
      stops: [{ kind: "api", affects: ["manager"], reason: "manager: no node is left that it reads (node-1 lost)" }],
      reduced: [{ what: "sentries" }, { what: "nodes that users reads", left: 1, of: 2 }],
    })
    expect(lossOf(report, "host", "a").stops).toMatchObject([{ kind: "api", affects: ["manager"] }])
    expect(lossOf(report, "host", "b").stops).toMatchObject([{ kind: "api", reason: "no public api instance is left (users lost)" }])
    expect(lossOf(report, "host", "n2").verdict).toBe("nothing")
  })

  it("one of two public instances is redundancy, not a stop", () => {
    const users = (name: string, on: string) => ({ name, host: on, role: "public" as const, upstreams: ["node-1"] })
    const report = failureReport(members({ ...base, apis: [users("users-1", "a"), users("users-2", "b")] }))
    expect(lossOf(report, "host", "a")).toMatchObject({ verdict: "nothing", reduced: [{ what: "public api instances", left: 1, of: 2 }] })
  })

  it("the last entry point takes public RPC with it", () => {
    const report = failureReport(members({ ...base, edges: [edge("public", "a", ["s1", "s2"])] }))
    expect(lossOf(report, "host", "a").stops).toEqual([
      { kind: "public-rpc", affects: ["rpc"], reason: "no entry point is left (public lost)" },
    ])
  })

  it("an entry point without a sentry is no help, and gRPC counts only where it is served", () => {
    const report = failureReport(members({ ...base, edges: [edge("one", "a", ["s1"]), edge("two", "b", ["s2"], 9000)] }))
    expect(lossOf(report, "host", "n1")).toMatchObject({
      verdict: "nothing",
      reduced: [{ what: "sentries" }, { what: "entry points that serve users", left: 1, of: 2 }, { what: "sentries that offer rpc" }],
    })
    expect(lossOf(report, "host", "n2").stops).toMatchObject([{ kind: "public-rpc", affects: ["grpc"] }])
  })

  it("what never worked cannot be stopped", () => {
    const report = failureReport(
      members({
        ...base,
        nodes: [],
        validators: [{ name: "main", candidates: ["missing"], signerHost: "a" }],
        edges: [edge("one", "a", ["missing"])],
        apis: [{ name: "users", host: "zz", role: "public", upstreams: ["missing"] }],
      }),
    )
    expect(report.verdict).toBe("nothing")
  })
})

it("judges a resolved topology exactly like the spec that it comes from", () => {
  const { spec } = checkedTexts(RULE_BASE)
  expect(spec && failureReport(membersOf(spec))).toEqual(failureReport(goldenTopology(RULE_BASE)))
})
