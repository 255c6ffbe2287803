import { symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { fenceSigner } from "../../../../src/app/signer/fence.ts"
import { signerStatus } from "../../../../src/app/signer/status.ts"
import { unfenceSigner } from "../../../../src/app/signer/unfence.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { ShellSite, SIGNER_CONTAINER } from "../../../support/shell-site.ts"

// Every look runs the real programs.
vi.setConfig({ testTimeout: 30_000 })

const FENCE = layout.signer.fence("main")
const TEXT = "old disk (anna@desk, 2026-11-23T12:00:00.000Z)"

let site: ShellSite
const asked: unknown[] = []
const yes = async (what: unknown) => void asked.push(what)
const fence = (reason = "old disk") => fenceSigner(site.deployment, { validator: undefined, reason }, yes)
const unfence = () => unfenceSigner(site.deployment, "main", yes)
const fences = () => [site.read(FENCE), site.read(join(site.marks, "fence"))]

beforeEach(() => {
  site = new ShellSite()
  asked.length = 0
})

describe("fence", () => {
  it("writes both fences, stops the signer, and leaves word of it", async () => {
    site.runs()
    expect(await fence()).toEqual({ validator: "main", host: "sig-1", text: TEXT })
    expect(fences()).toEqual([`${TEXT}\n`, `${TEXT}\n`])
    expect([site.did, site.signs]).toEqual([[`kill ${SIGNER_CONTAINER}`], false])
    expect(asked).toEqual([{ validator: "main", host: "sig-1" }])
    expect(site.audited()).toEqual([expect.stringContaining(`signer fence of main: fenced, and its signer is down: ${TEXT}`)])
    expect(site.journaled()).toMatchObject([
      { at: "begins", kind: "fence" },
      { at: "note", text: TEXT },
      { at: "note" },
      { at: "ends", result: "done" },
    ])
  })

  it("is there before the signer is stopped, so that whatever starts it meanwhile finds it", async () => {
    site.runs()
    let atKill: unknown
    site.onKill = () => {
      atKill = fences()
      site.stop()
    }
    await fence()
    expect(atKill).toEqual([`${TEXT}\n`, `${TEXT}\n`])
  })

  it("waits for nobody: not for the lock, not for what is pending", async () => {
    site.runs()
    site.lockedBy = "ben@lap: promote node-2"
    site.write(layout.signer.operation("main"), '{"id":"op","kind":"promote","to":"node-2","by":"ben@lap","since":"now","startHeight":1}')
    await fence()
    expect(fences()).toEqual([`${TEXT}\n`, `${TEXT}\n`])
    expect(site.read(layout.signer.epoch("main"))).toBe("3\n")
  })

  it("keeps the reason of an earlier fence", async () => {
    await fence("first")
    await fence("second")
    expect(site.read(FENCE)).toMatch(/^first \(.*\)\nsecond \(.*\)\n$/)
  })

  it("holds on a full disk: an empty file is a fence too", async () => {
    site.runs()
    symlinkSync("/dev/full", join(site.dir, `${FENCE}.new`))
    await fence()
    expect(fences()).toEqual(["", `${TEXT}\n`])
    expect(site.signs).toBe(false)
  })

  it("stops the signer also where no fence can be written, and says so", async () => {
    site.runs()
    site.write(join(layout.signer.control("main"), "fence.new", "in the way"), "")
    site.write(join(FENCE, "in the way"), "")
    await expect(fence()).rejects.toMatchObject({
      exit: 7,
      message: expect.stringMatching(/a fence stands in .*but not in both places|no fence could be written/),
    })
    expect(site.signs).toBe(false)
    expect(site.audited()).toEqual([expect.stringContaining("signer fence of main: stopped:")])
  })

  it("says what still runs when the signer survives", async () => {
    site.runs()
    site.onKill = () => {}
    await expect(fence()).rejects.toMatchObject({ exit: 7, message: expect.stringContaining("tmkms still runs as process 100") })
    expect(fences()).toEqual([`${TEXT}\n`, `${TEXT}\n`])
  })

  it("makes one line of its reason, and wants one", async () => {
    await fence(" two\nlines\u0007 ")
    expect(site.read(FENCE)).toBe("two lines (anna@desk, 2026-11-23T12:00:00.000Z)\n")
    await expect(fence(" \n")).rejects.toMatchObject({ code: "USAGE", exit: 64 })
  })

  it("does nothing when it is not confirmed, and nothing when the host is away", async () => {
    const no = () => Promise.reject(new Error("no"))
    await expect(fenceSigner(site.deployment, { validator: "main", reason: "x" }, no)).rejects.toThrow("no")
    expect([fences(), site.did]).toEqual([[undefined, undefined], []])
    site.away.add("sig-1")
    await expect(fence()).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
  })

  it("knows only validators of the file", async () => {
    await expect(fenceSigner(site.deployment, { validator: "other", reason: "x" }, yes)).rejects.toMatchObject({
      code: "USAGE",
      hint: "say --validator with one of: main",
    })
  })
})

describe("unfence", () => {
  it("takes both fences away, starts nothing and leaves word of it", async () => {
    await fence()
    site.did.length = 0
    expect(await unfence()).toEqual({ validator: "main", host: "sig-1", text: TEXT })
    expect(fences()).toEqual([undefined, undefined])
    expect(site.did.filter((what) => what.startsWith("start"))).toEqual([])
    expect(site.audited().at(-1)).toContain(`signer unfence of main: the fence is gone: ${TEXT}`)
  })

  it.each([
    { name: "control directory", arrange: () => site.write(FENCE, "by hand\n") },
    { name: "marks", arrange: () => site.mark("fence", "by hand\n") },
  ])("takes one away that stands only in the $name", async ({ arrange }) => {
    arrange()
    expect((await unfence()).text).toBe("by hand")
    expect(fences()).toEqual([undefined, undefined])
  })

  it("first stops a container that would come up by itself without the fence", async () => {
    await fence()
    if (site.container) site.container = { ...site.container, status: "restarting" }
    site.did.length = 0
    site.onKill = () => {
      expect(fences()[0]).toBeDefined()
      site.stop()
    }
    await unfence()
    expect(site.did).toEqual([`kill ${SIGNER_CONTAINER}`, "unlock"])
  })

  it("is refused where there is no fence, where the signer runs, and while another has the lock", async () => {
    await expect(unfence()).rejects.toMatchObject({ code: "REFUSED", exit: 6, message: expect.stringContaining("is not fenced") })
    site.write(FENCE, "x\n")
    site.runs()
    await expect(unfence()).rejects.toMatchObject({ code: "REFUSED", exit: 6, message: expect.stringContaining("runs") })
    site.stop()
    site.lockedBy = "ben@lap: promote node-2"
    await expect(unfence()).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
    expect(fences()[0]).toBe("x\n")
  })

  it("is refused when the fence became another one between the question and the lock", async () => {
    site.write(FENCE, "x\n")
    const change = async () => site.write(FENCE, "y\n")
    await expect(unfenceSigner(site.deployment, "main", change)).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
    expect(site.read(FENCE)).toBe("y\n")
  })
})

describe("status", () => {
  it("tells what stands where, of a signer that is down", async () => {
    site.mark("floor", "995\n")
    const [view] = await signerStatus(site.deployment, undefined)
    expect(view).toMatchObject({
      validator: "main",
      host: "sig-1",
      signing: { kind: "stopped" },
      container: { kind: "seen", value: { name: SIGNER_CONTAINER, status: "exited" } },
      aim: "node-1",
      floor: 995,
      epoch: 3,
      state: { kind: "seen", value: { kind: "ok", state: { height: 1000, round: 0, step: 2 } } },
      guard: undefined,
      exitCode: 5,
    })
    expect(view?.marks).toBe(`/var/lib/gonka-ha/${site.marks.slice(dirname(site.marks).length + 1)}`)
  })

  it("is degraded where a running signer is not connected", async () => {
    site.runs()
    const [view] = await signerStatus(site.deployment, "main")
    expect(view).toMatchObject({ key: { kind: "seen", value: "pinned" }, guard: { kind: "seen", value: "ok" }, exitCode: 4 })
    expect(view?.problems).toEqual(["it runs, but it is not connected to node-1"])
  })
})
