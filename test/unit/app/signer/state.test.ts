import { rmSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { exportState } from "../../../../src/app/signer/export-state.ts"
import { importState } from "../../../../src/app/signer/import-state.ts"
import { sealState } from "../../../../src/app/signer/seal-state.ts"
import { sealedState } from "../../../../src/core/observe/signer-state.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { ShellSite, SIGNED_AT_1000, SIGNER_CONTAINER } from "../../../support/shell-site.ts"

// Every look runs the real programs.
vi.setConfig({ testTimeout: 30_000 })

const STATE = layout.signer.stateFile("main")
const FLOOR = layout.signer.floor("main")
const OPERATION = layout.signer.operation("main")

let site: ShellSite
const asked: unknown[] = []
const yes = async (what: unknown) => void asked.push(what)
const seal = (height?: number) => sealState(site.deployment, { validator: undefined, height }, yes)
const export_ = (file?: string) => exportState(site.deployment, undefined, file)
const import_ = async (text: string) => {
  await site.deployment.local.replace("state.json", text, 0o600)
  return importState(site.deployment, { validator: undefined, file: "state.json" }, yes)
}
/** State, both floors, and what lies in the state's directory besides. */
const stands = () => [site.read(STATE), site.read(FLOOR), site.read(join(site.marks, "floor"))]
const tmkms = (height: number) => JSON.stringify({ height: String(height), round: "0", step: 2, block_id: null })
const lose = () => rmSync(join(site.dir, STATE))

beforeEach(() => {
  site = new ShellSite()
  asked.length = 0
})

describe("every change of a state", () => {
  const verbs = [
    { name: "export", run: () => export_("out.json") },
    { name: "import", run: () => import_(tmkms(1004)) },
    { name: "seal", run: () => seal() },
  ]

  it.each(verbs)("is refused while the signer runs: $name", async ({ run }) => {
    site.runs()
    await expect(run()).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
      message: expect.stringContaining("the signer of main runs, aimed at node-1"),
      hint: expect.stringContaining("gonka-ha signer fence"),
    })
    expect([stands(), site.signs, site.did.filter((what) => what !== "unlock")]).toEqual([[SIGNED_AT_1000, "990\n", "990\n"], true, []])
  })

  it.each(verbs)("is refused while somebody else has the lock: $name", async ({ run }) => {
    site.lockedBy = "ben@lap: promote node-2"
    await expect(run()).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
    expect(stands()).toEqual([SIGNED_AT_1000, "990\n", "990\n"])
  })

  it.each(verbs)("keeps a container down that would come up by itself, and gives the lock back: $name", async ({ run }) => {
    if (site.container) site.container = { ...site.container, status: "restarting" }
    await run()
    expect(site.did).toEqual([`kill ${SIGNER_CONTAINER}`, "unlock"])
    expect(site.container?.status).toBe("exited")
  })

  it.each(verbs)("is recorded: $name", async ({ name, run }) => {
    await run()
    expect(site.journaled().map(({ at, kind, epoch }) => [at, kind, epoch])).toEqual([
      ["begins", name, 4],
      ["note", undefined, undefined],
      ["note", undefined, undefined],
      ["ends", undefined, undefined],
    ])
    expect(site.audited()).toEqual([expect.stringContaining(`signer ${name} of main: `)])
  })
})

describe("export", () => {
  it("gives the bytes, to a new file or to whoever asked", async () => {
    expect((await export_()).text).toBe(SIGNED_AT_1000)
    expect(await export_("out.json")).toMatchObject({ validator: "main", state: { height: 1000, round: 0, step: 2 }, file: "out.json" })
    expect(site.deployment.local.texts.get("out.json")).toBe(SIGNED_AT_1000)
    await expect(export_("out.json")).rejects.toMatchObject({ code: "FILE_EXISTS" })
  })

  it.each([
    { name: "missing", arrange: lose },
    { name: "damaged", arrange: () => site.write(STATE, "{") },
  ])("has nothing to give when the state is $name", async ({ name, arrange }) => {
    arrange()
    await expect(export_("out.json")).rejects.toMatchObject({ code: "REFUSED", exit: 6, message: expect.stringContaining(name) })
    expect(site.deployment.local.texts.has("out.json")).toBe(false)
  })
})

