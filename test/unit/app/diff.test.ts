import { describe, expect, it } from "vitest"
import { diff } from "../../../src/app/diff.ts"
import { diffText } from "../../../src/cli/show-diff.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { aTopology, type Change, changed, container, healthy, host, hostAway } from "../../support/observed.ts"
import { readableHosts, textsOf } from "../../support/older-world.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const topology = aTopology()
const CONFIG = `${layout.node.config("sentry-1")}/config.toml`
const TAKEN = `${layout.node.home("sentry-1")}/config/config.toml`

type World = {
  readonly changes?: readonly Change[]
  /** Texts on sen-1 that are not as rendered. */
  readonly texts?: Readonly<Record<string, string>>
  /** What sentry-1 tells of itself otherwise. */
  readonly told?: object
}

/** All runs on what is rendered, but for what is said. */
function deploymentOf({ changes = [], texts = {}, told = {} }: World): PaperDeployment {
  const installed = [...textsOf(topology)].map(([name, files]) => {
    const taken = topology.nodes
      .filter((node) => node.host === name)
      .flatMap((node) =>
        ["config.toml", "app.toml"].map(
          (file) => [`${layout.node.home(node.name)}/config/${file}`, files.get(`${layout.node.config(node.name)}/${file}`) ?? ""] as const,
        ),
      )
    return [name, new Map([...files, ...taken, ...(name === "sen-1" ? Object.entries(texts) : [])])] as const
  })
  const speaking = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock)
  const hosts = Object.entries(readableHosts(speaking, new Map(installed))).map(([name, access]) => [name, telling(name, access, told)])
  const deployment: PaperDeployment = aDeployment(Object.fromEntries(hosts), { topology })
  return deployment
}

/** Nodes that also tell their own settings, as CometBFT does. */
function telling(name: string, access: HostAccess, told: object): HostAccess {
  const node = topology.nodes.find((each) => each.host === name)
  const rpc: HostAccess["rpc"] = async (port, path, timeoutMs) => {
    const answer = await access.rpc(port, path, timeoutMs)
    if (path !== "/status" || node === undefined) return answer
    const own = {
      id: node.id,
      network: topology.chain.id,
      version: "0.38.21",
      moniker: `${topology.deployment}-${node.name}`,
      listen_addr: settingOf(node.name, "external_address") || "tcp://0.0.0.0:26656",
      other: { tx_index: node.indexer === "null" ? "off" : "on", rpc_address: "tcp://0.0.0.0:26657" },
      ...(node.name === "sentry-1" ? told : {}),
    }
    return { ...Object(answer), node_info: own }
  }
  return { ...access, rpc }
}

function settingOf(node: string, key: string): string {
  const host = topology.nodes.find(({ name }) => name === node)?.host ?? ""
  const text =
    textsOf(topology)
      .get(host)
      ?.get(`${layout.node.config(node)}/config.toml`) ?? ""
  return new RegExp(`^${key} = "(.*)"$`, "m").exec(text)?.[1] ?? ""
}

const rendered = textsOf(topology).get("sen-1")?.get(CONFIG) ?? ""
const other = rendered.replace(/^max_num_inbound_peers = \d+$/m, "max_num_inbound_peers = 3")
const edited = (text: string) => host("sen-1", ({ files }) => ({ files: new Map([...files, [CONFIG, sha256(text)]]) }))
const effective = (world: World) => diff(deploymentOf(world), { effective: true })

describe("diff --effective", () => {
  it("finds nothing where all runs on what is rendered", async () => {
    expect(await effective({})).toEqual({ effective: true, drifts: [], unseen: [] })
  })

  it("names a file that was edited by hand, by its keys, and what installs it again", async () => {
    const { drifts } = await effective({ changes: [edited(other)], texts: { [CONFIG]: other } })
    expect(drifts).toMatchObject([
      {
        host: "sen-1",
        form: "file",
        what: CONFIG,
        reason: "what is installed is not what is rendered",
        settings: [{ key: "p2p.max_num_inbound_peers", meant: expect.any(String), found: "3" }],
        fix: "`gonka-ha up` installs it",
      },
      {
        form: "process",
        what: "sentry-1",
        reason: "it was started on another config.toml than is installed",
        fix: expect.stringMatching(/^not a restart/),
      },
    ])
  })

  it("tells that a file is not there", async () => {
    const gone = host("sen-1", ({ files }) => ({ files: new Map([...files].filter(([path]) => path !== "RUNBOOK.md")) }))
    expect((await effective({ changes: [gone] })).drifts).toMatchObject([
      { what: "RUNBOOK.md", reason: "it is rendered and not installed" },
    ])
  })

  it("tells that a process was started on other settings than are installed", async () => {
    expect((await effective({ texts: { [TAKEN]: other } })).drifts).toMatchObject([
      {
        form: "process",
        what: "sentry-1",
        settings: [{ key: "p2p.max_num_inbound_peers", found: "3" }],
        fix: expect.stringContaining("gonka-ha restart sentry-1"),
      },
    ])
  })

  it("takes what a start writes itself for no drift", async () => {
    const synced = rendered.replace(/^trust_height = .*$/m, "trust_height = 77").replace(/^trust_hash = .*$/m, 'trust_hash = "AB"')
    expect(synced).not.toBe(rendered)
    expect((await effective({ texts: { [TAKEN]: synced } })).drifts).toEqual([])
  })

  it.each([
    { told: { moniker: "another" }, key: "moniker" },
    { told: { network: "other-1" }, key: "chain id" },
    { told: { id: "0".repeat(40) }, key: "node id" },
    { told: { other: { tx_index: "off", rpc_address: "tcp://127.0.0.1:1" } }, key: "rpc.laddr" },
  ])("compares $key with what the node tells over RPC", async ({ told, key }) => {
    const { drifts } = await effective({ told })
    expect(drifts).toMatchObject([{ form: "process", reason: "it tells other settings over RPC than are installed" }])
    expect(drifts[0]?.settings.map((setting) => setting.key)).toContain(key)
  })

  it("compares the labels of containers, and never has the active node restarted for it", async () => {
    const changes = [container("sen-1", "sentry-1", { digest: "old" }), container("val-1", "node-1", { digest: "old" })]
    const { drifts } = await effective({ changes })
    expect(drifts).toMatchObject([
      { host: "sen-1", form: "container", what: "sentry-1", fix: "`gonka-ha up` makes it anew" },
      { host: "val-1", form: "container", what: "node-1", fix: expect.stringContaining("promote another node") },
    ])
    expect(drifts[0]?.reason).toContain("its label says old")
  })

  it("takes what cannot be seen for unknown, and compares the rest", async () => {
    const { drifts, unseen } = await effective({ changes: [hostAway("sen-2")], texts: { [TAKEN]: other } })
    expect(unseen).toMatchObject([{ host: "sen-2", what: "host" }])
    expect(drifts).toHaveLength(1)
    const silent = await effective({ texts: { [TAKEN]: "" } })
    expect(silent.unseen).toMatchObject([
      { host: "sen-1", what: "sentry-1: config.toml", reason: expect.stringContaining("may not be read") },
    ])
  })

  it("fits on 80 columns, and tells nothing that steers a terminal", async () => {
    const text = diffText(await effective({ changes: [edited(other)], texts: { [CONFIG]: other }, told: { moniker: "\u001b[2Jx" } }))
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80)
    expect(text).not.toContain("\u001b")
    expect(text).toContain("rendered against installed files")
  })
})

it("without --effective asks no process", async () => {
  expect(await diff(deploymentOf({ texts: { [TAKEN]: other } }), { effective: false })).toMatchObject({ drifts: [] })
})
