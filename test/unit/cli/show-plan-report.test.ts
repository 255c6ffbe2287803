import { describe, expect, it } from "vitest"
import { planReportText } from "../../../src/cli/show-plan-report.ts"
import { seen } from "../../../src/core/observe/state.ts"
import type { PlanReport } from "../../../src/core/plan/plan-report.ts"
import { changedFiles, planReport } from "../../../src/core/plan/report-of.ts"
import { planUp } from "../../../src/core/plan/up.ts"
import { aged, aTopology, bare, changed, filesOf, healthy, secretsOf } from "../../support/observed.ts"
import { textsOf, withConfig, withNodeImage } from "../../support/older-world.ts"

const topology = aTopology()
const files = filesOf(topology)

function reportAfter(older = topology, observed = healthy(older)): PlanReport {
  const plan = planUp(topology, files, secretsOf(topology), observed)
  if ("refused" in plan) throw new Error("refused")
  const texts = textsOf(older)
  const installed = new Map(
    topology.hosts.map(({ name }) => [
      name,
      new Map(changedFiles(files, observed, name).map((path) => [path, seen(texts.get(name)?.get(path) ?? "")])),
    ]),
  )
  return planReport({ topology, files, observed, installed }, plan)
}

/** A report with one step, whose differences are given. */
function reportWith(
  differences: PlanReport["hosts"][number]["steps"][number]["differences"],
  changes: Partial<PlanReport> = {},
): PlanReport {
  const step = { number: 1, kind: "files.push", title: "sen-1: install 1 file", cause: "it differs", changes: true, differences }
  const summary = { changes: 1, hosts: 1, restarts: 0, moves: 0, heldBack: 0 }
  return { deployment: "lab", chain: "lab-1", hosts: [{ host: "sen-1", steps: [step] }], moves: [], heldBack: [], summary, ...changes }
}

const hunk = (removed: readonly string[], added: readonly string[]) => ({ line: 7, removed: [...removed], added: [...added] })
const changedFile = (hunks: readonly ReturnType<typeof hunk>[]) => [
  { kind: "file" as const, path: "nodes/a/config/config.toml", change: "changed" as const, hunks: [...hunks] },
]

