import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { type HostLockOptions, type HostLocks, lockHosts } from "../../../src/app/host-lock.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { LockingHosts } from "../../support/locking-hosts.ts"
import { aTopology } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"

const topology = aTopology()
const LOCK = `${layout.lock.host}/lock`
let hosts: LockingHosts
let anna: PaperDeployment
let boris: PaperDeployment

beforeEach(() => {
  hosts = new LockingHosts(topology)
  anna = aDeployment(hosts.access, { operator: "anna@desk" })
  boris = aDeployment(hosts.access, { operator: "boris@office" })
})

async function locks(deployment: PaperDeployment, names: readonly string[], options: HostLockOptions = {}): Promise<HostLocks> {
  const held = await lockHosts(deployment, names, "gonka-ha up", options)
  onTestFinished(() => held.release())
  return held
}

const BY_ANNA = "locked by anna@desk since 2026-11-23T12:00:00.000Z: gonka-ha up"

function keep(host: string, record: string): void {
  const path = hosts.path(host, layout.lock.kept)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, record)
}

it("refuses a second laptop, and says who is at work where, since when and with what", async () => {
  await locks(anna, ["sen-1", "sen-2"])
  await expect(locks(boris, ["val-1", "sen-2"])).rejects.toMatchObject({
    code: "LOCK_HELD",
    exit: 8,
    message: `sen-2 is ${BY_ANNA}`,
    hint: expect.stringContaining("wait until that has ended"),
  })
})

it("lets two work at once on different hosts, and the next one after the first", async () => {
  const first = await locks(anna, ["sen-1"])
  await locks(boris, ["sen-2"])
  await first.release()
  expect((await locks(boris, ["sen-1"])).epochs).toEqual(new Map([["sen-1", 2]]))
})

it("holds none of the hosts when it cannot have all of them, whether one is taken or away", async () => {
  const first = await locks(anna, ["sen-2"])
  await expect(locks(boris, ["sen-2", "sen-1"])).rejects.toMatchObject({ code: "LOCK_HELD" })
  await locks(anna, ["sen-1"]).then((held) => held.release())
  await first.release()
  hosts.away.add("sen-2")
  await expect(locks(boris, ["sen-2", "sen-1"])).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
  await locks(anna, ["sen-1"])
})

describe("where hosts may be lacking", () => {
  const mayLack = { mayLack: true }

  it("goes on without those that give none for reasons of their own, and says which and why", async () => {
    await locks(anna, ["val-1"]).then((first) => first.release())
    writeFileSync(hosts.path("val-1", layout.lock.epoch), "many\n")
    hosts.away.add("sen-2")
    const { epochs, lacking } = await locks(boris, ["sen-1", "sen-2", "val-1"], mayLack)
    expect([...epochs.keys()]).toEqual(["sen-1"])
    expect(lacking).toEqual(
      new Map([
        ["sen-2", expect.objectContaining({ code: "HOST_UNREACHABLE" })],
        ["val-1", expect.objectContaining({ message: expect.stringContaining("is not a number") })],
      ]),
    )
    writeFileSync(hosts.path("val-1", layout.lock.epoch), "1\n")
    await locks(anna, ["val-1"])
  })

  it("wants one at least, and none that somebody else has", async () => {
    hosts.away.add("sen-2")
    await expect(locks(boris, ["sen-2"], mayLack)).rejects.toMatchObject({ code: "HOST_UNREACHABLE" })
    await locks(anna, ["sen-1"])
    await expect(locks(boris, ["sen-1", "val-1"], mayLack)).rejects.toMatchObject({ code: "LOCK_HELD" })
    await locks(anna, ["val-1"])
  })
})

it("of two that want the same hosts at the same moment gives them all to one", async () => {
  const all = topology.hosts.map(({ name }) => name)
  const ends = await Promise.allSettled([locks(anna, all), locks(boris, [...all].reverse())])
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
})

it("counts its holders on every host, and not those who were refused", async () => {
  const first = await locks(anna, ["sen-1"])
  expect(first.epochs).toEqual(new Map([["sen-1", 1]]))
  await expect(locks(boris, ["sen-1"])).rejects.toMatchObject({ code: "LOCK_HELD" })
  await first.release()
  expect((await locks(boris, ["sen-1", "sen-2"])).epochs).toEqual(
    new Map([
      ["sen-1", 2],
      ["sen-2", 1],
    ]),
  )
})

it("refuses a plan that was made before somebody else's work, and holds nothing then", async () => {
  const expected = new Map([
    ["sen-1", 0],
    ["sen-2", 0],
    ["val-1", 7],
  ])
  await (await locks(anna, ["sen-2"])).release()
  await expect(locks(boris, ["sen-1", "sen-2"], { expected })).rejects.toMatchObject({
    code: "REFUSED",
    exit: 6,
    message: "somebody worked on sen-2 since this plan was made; nothing was changed",
  })
  await locks(anna, ["sen-1", "sen-2"])
})