describe("import", () => {
  it.each([
    { name: "a tmkms'", text: tmkms(1004) },
    { name: "a node's", text: '{"height":"1004","round":0,"step":3}' },
  ])("puts $name state one above what it has signed, with both floors", async ({ text }) => {
    expect(await import_(text)).toMatchObject({ validator: "main", host: "sig-1", height: 1005 })
    expect(stands()).toEqual([sealedState(1005), "1005\n", "1005\n"])
    expect(asked).toEqual([{ validator: "main", host: "sig-1", height: 1005 }])
  })

  it("may bring a lost state back that is not older than its floor, while an operation is pending", async () => {
    lose()
    site.write(OPERATION, '{"id":"op","kind":"promote","to":"node-2","by":"ben@lap","since":"now","startHeight":1}')
    await import_(tmkms(1004))
    expect(stands()).toEqual([sealedState(1005), "1005\n", "1005\n"])
  })

  it.each([
    { name: "what is no state", text: "{}", arrange: () => {}, why: "is no signer's state" },
    { name: "what is below the present state", text: tmkms(999), arrange: () => {}, why: "and the one there is at 1000/0/2" },
    { name: "what is below the floor", text: tmkms(980), arrange: lose, why: "below the floor 990" },
    {
      name: "what is below the floor among the marks",
      text: tmkms(992),
      arrange: () => {
        lose()
        site.mark("floor", "995\n")
      },
      why: "below the floor 995",
    },
    {
      name: "anything over a damaged state",
      text: tmkms(1004),
      arrange: () => site.write(STATE, "{"),
      why: "how high the state there was cannot be read",
    },
    {
      name: "anything where no floor is known",
      text: tmkms(1004),
      arrange: () => {
        site.write(FLOOR, "high\n")
      },
      why: "no floor is recorded",
    },
    {
      name: "what the chain shows to be older than what is signed",
      text: tmkms(1004),
      arrange: () => {
        site.chainAt(1040)
        site.votes.set(1030, "nil")
      },
      why: "block 1030 carries this key's signature",
    },
    {
      name: "what is too far below the tip to be compared with it",
      text: tmkms(1004),
      arrange: () => site.chainAt(1505),
      why: "too far to see",
    },
    {
      name: "anything when the chain cannot be asked",
      text: tmkms(1004),
      arrange: () => site.heights.clear(),
      why: "how far the chain is cannot be known: no node is fresh",
    },
  ])("refuses $name", async ({ text, arrange, why }) => {
    arrange()
    const before = stands()
    await expect(import_(text)).rejects.toMatchObject({ code: "REFUSED", exit: 6, message: expect.stringContaining(why) })
    expect(stands()).toEqual(before)
  })

  it("does not mind a chain that went on without this key", async () => {
    site.chainAt(1040)
    expect((await import_(tmkms(1004))).height).toBe(1005)
  })
})

