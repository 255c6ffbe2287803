import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { beforeEach, expect, it, onTestFinished, vi } from "vitest"
import { audit } from "../../../src/app/audit.ts"
import { auditHistory } from "../../../src/app/audit-history.ts"
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
  for (const { name } of topology.hosts) mkdirSync(dirname(log(name)), { recursive: true })
  vi.stubEnv("SSH_CLIENT", "192.0.2.7 50000 22")
  onTestFinished(() => void vi.unstubAllEnvs())
})

const log = (host: string) => hosts.path(host, layout.audit)

it("tells what gonka-ha wrote on every host, by the times, and of hosts without a log nothing", async () => {
  await audit(deployment, ["sen-2"], "up: 5 steps done (op)")
  deployment.clock.advance(60_000)
  await audit(deployment, ["sen-1"], "lock acquire: maintenance")
  deployment.clock.advance(60_000)
  await audit(deployment, ["sen-2"], "down: containers removed")
  const [at, by, from] = ["2026-11-23T12:00:00.000Z", "anna@desk", "192.0.2.7"]
  expect(await auditHistory(deployment, [])).toEqual({
    lines: [
      { host: "sen-2", at, by, from, what: "up: 5 steps done (op)" },
      { host: "sen-1", at: at.replace(":00:00.", ":01:00."), by, from, what: "lock acquire: maintenance" },
      { host: "sen-2", at: at.replace(":00:00.", ":02:00."), by, from, what: "down: containers removed" },
    ],
    unread: [],
    cut: [],
  })
})

it("keeps a line of another form behind the one before it, and takes no word of a line for its time", async () => {
  writeFileSync(log("sen-1"), "2026-11-23T12:00:00Z root by hand: main to node-2\nsomebody was here\n")
  writeFileSync(
    log("sen-2"),
    "2026-11-23T11:00:00.000Z anna@desk up: done\n2026-99-99T12:00:00Z carla@home up: done\n2026-11-23T13:00:00.000Z anna@desk down",
  )
  const { lines } = await auditHistory(deployment, [])
  expect(lines.map(({ host, at, what }) => [host, at, what])).toEqual([
    ["sen-2", "2026-11-23T11:00:00.000Z", "up: done"],
    ["sen-2", undefined, "2026-99-99T12:00:00Z carla@home up: done"],
    ["sen-1", "2026-11-23T12:00:00Z", "by hand: main to node-2"],
    ["sen-1", undefined, "somebody was here"],
    ["sen-2", "2026-11-23T13:00:00.000Z", "down"],
  ])
})

it("lets no host steer the terminal, and reads no log without an end", async () => {
  writeFileSync(log("sen-1"), `${"x".repeat(300 * 1024)}\n`)
  appendFileSync(log("sen-1"), "2026-11-23T12:00:00.000Z anna@desk \u001b[2Jexec in node-1: \u202esh, exit 0\n")
  appendFileSync(log("sen-1"), `2026-11-23T12:00:01.000Z anna@desk ${"y".repeat(9000)}\n`)
  const { lines, cut } = await auditHistory(deployment, ["sen-1"])
  expect(cut).toEqual(["sen-1"])
  expect(lines.map(({ what }) => what.slice(0, 60))).toEqual(["\\x1b[2Jexec in node-1: \\u{202e}sh, exit 0", "y".repeat(60)])
  expect(lines[1]?.what.length).toBeLessThan(1200)
})

it("tells which hosts it has not read and why, and goes on with the others", async () => {
  await audit(deployment, ["sen-1"], "up: done")
  hosts.away.add("val-1")
  mkdirSync(log("val-2"))
  const { lines, unread } = await auditHistory(deployment, [])
  expect(lines).toMatchObject([{ host: "sen-1", what: "up: done" }])
  expect(unread).toEqual([
    { host: "val-1", reason: "host val-1 cannot be reached: no route" },
    { host: "val-2", reason: expect.stringMatching(/directory/i) },
  ])
})

it("takes a directory that may not be entered for no empty log", async () => {
  chmodSync(dirname(log("sen-1")), 0o600)
  onTestFinished(() => chmodSync(dirname(log("sen-1")), 0o700))
  const access = deployment.fleet.host("sen-1")
  const asNobody = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
  const fleet = { ...deployment.fleet, host: () => ({ ...access, run: (argv: readonly string[]) => access.run([...asNobody, ...argv]) }) }
  expect(await auditHistory({ ...deployment, fleet }, ["sen-1"])).toMatchObject({
    unread: [{ host: "sen-1", reason: expect.stringContaining("may not be entered") }],
  })
})

it("takes half an answer for none", async () => {
  await audit(deployment, ["sen-1"], "up: done")
  const access = deployment.fleet.host("sen-1")
  const cut = {
    ...access,
    run: async (...asked: Parameters<typeof access.run>) => ({ ...(await access.run(...asked)), stdout: "60\n2026-11" }),
  }
  const fleet = { ...deployment.fleet, host: () => cut }
  expect(await auditHistory({ ...deployment, fleet }, ["sen-1"])).toMatchObject({
    lines: [],
    unread: [{ reason: "the answer was cut off" }],
  })
})

it("asks the hosts that are named, and knows no others", async () => {
  for (const host of ["sen-1", "sen-2"]) await audit(deployment, [host], "up: done")
  expect((await auditHistory(deployment, ["sen-2", "sen-2"])).lines).toMatchObject([{ host: "sen-2" }])
  await expect(auditHistory(deployment, ["sen-3"])).rejects.toMatchObject({ code: "USAGE", message: "there is no host sen-3" })
})
