import { beforeEach, describe, expect, it, vi } from "vitest"
import { generations, rollback } from "../../../src/app/rollback.ts"
import { layout } from "../../../src/core/render/layout.ts"
import type { Topology } from "../../../src/core/topology.ts"
import { GenerationHosts } from "../../support/generation-hosts.ts"
import { aTopology, type Change, changed, container, healthy, hostAway, signer } from "../../support/observed.ts"
import { withConfig, withNodeImage } from "../../support/older-world.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { fullTopology } from "../../support/sample-topologies.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

// Real shells copy real files, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CONFIG = `${layout.node.config("sentry-1")}/config.toml`
const older = withConfig("sentry-1", { "p2p.max_num_inbound_peers": 40 })
const newer = aTopology()
const FIRST = "20261123-120100-up"
const SECOND = "20261123-120200-up"
/** Paper clocks begin at noon. */
const AFTER_ALL_MS = 10 * 60_000
let hosts: GenerationHosts

beforeEach(() => {
  hosts = new GenerationHosts(newer)
})

/** The deployment as its file describes it, on hosts on which all of it runs. */
function deploymentOf(topology: Topology, ...changes: readonly Change[]): PaperDeployment {
  const speaking = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock)
  const deployment: PaperDeployment = aDeployment(hosts.access(speaking), { topology })
  deployment.clock.advance(AFTER_ALL_MS)
  return deployment
}

const request = { to: undefined, dryRun: false }
const noQuestion = async () => {}
const titles = ({ plan }: { plan: { steps: readonly { kind: string; args: object }[] } }) =>
  plan.steps.map(({ kind, args }) => [
    kind,
    "service" in args ? args.service : "host" in args ? args.host : "node" in args ? args.node : "",
  ])

const SENTRY_STEPS = [
  ["files.push", "sen-1"],
  ["service.up", "sentry-1"],
  ["node.fresh", "sentry-1"],
]

describe("after a change", () => {
  beforeEach(async () => {
    await hosts.install(older, FIRST)
    await hosts.install(newer, SECOND)
  })

  it("plans the way back with the steps of up, and changes nothing in a dry run", async () => {
    const result = await rollback(deploymentOf(newer), { ...request, dryRun: true }, noQuestion)
    expect(result).toMatchObject({ changed: false, to: { operation: FIRST, by: "anna@desk" } })
    expect(titles(result)).toEqual(SENTRY_STEPS)
    expect(JSON.stringify(result.report)).toContain('"added":["max_num_inbound_peers = 40"]')
    expect(hosts.read("sen-1", CONFIG)).not.toContain("max_num_inbound_peers = 40\n")
    expect(hosts.did).toEqual([])
  })

  it("brings the old files back, and is itself a change from which one can return", async () => {
    const result = await rollback(deploymentOf(newer), request, noQuestion)
    expect(result.changed).toBe(true)
    expect(hosts.read("sen-1", CONFIG)).toContain("max_num_inbound_peers = 40\n")
    expect(hosts.did).toContainEqual(expect.stringMatching(/^sen-1: docker compose .* up .*sentry-1$/))
    expect(hosts.did.some((did) => did.includes("signer"))).toBe(false)
    expect(hosts.did).toContainEqual(expect.stringMatching(/^sen-1: .*rollback: 3 steps done/s))
    const view = await generations(deploymentOf(newer))
    expect(view.hosts.find(({ host }) => host === "sen-1")?.kept.map(({ operation }) => operation)).toEqual([
      expect.stringMatching(/-rollback$/),
      SECOND,
    ])
  })

  it("goes where --to says", async () => {
    await hosts.install(withConfig("sentry-1", { "p2p.max_num_inbound_peers": 41 }), "20261123-120300-up")
    const result = await rollback(deploymentOf(newer), { to: FIRST, dryRun: true }, noQuestion)
    expect(result.to.operation).toBe(FIRST)
    await expect(rollback(deploymentOf(newer), { to: "20200101-000000-up", dryRun: true }, noQuestion)).rejects.toMatchObject({
      exit: 6,
      issues: [{ message: "no host keeps a generation of this name" }],
    })
  })

  it("looks for each host's files by content, since an operation installs nothing where nothing changes", async () => {
    const sentry2 = aTopology({
      nodes: newer.nodes.map((node) =>
        node.name === "sentry-2" ? { ...node, patches: { ...node.patches, config: { "p2p.max_num_inbound_peers": 7 } } } : node,
      ),
    })
    await hosts.install(sentry2, "20261123-120300-up")
    const result = await rollback(deploymentOf(sentry2), { ...request, dryRun: true }, noQuestion)
    expect(result.to.operation).toBe(SECOND)
    expect(titles(result).map(([, what]) => what)).toEqual(["sen-2", "sentry-2", "sentry-2"])
  })

  it("refuses a host that does not keep its files, one whose copy is damaged, and names the way on", async () => {
    hosts.remove("sen-1", `${layout.previous}/${FIRST}`)
    await expect(rollback(deploymentOf(newer), { to: FIRST, dryRun: true }, noQuestion)).rejects.toMatchObject({
      exit: 6,
      issues: [{ path: "sen-1", message: expect.stringContaining("does not keep the files"), fix: expect.stringContaining("gonka-ha up") }],
    })
  })

  it("refuses a copy that is not what it was", async () => {
    hosts.write("sen-1", `${layout.previous}/${FIRST}/files/${CONFIG}`, "something else")
    await expect(rollback(deploymentOf(newer), request, noQuestion)).rejects.toMatchObject({
      exit: 6,
      message: expect.stringContaining("is damaged"),
    })
    expect(hosts.did).toEqual([])
  })

  it("does not begin with a host that is away, nor over a signer that is not in order", async () => {
    await expect(rollback(deploymentOf(newer, hostAway("sen-2")), request, noQuestion)).rejects.toMatchObject({ exit: 9 })
    await expect(rollback(deploymentOf(newer, signer({ aim: "sentry-1" })), request, noQuestion)).rejects.toMatchObject({ exit: 6 })
    await expect(
      rollback(deploymentOf(newer, container("sig-1", "main-signer", { status: "exited" })), request, noQuestion),
    ).rejects.toMatchObject({
      exit: 6,
    })
    expect(hosts.did).toEqual([])
  })

  it("asks first", async () => {
    const no = () => Promise.reject(new Error("no"))
    await expect(rollback(deploymentOf(newer), request, no)).rejects.toThrow("no")
    expect(hosts.did).toEqual([])
  })
})