describe("seal", () => {
  it("goes five blocks above the tip, asks first, and tells what stood there", async () => {
    expect(await seal()).toMatchObject({ validator: "main", host: "sig-1", height: 1005 })
    expect(stands()).toEqual([sealedState(1005), "1005\n", "1005\n"])
    expect(asked).toEqual([
      {
        validator: "main",
        host: "sig-1",
        height: 1005,
        because: "5 blocks above the newest block 1000",
        before: "state 1000/0/2, floor 990",
      },
    ])
    expect(site.read(layout.signer.tip("main"))).toMatch(/^1005 \d+\n$/)
    expect(site.did.some((what) => what.startsWith("start"))).toBe(false)
  })

  it.each([
    { name: "lost", arrange: lose, aside: false },
    { name: "damaged", arrange: () => site.write(STATE, "{"), aside: true },
    { name: "rolled back", arrange: () => site.mark("floor", "1003\n"), aside: false },
  ])("is the way on for a state that is $name", async ({ arrange, aside }) => {
    arrange()
    await seal()
    expect(stands()).toEqual([sealedState(1005), "1005\n", "1005\n"])
    expect(site.read(`${STATE}.damaged-20261123T120000`)).toBe(aside ? "{" : undefined)
  })

  it("counts from the chain as it is when nothing can sign any more", async () => {
    const later = async () => site.chainAt(1002)
    expect((await sealState(site.deployment, { validator: "main", height: undefined }, later)).height).toBe(1007)
  })

  it("takes a height that is asked for, and no lower one than is safe", async () => {
    await expect(seal(1004)).rejects.toMatchObject({ code: "REFUSED", exit: 6, hint: expect.stringContaining("1005") })
    expect((await seal(1100)).height).toBe(1100)
    await expect(seal(1099)).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
    expect(stands()).toEqual([sealedState(1100), "1100\n", "1100\n"])
  })

  it.each([
    { name: "no node answers", arrange: () => site.heights.clear(), why: "no node is fresh" },
    {
      name: "only one node answers",
      arrange: () => {
        for (const name of ["sentry-2", "node-1", "node-2"]) site.heights.delete(name)
      },
      why: "only sentry-1 is fresh",
    },
    { name: "every node is stale", arrange: () => site.change({ ageMs: 600_000 }), why: "no node is fresh" },
    {
      name: "two witnesses follow different chains",
      arrange: () => site.astray.add("sentry-2"),
      why: "have different blocks at height 1000",
    },
    { name: "the key is tombstoned", arrange: () => site.change({ tombstoned: true }), why: "tombstoned" },
  ])("is refused when $name", async ({ arrange, why }) => {
    arrange()
    await expect(seal()).rejects.toMatchObject({ code: "REFUSED", exit: 6, message: expect.stringContaining(why) })
    expect(stands()).toEqual([SIGNED_AT_1000, "990\n", "990\n"])
  })

  it("does with any two nodes that are fresh", async () => {
    site.heights.delete("sentry-1")
    expect((await seal()).height).toBe(1005)
  })

  it("does nothing when it is not confirmed", async () => {
    const no = () => Promise.reject(new Error("no"))
    await expect(sealState(site.deployment, { validator: undefined, height: undefined }, no)).rejects.toThrow("no")
    expect([stands(), site.did]).toEqual([[SIGNED_AT_1000, "990\n", "990\n"], []])
  })

  describe("where nothing of the signer is left", () => {
    const RECORD = ".gonka-ha/signer-records"
    beforeEach(() => {
      rmSync(join(site.dir, "signers"), { recursive: true })
      rmSync(site.marks, { recursive: true })
      site.container = undefined
    })
    const remember = (host: string) =>
      site.deployment.local.create(`${RECORD}/lab-1-${site.validator.address}.json`, JSON.stringify({ validator: "main", host }), 0o600)

    it("does not make a signer out of nothing: another machine may have come under the old name", async () => {
      await remember("sig-1")
      await expect(seal()).rejects.toMatchObject({ code: "REFUSED", hint: expect.stringContaining("gonka-ha signer replace") })
      expect(stands()).toEqual([undefined, undefined, undefined])
    })

    it("does not set up a signer that never was", async () => {
      await expect(seal()).rejects.toMatchObject({ code: "REFUSED", hint: expect.stringContaining("gonka-ha up") })
    })

    it("goes on where the marks of its key show that it ran on this machine", async () => {
      await remember("sig-1")
      site.mark("floor", "1010\n")
      expect((await seal()).height).toBe(1010)
      expect(stands()).toEqual([sealedState(1010), "1010\n", "1010\n"])
    })
  })
})
