import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { configText } from "../../../src/cli/show-config.ts"
import { explainedSpec } from "../../../src/core/spec/explained.ts"
import { checkedTexts, goldenTopology } from "../../support/golden-topology.ts"
import { RULE_BASE } from "../../support/rule-example.ts"

const ROOT = join(import.meta.dirname, "../../..")

/** Topologies that the project keeps, each the file first and then its overlays. */
const KEPT = ["examples", "test/golden"].flatMap((parent) =>
  readdirSync(join(ROOT, parent)).flatMap((name) => {
    const dir = join(ROOT, parent, name)
    const files = statSync(dir).isDirectory() ? readdirSync(dir).filter((file) => /^gonka-ha\..*yaml$/.test(file)) : []
    const texts = files.toSorted((one, other) => one.length - other.length).map((file) => readFileSync(join(dir, file), "utf8"))
    return texts.length === 0 ? [] : [{ name: `${parent}/${name}`, texts }]
  }),
)

function shown(...texts: readonly string[]): string {
  const { spec, origins, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return configText({ file: "gonka-ha.yaml", ...explainedSpec(spec, origins, new Map([["node-1", "a".repeat(40)]])) })
}

const SHORTHANDS = RULE_BASE.replace(
  "  sentry-2: {",
  "  more: { count: 3, hosts: [sen-1, sen-2], ports: { p2p: 5100, rpc: 26757, rest: 1417, grpc: 9190 }, public: { rest: true }, snapshots: true }\n  sentry-2: {",
)
  .replace(
    "    candidates: [node-1, node-2, node-3]",
    "    candidates: { node-1: { priority: 200 }, node-2: {}, node-3: { nofailover: true } }",
  )
  .concat(
    "pools:\n  sentries: { config: { p2p.send_rate: 1000000 } }\n  private: { app: { telemetry: { enabled: true } } }\n",
    'compose:\n  sentry-1: { environment: { GOGC: "75" }, labels: [one=1], x-mine: { empty: }, healthcheck: { test: "a\\nb" } }\n',
  )

describe("given back as a topology file, it means the same", () => {
  it.each([
    ...KEPT,
    { name: "the base of the rules", texts: [RULE_BASE] },
    { name: "groups, pools, priorities and Compose settings", texts: [SHORTHANDS] },
  ])("$name", ({ texts }) => {
    const text = shown(...texts)
    expect(goldenTopology(text)).toEqual(goldenTopology(...texts))
    // Nothing is left to fill in the second time.
    const again = shown(text)
    expect(again.match(/# (computed|built in|profile .*)$/m)).toBeNull()
  })
})

describe("every value tells where it comes from", () => {
  const overlay = "policy: { maxLagBlocks: 5 }\nhosts:\n  sen-1: { private: 10.9.9.9 }\n"
  const lines = shown(SHORTHANDS, overlay).split("\n")
  const lineOf = (marker: string) => SHORTHANDS.slice(0, SHORTHANDS.indexOf(marker)).split("\n").length

  it.each([
    { name: "the file", line: `name: base # gonka-ha.yaml:${lineOf("name: base")}` },
    { name: "an overlay", line: "    private: 10.9.9.9 # overlay gonka-ha.overlay-1.yaml:3" },
    { name: "an overlay, in a map that is built in", line: "  maxLagBlocks: 5 # overlay gonka-ha.overlay-1.yaml:1" },
    { name: "the profile", line: "  binary: inferenced # profile gonka-mainnet" },
    { name: "the profile, above a list", line: "    # profile gonka-mainnet" },
    { name: "built in", line: "  failover: manual # built in" },
    { name: "built in, of what somebody has written", line: "    requestsPer10s: 200 # built in" },
    { name: "computed", line: "  freshness: 20s # computed" },
    { name: "computed from roles", line: "    upstreams: [node-2, node-3, node-1] # computed" },
    { name: "a group", line: `    host: sen-2 # gonka-ha.yaml:${lineOf("  more: {")}` },
    { name: "a pool", line: `      p2p.send_rate: 1000000 # gonka-ha.yaml:${lineOf("  sentries: { config")}` },
    { name: "a fact of a key", line: `    # id: ${"a".repeat(40)} (computed)` },
    { name: "a fact of a role", line: "    # services: rpc, rest, grpc (computed)" },
  ])("$name", ({ line }) => {
    expect(lines).toContain(line)
  })

  it("leaves no value without", () => {
    const silent = lines.filter((line) => /: \S/.test(line) && !line.includes("#"))
    expect(silent).toEqual([])
  })
})
