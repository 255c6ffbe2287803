import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { beforeEach, expect, it, onTestFinished, vi } from "vitest"
import { type DestroyRequest, destroy } from "../../../src/app/destroy.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { LockingHosts } from "../../support/locking-hosts.ts"
import { aTopology, type Change, changed, filesOf, healthy, host, seenContainer } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const topology = aTopology()
let hosts: LockingHosts
let deployment: PaperDeployment
let calls: string

const left = (service: string, role: string): Change =>
  host("val-2", ({ containers }) => ({
    containers: [
      ...containers,
      { ...seenContainer(topology, filesOf(topology), "val-1", "node-1"), id: `id-${service}`, name: `lab-${service}`, service, role },
    ],
  }))

beforeEach(() => {
  const bin = temporaryDir()
  calls = join(bin, "calls")
  writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$*" >>${calls}\n[ ! -e ${bin}/fails ] || { echo "engine says no" >&2; exit 1; }\n`, {
    mode: 0o755,
  })
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  hosts = new LockingHosts(topology)
  const observed = changed(healthy(topology), left("node-3-parking", "parking"), left("node-3", "private"))
  const speaking = speakingHosts(topology, observed, () => deployment.clock)
  const access = Object.fromEntries(
    topology.hosts.map(({ name }) => {
      const [says, does] = [speaking[name], hosts.access[name]]
      if (!says || !does) throw new Error(`no host ${name}`)
      return [
        name,
        { ...says, hold: does.hold, run: (...args: Parameters<typeof says.run>) => (args[0][1] === "-s" ? says : does).run(...args) },
      ]
    }),
  )
  deployment = aDeployment(access, { topology })
  write(`${layout.node.config("node-3")}/config.toml`)
  write(`${layout.node.home("node-3")}/data/blockstore.db/1.ldb`)
  write(`${layout.node.home("node-3")}/data/priv_validator_state.json`)
  write(`${layout.parking.config("node-3")}/tmkms.toml`)
  write(`${layout.parking.state("node-3")}/priv_validator_state.json`)
  write(`${layout.secrets.node("node-3")}/node_key.json`)
})

function write(file: string): void {
  const path = hosts.path("val-2", file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "content")
}

const has = (file: string) => existsSync(hosts.path("val-2", file))
const did = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [])
const run = (changes: Partial<DestroyRequest> = {}, confirm: () => Promise<void> = async () => {}) =>
  destroy(deployment, { node: "node-3", withData: false, dryRun: false, ...changes }, confirm)

const KEPT = [
  `${layout.secrets.node("node-3")}/node_key.json`,
  `${layout.parking.state("node-3")}/priv_validator_state.json`,
  `${layout.node.home("node-3")}/data/priv_validator_state.json`,
]

it("stops and removes both containers by their ids, puts rendered files aside, and keeps keys, states and data", async () => {
  await run()
  expect(did()).toEqual(["stop id-node-3", "rm id-node-3", "stop id-node-3-parking", "rm id-node-3-parking"])
  expect(has(layout.node.config("node-3"))).toBe(false)
  expect(has(`${layout.node.config("node-3")}.20261123-120000-destroy/config.toml`)).toBe(true)
  for (const file of [...KEPT, `${layout.node.home("node-3")}/data/blockstore.db/1.ldb`]) expect([file, has(file)]).toEqual([file, true])
  expect(readFileSync(hosts.path("val-2", layout.audit), "utf8")).toMatch(
    /anna@desk destroy of node-3: done: container lab-node-3 removed;/,
  )
  expect(deployment.local.texts.get(".gonka-ha/journal/20261123-120000-destroy.jsonl")).toContain('"result":"done"')
})

it("removes chain data where that is wanted, and neither keys nor any state", async () => {
  const plan = await run({ withData: true })
  expect(plan.dataBytes.get("val-2")).toBeGreaterThan(0)
  expect(has(`${layout.node.home("node-3")}/data/blockstore.db`)).toBe(false)
  for (const file of KEPT) expect([file, has(file)]).toEqual([file, true])
})

it("follows no symbolic link to data elsewhere", async () => {
  const elsewhere = temporaryDir()
  writeFileSync(join(elsewhere, "precious"), "")
  const home = hosts.path("val-2", layout.node.home("node-3"))
  rmSync(join(home, "data"), { recursive: true })
  symlinkSync(elsewhere, join(home, "data"))
  await expect(run({ withData: true })).rejects.toMatchObject({ exit: 7, message: expect.stringContaining("behind a symbolic link") })
  expect(existsSync(join(elsewhere, "precious"))).toBe(true)
})

it("changes nothing in a dry run, or when the operator says no", async () => {
  await run({ dryRun: true })
  await expect(run({}, () => Promise.reject(new Error("cancelled")))).rejects.toThrow("cancelled")
  expect(did()).toEqual([])
  expect(has(layout.lock.host)).toBe(false)
})

it("is half-way when the engine fails, with a line in the audit log, and lets go of the lock", async () => {
  writeFileSync(join(dirname(calls), "fails"), "")
  await expect(run()).rejects.toMatchObject({ exit: 7, message: "removing lab-node-3 failed on val-2: engine says no" })
  expect(readFileSync(hosts.path("val-2", layout.audit), "utf8")).toContain("destroy of node-3: stopped: ")
  expect(has(layout.node.config("node-3"))).toBe(true)
})

it("takes no name that could lead out of its directory", async () => {
  await expect(run({ node: "../secrets" })).rejects.toMatchObject({ code: "USAGE", exit: 64 })
})
