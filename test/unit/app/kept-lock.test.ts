import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { lockHosts } from "../../../src/app/host-lock.ts"
import { acquireLock, releaseLock } from "../../../src/app/kept-lock.ts"
import { lockSigner } from "../../../src/app/lock.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { LockingHosts } from "../../support/locking-hosts.ts"
import { aTopology, theValidator } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const topology = aTopology()
const ALL = ["sen-1", "sen-2", "sig-1", "val-1", "val-2"]
const BY_ANNA = "anna@desk since 2026-11-23T12:00:00.000Z: new disk"
let hosts: LockingHosts
let anna: PaperDeployment
let boris: PaperDeployment

beforeEach(() => {
  const bin = temporaryDir()
  writeFileSync(join(bin, "docker"), "#!/bin/sh\n", { mode: 0o755 })
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  hosts = new LockingHosts(topology)
  anna = aDeployment(hosts.access, { operator: "anna@desk" })
  boris = aDeployment(hosts.access, { operator: "boris@office" })
})

const acquire = (deployment: PaperDeployment, names: readonly string[] = []) =>
  acquireLock(deployment, { hosts: names, reason: " new\n disk " })
const release = (deployment: PaperDeployment, names: readonly string[] = [], isForced = false) =>
  releaseLock(deployment, { hosts: names, isForced })
const keptOn = () => ALL.filter((host) => existsSync(hosts.path(host, layout.lock.kept)))
const auditOf = (host: string) => readFileSync(hosts.path(host, layout.audit), "utf8").split("\n").slice(0, -1)

it("keeps every host locked for everybody, its owner included, until it is released", async () => {
  expect(await acquire(anna)).toEqual({ hosts: ALL, reason: "new disk" })
  for (const deployment of [anna, boris]) {
    const works = [
      () => lockHosts(deployment, ["val-2"], "gonka-ha up"),
      () => lockSigner(deployment, theValidator(topology), "promote node-2"),
    ]
    for (const work of works)
      await expect(work()).rejects.toMatchObject({
        code: "LOCK_HELD",
        exit: 8,
        message: expect.stringContaining(`is kept locked by ${BY_ANNA}`),
      })
  }
  expect((await release(anna)).map(({ host, text }) => [host, text])).toEqual(ALL.map((host) => [host, BY_ANNA]))
  await lockHosts(boris, ALL, "gonka-ha up").then((held) => held.release())
})

it("leaves an audit line of taking and releasing on each host", async () => {
  await acquire(anna, ["sen-1"])
  await release(boris, [], true)
  expect(auditOf("sen-1")).toEqual([
    expect.stringMatching(/ anna@desk .*lock acquire: new disk \[from .*\]$/),
    expect.stringMatching(/ boris@office .*lock release: was kept by anna@desk since .*: new disk \[from .*\]$/),
  ])
})

describe("is not taken, on no host,", () => {
  it("while a command is at work on one of them", async () => {
    const work = await lockHosts(boris, ["sen-2"], "gonka-ha up")
    await expect(acquire(anna)).rejects.toMatchObject({
      code: "LOCK_HELD",
      message: expect.stringContaining("sen-2 is locked by boris@office"),
    })
    await work.release()
    const move = await lockSigner(boris, theValidator(topology), "promote node-2")
    await expect(acquire(anna)).rejects.toMatchObject({ message: expect.stringContaining("the signer of main is locked by boris@office") })
    await move.release()
    expect(keptOn()).toEqual([])
  })

  it("when one cannot be reached", async () => {
    hosts.away.add("val-2")
    await expect(acquire(anna)).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
    expect(keptOn()).toEqual([])
  })

  it("when it is kept already, by whomever", async () => {
    await acquire(boris, ["sen-2"])
    await expect(acquire(anna)).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
    expect(keptOn()).toEqual(["sen-2"])
  })

  it("without a reason", async () => {
    await expect(acquireLock(anna, { hosts: [], reason: " \n\x07" })).rejects.toMatchObject({ code: "USAGE", exit: 64 })
  })

  it("for a host that there is not", async () => {
    await expect(acquire(anna, ["sen-3"])).rejects.toMatchObject({ code: "USAGE", message: "there is no host sen-3" })
  })
})

describe("release", () => {
  it("leaves everything as it is where one of the locks is somebody else's, and says whose", async () => {
    await acquire(anna, ["sen-1"])
    await acquire(boris, ["sen-2"])
    await expect(release(boris)).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      issues: [
        { path: "sen-1", message: `is kept locked by ${BY_ANNA}`, fix: expect.stringContaining("lock release --host sen-1 --force") },
      ],
    })
    expect(keptOn()).toEqual(["sen-1", "sen-2"])
    await release(boris, ["sen-2"])
    expect(keptOn()).toEqual(["sen-1"])
  })

  it("releases what it can reach, and says that a lock may be left where it cannot", async () => {
    await acquire(anna, ["sen-1", "sen-2"])
    hosts.away.add("sen-2")
    await expect(release(anna)).rejects.toMatchObject({
      code: "HOST_UNREACHABLE",
      exit: 9,
      message: "not every host could be asked; released: sen-1",
      issues: [{ path: "sen-2" }],
    })
    hosts.away.delete("sen-2")
    expect(keptOn()).toEqual(["sen-2"])
  })

  it("takes a lock that was written by hand for somebody else's", async () => {
    await acquire(anna, ["sen-1"])
    writeFileSync(hosts.path("sen-1", layout.lock.kept), "do not touch\n")
    await expect(release(anna)).rejects.toMatchObject({ issues: [{ message: "is kept locked by do not touch" }] })
    await release(anna, [], true)
    expect(keptOn()).toEqual([])
  })

  it("has nothing to do where nothing is kept, and does not touch a running command's lock", async () => {
    const work = await lockHosts(boris, ["sen-2"], "gonka-ha up")
    expect(await release(anna)).toEqual([])
    work.stillOurs()
    await expect(lockHosts(anna, ["sen-2"], "gonka-ha up")).rejects.toMatchObject({ code: "LOCK_HELD" })
    await work.release()
  })
})