it("leaves the active node as it is, promotes nobody, and says what a person can do", async () => {
  const changedNode = withConfig("node-1", { "p2p.flush_throttle_timeout": "20ms" })
  await hosts.install(changedNode, FIRST)
  await hosts.install(newer, SECOND)
  const result = await rollback(deploymentOf(newer), request, noQuestion)
  expect(titles(result)).toEqual([["files.push", "val-1"]])
  expect(result.plan.moves).toEqual([])
  expect(result.plan.heldBack).toEqual([
    expect.objectContaining({
      path: "node-1",
      message: expect.stringContaining("is the active validator"),
      fix: `promote another node, then run \`gonka-ha rollback --to ${FIRST}\``,
    }),
  ])
  expect(hosts.did.filter((did) => did.includes("docker"))).toEqual([])
})

it("brings an older image of the nodes back", async () => {
  await hosts.install(withNodeImage("node:0"), FIRST)
  await hosts.install(newer, SECOND)
  const result = await rollback(deploymentOf(newer), { ...request, dryRun: true }, noQuestion)
  expect(titles(result)).toContainEqual(["service.up", "sentry-1"])
  expect(JSON.stringify(result.report)).toContain('"after":"node:0"')
})

it("brings the older settings of an entry point back", async () => {
  hosts = new GenerationHosts(fullTopology)
  await hosts.install({ ...fullTopology, edges: fullTopology.edges.map((edge) => ({ ...edge, requestsPer10s: 7 })) }, FIRST)
  await hosts.install(fullTopology, SECOND)
  const result = await rollback(deploymentOf(fullTopology), { ...request, dryRun: true }, noQuestion)
  expect(titles(result)).toContainEqual(["service.up", "public-1-balancer"])
})

describe("what goes beyond settings is refused", () => {
  const refusedAfter = async (before: Topology, now = newer) => {
    hosts = new GenerationHosts(now)
    await hosts.install(before, FIRST)
    await hosts.install(now, SECOND)
    const error = await rollback(deploymentOf(now), request, noQuestion).catch((error: unknown) => error)
    expect(error).toMatchObject({ exit: 6 })
    expect(hosts.did).toEqual([])
    return (error as { issues: { path: string; message: string }[] }).issues.map(({ message }) => message).join("\n")
  }
  const withNode = (name: string, change: object) =>
    aTopology({ nodes: newer.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)) })

  it("another image of tmkms", async () => {
    expect(await refusedAfter(aTopology({ images: { ...newer.images, tmkms: "tmkms:0" } }))).toContain("main-signer were others then")
  })

  it("another chain", async () => {
    expect(await refusedAfter(aTopology({ chain: { ...newer.chain, id: "other-1" } }))).toContain("chain_id")
  })

  it("a lower signing port", async () => {
    const node1 = newer.nodes.find(({ name }) => name === "node-1")
    const lower = withNode("node-1", { ports: { ...node1?.ports, privval: (node1?.ports.privval ?? 0) - 1 } })
    expect(await refusedAfter(lower)).toContain("its signing port was another one")
  })

  it("a load balancer that was none", async () => {
    expect(await refusedAfter({ ...fullTopology, apis: [] }, fullTopology)).toContain("load balancers have come or gone since")
  })

  it("a candidate that was none", async () => {
    const before = aTopology({
      nodes: newer.nodes.map((node) => (node.name === "node-2" ? { ...node, candidateOf: [] } : node)),
      validators: newer.validators.map((each) => ({ ...each, candidates: each.candidates.filter((name) => name !== "node-2") })),
    })
    expect(await refusedAfter(before)).toContain("other services ran there")
  })
})

it("has no way back before a second change, and where nothing is kept at all", async () => {
  await expect(rollback(deploymentOf(newer), request, noQuestion)).rejects.toMatchObject({
    exit: 6,
    issues: [{ message: expect.stringContaining("no host keeps a generation") }],
  })
  await hosts.install(newer, FIRST)
  await expect(rollback(deploymentOf(newer), request, noQuestion)).rejects.toMatchObject({
    exit: 6,
    issues: [{ message: `the hosts keep only what ${FIRST} installed, and nothing from before` }],
  })
})

it("goes on with a rollback that was left half-way, and does not turn round", async () => {
  const both = (peers: number) =>
    aTopology({
      nodes: newer.nodes.map((node) =>
        node.role === "sentry" ? { ...node, patches: { ...node.patches, config: { "p2p.max_num_inbound_peers": peers } } } : node,
      ),
    })
  await hosts.install(both(40), FIRST)
  await hosts.install(both(41), SECOND)
  // Only one of two hosts has gone back.
  await hosts.install(both(40), "20261123-120300-rollback", ["sen-1"])
  const result = await rollback(deploymentOf(both(41)), { ...request, dryRun: true }, noQuestion)
  expect(result.to.operation).toBe("20261123-120300-rollback")
})