describe("the plan's text", () => {
  it("shows by host each step, its cause, what differs and what it costs", () => {
    const text = planReportText(reportAfter(withConfig("sentry-1", { "p2p.max_num_inbound_peers": 40 })))
      .replace(/digest [0-9a-f]{12} -> [0-9a-f]{12}/, "digest OLD -> NEW")
      .replaceAll(/line \d+/g, "line N")
      .replaceAll(/peers = \d+/g, "peers = N")
    expect(text.split("\n")).toEqual([
      "Plan for lab on lab-1",
      "",
      "sen-1",
      "   1  install 2 files",
      "      differ from what is rendered: compose.yaml,",
      "      nodes/sentry-1/config/config.toml",
      "      ~ compose.yaml",
      "        only digests, which follow from other files",
      "      ~ nodes/sentry-1/config/config.toml",
      "        [p2p] line N",
      "        - max_num_inbound_peers = N",
      "        + max_num_inbound_peers = N",
      "   2  bring up sentry-1",
      "      sentry-1 runs on an older configuration",
      "      ~ container sentry-1: digest OLD -> NEW",
      "        mounts nodes/sentry-1/config/config.toml",
      "      ↻  restarts sentry-1; cost: nothing: the private nodes keep 1 other sentry",
      "   3  sentry-1: wait until fresh",
      "      the next step relies on it",
      "",
      "2 to change on 1 host, 1 restart, 0 held back",
      "",
    ])
  })

  it("shows promotions after everything else, with what they are for", () => {
    const text = planReportText(reportAfter(withNodeImage("node:0")))
    const [, then = ""] = text.split("then, one by one\n")
    expect(then).toMatch(/^ {6}main: promote node-2, then restart node-1\n/)
    expect(then).toContain("        image:\n        - node:0\n        + node:1\n")
    expect(text.trimEnd()).toMatch(/\d+ to change on 4 hosts, 4 restarts, 1 promotion, 0 held back$/)
  })

  it("shows what is held back with what it would cost", () => {
    const older = withNodeImage("node:0")
    const text = planReportText(reportAfter(older, changed(healthy(older), aged("node-2", 600_000))))
    const [, held = ""] = text.split("held back\n")
    expect(held).toMatch(/^ {6}node-1: node-1 runs on an older configuration/)
    expect(held).toContain("        image:\n        - node:0\n        + node:1\n")
    expect(held.replaceAll(/\s+/g, " ")).toMatch(/a restart of node-1 would cost about \d+ blocks missed, of the 50 blocks left until jail/)
    expect(text.trimEnd()).toMatch(/\d+ to change on 4 hosts, 3 restarts, 1 held back$/)
  })

  it("says in one line that there is nothing to do, and where a plan was kept", () => {
    expect(planReportText(reportAfter())).toBe("nothing to do: every host matches its files\n")
    expect(planReportText(reportAfter(), "p.json")).toBe(
      "nothing to do: every host matches its files\nsaved; do it with: gonka-ha apply p.json\n",
    )
  })

  it("counts the new files of a host rather than list them", () => {
    const text = planReportText(reportAfter(topology, bare(topology)))
    expect(text).toMatch(/\n {6}\+ \d+ new files\n/)
    expect(text).toContain("      + secrets/nodes/sentry-1/node_key.json (secret)\n")
  })

  it("says what is not known", () => {
    expect(planReportText(reportWith([{ kind: "file", path: "compose.yaml", change: "changed", unknown: "no route" }]))).toContain(
      "      ~ compose.yaml\n        which lines is not known: no route\n",
    )
    const digest = { running: "", rendered: "a".repeat(64) }
    expect(planReportText(reportWith([{ kind: "container", service: "x", digest, files: [], unknown: "no route" }]))).toContain(
      "      ~ container x: digest none -> aaaaaaaaaaaa\n        which settings is not known: no route\n",
    )
  })

  it("cuts a file of which much differs, and says so", () => {
    const text = planReportText(
      reportWith(
        changedFile([
          hunk(
            [],
            Array.from({ length: 40 }, (_, index) => `line ${index}`),
          ),
        ]),
      ),
    )
    expect(text.match(/ {8}\+ /g)).toHaveLength(15)
    expect(text).toContain("… and 25 more lines; --json has all\n")
  })

  it("shows long lines where they part", () => {
    const peers = "x".repeat(200)
    const text = planReportText(reportWith(changedFile([hunk([`${peers}OLD${peers}`], [`${peers}NEW${peers}`])])))
    expect(text).toMatch(/- …x{20}OLDx+…\n/)
    expect(text).toMatch(/\+ …x{20}NEWx+…\n/)
  })
})

describe("whatever hosts say,", () => {
  const ESCAPE = "\u001b]0;owned\u0007\u009b2J\u202e"

  it("no character gets through that a terminal acts upon", () => {
    const digest = { running: ESCAPE, rendered: "b" }
    const report = reportWith([
      ...changedFile([hunk([ESCAPE], [`ok\r${ESCAPE}`])]),
      { kind: "file", path: "compose.yaml", change: "changed", unknown: ESCAPE },
      { kind: "container", service: "x", digest, keys: [{ key: ESCAPE, before: ESCAPE, after: ESCAPE }], files: [], unknown: ESCAPE },
    ])
    const heldBack = [{ path: "val-1", message: `${ESCAPE} runs there`, differences: [] }]
    const text = planReportText({ ...report, heldBack }).replaceAll("\n", "")
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(text).toContain("\\x1b]0;owned")
  })

  it("no line is longer than 80 columns", () => {
    const long = "w".repeat(500)
    const reports = [
      reportAfter(topology, bare(topology)),
      reportAfter(withNodeImage("node:0")),
      reportWith([...changedFile([hunk([long], [`${long}x`, `${long} y`])]), { kind: "file", path: long, change: "new" }]),
      reportWith([], { heldBack: [{ path: "val-1", message: long, fix: long, differences: [] }] }),
    ]
    for (const report of reports)
      for (const line of planReportText(report).split("\n")) expect(Array.from(line).length).toBeLessThanOrEqual(80)
  })
})
