import { describe, expect, it } from "vitest"
import { seen, unknown } from "../../../../src/core/observe/state.ts"
import type { PlanReport } from "../../../../src/core/plan/plan-report.ts"
import { planReportSchema } from "../../../../src/core/plan/plan-report.ts"
import { changedFiles, planReport } from "../../../../src/core/plan/report-of.ts"
import { planUp } from "../../../../src/core/plan/up.ts"
import type { Topology } from "../../../../src/core/topology.ts"
import { aged, aTopology, bare, type Change, changed, container, filesOf, healthy, host, secretsOf } from "../../../support/observed.ts"
import { textsOf, withConfig, withNodeImage } from "../../../support/older-world.ts"

const topology = aTopology()
const files = filesOf(topology)

/** The report on a world in which another topology was brought up; `texts` are what is read of its files. */
function reportAfter(
  older: Topology,
  changes: readonly Change[] = [],
  texts = textsOf(older),
  observed = changed(healthy(older), ...changes),
): PlanReport {
  const plan = planUp(topology, files, secretsOf(topology), observed)
  if ("refused" in plan) throw new Error(`refused: ${JSON.stringify(plan.refused)}`)
  const installed = new Map(
    topology.hosts.map(({ name }) => [
      name,
      new Map(changedFiles(files, observed, name).map((path) => [path, seen(texts.get(name)?.get(path) ?? "")])),
    ]),
  )
  return planReportSchema.parse(planReport({ topology, files, observed, installed }, plan))
}

const stepsOn = (report: PlanReport, name: string) => report.hosts.find(({ host: on }) => on === name)?.steps ?? []

describe("a setting of one sentry that changed", () => {
  const report = reportAfter(withConfig("sentry-1", { "p2p.max_num_inbound_peers": 40 }))

  it("is told by host, step by step", () => {
    expect(
      report.hosts.map(({ host: name, steps }) => [name, steps.map(({ number, title, changes }) => [number, title, changes])]),
    ).toEqual([
      [
        "sen-1",
        [
          [1, "sen-1: install 2 files", true],
          [2, "sen-1: bring up sentry-1", true],
          [3, "sentry-1: wait until fresh", false],
        ],
      ],
    ])
    expect(report.summary).toEqual({ changes: 2, hosts: 1, restarts: 1, moves: 0, heldBack: 0 })
  })

  it("names the line and its table", () => {
    const [install] = stepsOn(report, "sen-1")
    const config = install?.differences.find((each) => each.kind === "file" && each.path.endsWith("config.toml"))
    expect(config).toMatchObject({
      change: "changed",
      hunks: [{ section: "p2p", removed: ["max_num_inbound_peers = 40"], added: [expect.stringMatching(/^max_num_inbound_peers = \d+$/)] }],
    })
  })

  it("says of the container which mounted file it is, and that no setting of its own differs", () => {
    const differences = stepsOn(report, "sen-1")[1]?.differences
    expect(differences).toEqual([
      {
        kind: "container",
        service: "sentry-1",
        digest: { running: expect.stringMatching(/^[0-9a-f]{64}$/), rendered: files.get("sen-1")?.serviceDigests.get("sentry-1") },
        files: ["nodes/sentry-1/config/config.toml"],
        keys: [],
      },
    ])
  })

  it("has the restart with its cost at the step that does it", () => {
    expect(stepsOn(report, "sen-1").map(({ restart }) => restart?.cost)).toEqual([
      undefined,
      "nothing: the private nodes keep 1 other sentry",
      undefined,
    ])
  })
})

