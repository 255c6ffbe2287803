import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { beforeEach, expect, it, onTestFinished, vi } from "vitest"
import { audit } from "../../../src/app/audit.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { LockingHosts } from "../../support/locking-hosts.ts"
import { aTopology } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"

const topology = aTopology()
let hosts: LockingHosts
let deployment: PaperDeployment

beforeEach(() => {
  hosts = new LockingHosts(topology)
  deployment = aDeployment(hosts.access)
  for (const host of ["sen-1", "sen-2"]) mkdirSync(dirname(log(host)), { recursive: true })
  vi.stubEnv("SSH_CLIENT", "192.0.2.7 50000 22")
  onTestFinished(() => void vi.unstubAllEnvs())
})

const log = (host: string) => hosts.path(host, layout.audit)
const lines = (host: string) => readFileSync(log(host), "utf8")

it("writes when, who, what, and from where as the host sees it, on each host once", async () => {
  await audit(deployment, ["sen-1", "sen-2", "sen-1"], "up: 5 steps done (op)")
  for (const host of ["sen-1", "sen-2"])
    expect(lines(host)).toBe("2026-11-23T12:00:00.000Z anna@desk up: 5 steps done (op) [from 192.0.2.7]\n")
})

it("says so where nobody came from anywhere", async () => {
  vi.stubEnv("SSH_CLIENT", "")
  await audit(deployment, ["sen-1"], "up: done")
  expect(lines("sen-1")).toMatch(/up: done \[from this host\]\n$/)
})

it("only appends, and is readable for its owner alone, also where it was not before", async () => {
  writeFileSync(log("sen-1"), "older\n", { mode: 0o644 })
  await audit(deployment, ["sen-1", "sen-2"], "down: done")
  expect(lines("sen-1")).toMatch(/^older\n2026.*down: done/)
  for (const host of ["sen-1", "sen-2"]) expect(statSync(log(host)).mode & 0o777).toBe(0o600)
})

it("stays one line of bounded length without control characters, whatever a host has said", async () => {
  await audit(deployment, ["sen-1"], `up: stopped: bad\n2026-11-23T12:00:00.000Z carla@home forged\u001b[2J ${"x".repeat(5000)}`)
  expect(lines("sen-1").split("\n")).toHaveLength(2)
  expect(lines("sen-1")).toContain("bad\\x0a2026-11-23T12:00:00.000Z carla@home forged\\x1b[2J")
  expect(lines("sen-1").length).toBeLessThan(1100)
})

it("fails nobody's work where it cannot be written, and says so", async () => {
  hosts.away.add("sen-1")
  await audit(deployment, ["sen-1", "val-1"], "up: done")
  expect(deployment.events).toEqual([
    { kind: "note", text: "no audit line could be written on sen-1" },
    { kind: "note", text: "no audit line could be written on val-1" },
  ])
})
