import { beforeEach, expect, it, vi } from "vitest"
import { keptGenerations } from "../../../src/app/generations.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { GenerationHosts } from "../../support/generation-hosts.ts"
import { aTopology, filesOf } from "../../support/observed.ts"
import { withConfig } from "../../support/older-world.ts"
import { aDeployment } from "../../support/paper-deployment.ts"

// Real shells copy real files, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const topology = aTopology()
const CONFIG = `${layout.node.config("sentry-1")}/config.toml`
const withPeers = (peers: number) => withConfig("sentry-1", { "p2p.max_num_inbound_peers": peers })
const operation = (minute: number) => `20261123-12${String(minute).padStart(2, "0")}00-up`
let hosts: GenerationHosts

beforeEach(() => {
  hosts = new GenerationHosts(topology)
})

async function keptOn(host: string) {
  return (await keptGenerations(aDeployment(hosts.access()))).get(host)
}

it("keeps what was wholly installed, byte for byte, and says whose and when", async () => {
  await hosts.install(topology, operation(1))
  const rendered = filesOf(topology).get("sen-1")?.files ?? []
  for (const { path, content } of rendered) expect(hosts.read("sen-1", `${layout.previous}/${operation(1)}/files/${path}`)).toBe(content)
  expect(await keptOn("sen-1")).toMatchObject({
    kept: [{ operation: operation(1), at: "2026-11-23T12:01:00.000Z", by: "anna@desk", files: { [layout.compose]: expect.any(String) } }],
    pushing: undefined,
  })
})

it("keeps no secret, no state, no owner and nothing of who signs", async () => {
  const own = [
    "secrets/signers/main/consensus.key",
    layout.signer.stateFile("main"),
    layout.signer.aim("main"),
    layout.parking.owner("node-1"),
  ]
  for (const host of ["sig-1", "val-1"]) for (const path of own) hosts.write(host, path, "mine")
  await hosts.install(topology, operation(1))
  await hosts.install(withPeers(40), operation(2))
  for (const host of ["sig-1", "val-1"]) {
    const manifest = (await keptOn(host))?.kept[0]
    expect(Object.keys(manifest?.files ?? {}).filter((path) => own.includes(path) || path.startsWith("secrets/"))).toEqual([])
    for (const path of own) expect(hosts.read(host, path)).toBe("mine")
  }
})

it("keeps the last three besides the installed one, and removes nothing else", async () => {
  hosts.write("sen-1", `${layout.previous}/notes`, "by hand")
  for (const minute of [1, 2, 3, 4, 5, 6]) await hosts.install(withPeers(minute), operation(minute), ["sen-1"])
  expect(hosts.kept("sen-1")).toEqual([operation(3), operation(4), operation(5), operation(6), "notes"])
})

it("never makes a generation of a push that stopped half-way, whatever is pushed after it", async () => {
  await hosts.install(withPeers(1), operation(1))
  hosts.onPush = (path) => {
    if (path.endsWith("config.toml")) throw new Error("the line was cut")
  }
  await expect(hosts.install(withPeers(2), operation(2))).rejects.toThrow("the line was cut")
  expect(await keptOn("sen-1")).toMatchObject({ kept: [{ operation: operation(1) }], pushing: { operation: operation(2) } })
  hosts.onPush = () => {}
  await hosts.install(withPeers(3), operation(3))
  expect(await keptOn("sen-1")).toMatchObject({ kept: [{ operation: operation(3) }, { operation: operation(1) }], pushing: undefined })
  expect(hosts.read("sen-1", `${layout.previous}/${operation(1)}/files/${CONFIG}`)).toContain("max_num_inbound_peers = 1\n")
})

it("resumed within the same state keeps the good one from before", async () => {
  await hosts.install(withPeers(1), operation(1))
  hosts.onPush = (path) => {
    if (path.endsWith("config.toml")) throw new Error("the line was cut")
  }
  await expect(hosts.install(withPeers(2), operation(2))).rejects.toThrow()
  hosts.onPush = () => {}
  await hosts.install(withPeers(2), operation(3))
  expect((await keptOn("sen-1"))?.kept.map(({ operation }) => operation)).toEqual([operation(3), operation(1)])
})

it("makes a complete push whose end was lost a generation before the next one begins", async () => {
  await hosts.install(withPeers(1), operation(1))
  // Killed after the last file, before it could be recorded.
  const manifest = hosts.read("sen-1", `${layout.previous}/${operation(1)}/manifest.json`)
  const sums = hosts.read("sen-1", `${layout.previous}/${operation(1)}/sums`)
  hosts.remove("sen-1", `${layout.previous}/${operation(1)}`)
  for (const [name, content] of Object.entries({ "manifest.json": manifest, sums, id: `${operation(1)}\n` }))
    hosts.write("sen-1", `${layout.previous}/pushing/${name}`, content)
  await hosts.install(withPeers(2), operation(2))
  expect((await keptOn("sen-1"))?.kept.map(({ operation }) => operation)).toEqual([operation(2), operation(1)])
})

it("takes a file that was edited by hand into no generation", async () => {
  await hosts.install(withPeers(1), operation(1))
  hosts.write("sen-1", CONFIG, "by hand")
  await hosts.install(withPeers(1), operation(2))
  expect((await keptOn("sen-1"))?.kept.map(({ operation }) => operation)).toEqual([operation(2)])
  expect(hosts.read("sen-1", `${layout.previous}/${operation(2)}/files/${CONFIG}`)).toContain("max_num_inbound_peers = 1\n")
})

it("replaces no file when it cannot be written down what is to be installed", async () => {
  await hosts.install(withPeers(1), operation(1))
  hosts.remove("sen-1", layout.previous)
  hosts.write("sen-1", layout.previous, "a file in its place")
  await expect(hosts.install(withPeers(2), operation(2))).rejects.toMatchObject({ code: "REMOTE_COMMAND" })
  expect(hosts.read("sen-1", CONFIG)).toContain("max_num_inbound_peers = 1\n")
})

it("only tells when what is installed cannot be kept: what runs is worth more", async () => {
  await hosts.install(withPeers(1), operation(1))
  hosts.onPush = (path) => {
    if (path === "sen-1/compose.yaml") hosts.write("sen-1", "RUNBOOK.md", "somebody else at the same time")
  }
  const { events } = await hosts.install(withPeers(2), operation(2), ["sen-1"])
  expect(events).toEqual([expect.objectContaining({ kind: "note", host: "sen-1", text: expect.stringContaining("no copy is kept") })])
  expect((await keptOn("sen-1"))?.kept.map(({ operation }) => operation)).toEqual([operation(1)])
})

it.each([
  ["no JSON", "{"],
  ["a path outside of what is rendered", undefined],
])("does not take %s on a host for a generation", async (_, text) => {
  await hosts.install(topology, operation(1))
  const path = `${layout.previous}/${operation(1)}/manifest.json`
  const manifest = JSON.parse(hosts.read("sen-1", path))
  manifest.files["secrets/signers/main/consensus.key"] = "a".repeat(64)
  hosts.write("sen-1", path, text ?? JSON.stringify(manifest))
  expect((await keptOn("sen-1"))?.kept).toEqual([])
})