it("does not count on from what is no number", async () => {
  const held = await locks(anna, ["sen-1"])
  await held.release()
  writeFileSync(hosts.path("sen-1", layout.lock.epoch), "many\n")
  await expect(locks(boris, ["sen-1"])).rejects.toMatchObject({ message: expect.stringContaining("is not a number") })
})

it("is free when the process that holds it is gone, and its holder learns of it", async () => {
  const held = await locks(anna, ["sen-1"])
  held.stillOurs()
  hosts.killHolder("sen-1", LOCK)
  await vi.waitFor(() => expect(held.stillOurs).toThrow("the lock on sen-1 was lost"))
  await locks(boris, ["sen-1"])
})

it("keeps its own files private, and leaves the directories above readable", async () => {
  await locks(anna, ["sen-1"])
  expect(mode(hosts.path("sen-1", layout.lock.host))).toBe("700")
  expect(mode(hosts.path("sen-1", "lock"))).toBe("755")
  expect(readFileSync(hosts.path("sen-1", `${layout.lock.host}/owner`), "utf8")).toBe(
    "anna@desk since 2026-11-23T12:00:00.000Z: gonka-ha up\n",
  )
})

describe("with time to wait", () => {
  it("waits for whoever is at work, says so, and goes on when they are done", async () => {
    const first = await locks(anna, ["sen-2"])
    let isReleasing = false
    boris.clock.onTick = (ms) => {
      if (ms > 3000 && !isReleasing) {
        isReleasing = true
        void first.release()
      }
    }
    await locks(boris, ["sen-1", "sen-2"], { waitMs: 600_000 })
    expect(boris.events).toContainEqual({
      kind: "waiting",
      what: "the lock: sen-1, sen-2",
      now: `sen-2 is ${BY_ANNA}`,
      sinceMs: expect.any(Number),
    })
  })

  it("holds nothing while it waits", async () => {
    await locks(anna, ["sen-2"])
    let other: Promise<HostLocks> | undefined
    boris.clock.onTick = (ms) => {
      if (ms >= 2000) other ??= locks(anna, ["sen-1"], { waitMs: 600_000 })
    }
    await expect(locks(boris, ["sen-1", "sen-2"], { waitMs: 10_000 })).rejects.toMatchObject({ code: "LOCK_HELD" })
    expect((await other)?.epochs.has("sen-1")).toBe(true)
  })

  it("is refused as without it when the time is over", async () => {
    await locks(anna, ["sen-1"])
    await expect(locks(boris, ["sen-1"], { waitMs: 5000 })).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      message: `sen-1 is ${BY_ANNA}`,
    })
    expect(boris.clock.monoMs()).toBe(5000)
  })

  it("takes what --lock-wait said where nothing else is said", async () => {
    await locks(anna, ["sen-1"])
    const patient = { ...boris, lockWaitMs: 2000 }
    await expect(lockHosts(patient, ["sen-1"], "gonka-ha up")).rejects.toMatchObject({ code: "LOCK_HELD" })
    expect(boris.clock.monoMs()).toBe(2000)
  })

  it("ends at the first Ctrl-C", async () => {
    await locks(anna, ["sen-1"])
    boris.interrupt()
    await expect(locks(boris, ["sen-1"], { waitMs: 60_000 })).rejects.toMatchObject({ code: "INTERRUPTED", exit: 130 })
  })

  it("does not wait for a host that cannot be reached", async () => {
    hosts.away.add("sen-1")
    await expect(locks(boris, ["sen-1"], { waitMs: 60_000 })).rejects.toMatchObject({ code: "HOST_UNREACHABLE" })
    expect(boris.clock.monoMs()).toBe(0)
  })
})

describe("a kept lock", () => {
  it("refuses everybody, with its owner, its reason and the way to release it", async () => {
    keep("sen-2", "carla@home since 2026-11-23T11:00:00.000Z: new disk\n")
    await expect(locks(anna, ["sen-1", "sen-2"])).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      message: "sen-2 is kept locked by carla@home since 2026-11-23T11:00:00.000Z: new disk",
      hint: expect.stringContaining("gonka-ha lock release"),
    })
    expect(existsSync(hosts.path("sen-2", layout.lock.epoch))).toBe(false)
    await locks(boris, ["sen-1"])
  })

  it("shows nothing of a host's text that a terminal would act upon", async () => {
    keep("sen-1", "carla\x1b[2J@home since now: \u202edisk")
    await expect(locks(anna, ["sen-1"])).rejects.toMatchObject({
      message: "sen-1 is kept locked by carla\\x1b[2J@home since now: \\u{202e}disk",
    })
  })
})

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}