describe("a new image", () => {
  const report = reportAfter(withNodeImage("node:0"))

  it("is named with both values", () => {
    expect(stepsOn(report, "val-2").flatMap(({ differences }) => differences)).toContainEqual(
      expect.objectContaining({
        kind: "container",
        service: "node-2",
        keys: [{ key: "image", before: "node:0", after: "node:1" }],
        files: [],
      }),
    )
  })

  it("is brought to the active node after a promotion, with what differs", () => {
    expect(report.heldBack).toEqual([])
    expect(report.moves).toEqual([
      {
        validator: "main",
        from: "node-1",
        to: "node-2",
        title: "main: promote node-2, then restart node-1",
        cause: "node-1 runs on an older configuration",
        differences: [expect.objectContaining({ service: "node-1", keys: [{ key: "image", before: "node:0", after: "node:1" }] })],
        cost: "no block as a rule, one on a bad day; main signs through node-2 afterwards",
      },
    ])
    expect(report.summary).toMatchObject({ heldBack: 0, moves: 1, restarts: 4 })
  })

  it("is held back from the active node without a fresh standby, with what differs and what a restart would cost", () => {
    const { heldBack } = reportAfter(withNodeImage("node:0"), [aged("node-2", 600_000)])
    expect(heldBack).toEqual([
      {
        path: "node-1",
        message: expect.stringContaining("is the active validator"),
        fix: "mend a standby and run up again, or accept the cost with --in-place",
        differences: [expect.objectContaining({ service: "node-1", keys: [{ key: "image", before: "node:0", after: "node:1" }] })],
        restart: {
          service: "node-1",
          awayMs: expect.any(Number),
          cost: expect.stringMatching(/^about \d+ blocks missed, of the 50 blocks left/),
        },
      },
    ])
  })
})

describe("what is not known is said", () => {
  it("of a container that another compose file made", () => {
    const report = reportAfter(topology, [container("sen-1", "sentry-1", { digest: "old" })])
    expect(stepsOn(report, "sen-1")[0]?.differences).toEqual([
      expect.objectContaining({
        kind: "container",
        files: [],
        unknown: "it was made from another compose file than the one that is installed",
      }),
    ])
  })

  it("of a file that could not be read, and of the container that it tells about", () => {
    const observed = healthy(withNodeImage("node:0"))
    const plan = planUp(topology, files, secretsOf(topology), observed)
    if ("refused" in plan) throw new Error("refused")
    const installed = new Map(topology.hosts.map(({ name }) => [name, new Map([["compose.yaml", unknown("no route")]])]))
    const report = planReport({ topology, files, observed, installed }, plan)
    const unknowns = stepsOn(report, "val-2").flatMap(({ differences }) =>
      differences.map((each) => ("unknown" in each ? each.unknown : "known")),
    )
    expect(unknowns).toEqual(["no route", "no route"])
  })

  it("of a file that has nothing in common with the rendered one", () => {
    const edited = host("sen-1", (before) => ({ files: new Map([...before.files, ["compose.yaml", "edited"]]) }))
    const long = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join("")
    const report = reportAfter(topology, [edited], new Map([["sen-1", new Map([["compose.yaml", long]])]]))
    expect(stepsOn(report, "sen-1")[0]?.differences).toEqual([
      { kind: "file", path: "compose.yaml", change: "changed", unknown: "too many lines differ" },
    ])
  })
})

it("puts the steps of a signer on its host, and counts hosts and steps that change something", () => {
  const report = reportAfter(topology, [], textsOf(topology), bare(topology))
  expect(report.hosts.map(({ host: name }) => name)).toEqual(["sen-1", "sen-2", "sig-1", "val-1", "val-2"])
  const kinds = (name: string) => new Set(stepsOn(report, name).map(({ kind }) => kind))
  for (const kind of ["signer.init", "signer.move", "chain.signing"]) expect(kinds("sig-1")).toContain(kind)
  expect(kinds("val-1")).toContain("standby.park")
  const numbers = report.hosts.flatMap(({ steps }) => steps.map(({ number }) => number)).sort((a, b) => a - b)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  expect(report.summary).toMatchObject({ hosts: 5, restarts: 0, heldBack: 0 })
  expect(report.summary.changes).toBe(report.hosts.flatMap(({ steps }) => steps.filter(({ changes }) => changes)).length)
  const all = report.hosts.flatMap(({ steps }) => steps.flatMap(({ differences }) => differences))
  expect(all.every((each) => each.kind === "secret" || (each.kind === "file" && each.change === "new"))).toBe(true)
  expect(all.some((each) => each.kind === "secret" && each.path.endsWith("consensus.key"))).toBe(true)
})

it("has nothing to tell of a world that is as it should be", () => {
  expect(reportAfter(topology)).toMatchObject({ hosts: [], heldBack: [], summary: { changes: 0, hosts: 0, restarts: 0, heldBack: 0 } })
})
