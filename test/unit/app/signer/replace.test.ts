import { describe, expect, it } from "vitest"
import { replaceSigner } from "../../../../src/app/signer/replace.ts"
import { status } from "../../../../src/app/status.ts"
import { up } from "../../../../src/app/up.ts"
import { EXIT } from "../../../../src/core/errors.ts"
import type { FenceMethod } from "../../../../src/core/fence-methods.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { LostSignerWorld, refusal } from "../../../support/lost-signer-world.ts"

const request = (method: FenceMethod | undefined = "power-off", node?: string) => ({
  host: "sig-1",
  validator: undefined,
  method,
  node,
  oneWitness: false,
})
/** The command without a fence: it goes by the one that was attested. */
const AGAIN = { ...request(), method: undefined }
const typed = async () => "typed" as const
const run = (site: LostSignerWorld, method?: FenceMethod, options: Parameters<LostSignerWorld["deployment"]>[0] = {}) =>
  replaceSigner(site.deployment(options), request(method), { dryRun: false }, typed)

/** The signer's host has lost its power, and its node has stood still since. */
async function lost(): Promise<LostSignerWorld> {
  const site = new LostSignerWorld()
  await site.blocks(5)
  site.world.powerOff(site.world.host("sig-1"))
  await site.blocks(10)
  return site
}

const on = (site: LostSignerWorld, host: string) => site.world.signersOf("main").filter((signer) => signer.host === host)
const fileOn = (site: LostSignerWorld, host: string, path: string) => site.world.host(host).disk.read(`${site.topology.dir}/${path}`)

describe("replacing a lost signer", () => {
  it("ends with one signer on the new host, which signs above everything that the old one can have signed", async () => {
    const site = await lost()
    const before = site.world.highest.get("main")?.height ?? 0
    const result = await site.during(run(site))
    expect(result.kind).toBe("moved")
    expect(on(site, "sig-2")).toHaveLength(1)
    expect(site.world.highest.get("main")?.height).toBeGreaterThan(before + 5)
    expect(site.steps().slice(0, 2)).toEqual(["sig-1: fence the signer of main (power-off)", "main: see 5 blocks without its signature"])
    expect(site.steps().at(-1)).toMatch(/^main: see 2 blocks signed through node-/)
    expect(fileOn(site, "sig-2", layout.signer.operation("main"))).toBeUndefined()
    expect(site.violations()).toEqual([])
  })

  it("keeps word of the fence in the journal, and of the new place among the records", async () => {
    const site = await lost()
    await site.during(run(site))
    const journal = [...site.files.texts].find(([path]) => path.includes("/journal/"))?.[1] ?? ""
    expect(journal).toContain("sig-1 is powered off and stays off until its disk is wiped")
    const record = [...site.files.texts].find(([path]) => path.endsWith(".on-sig-2.json"))?.[1] ?? ""
    expect(JSON.parse(record)).toMatchObject({ validator: "main", host: "sig-2", replaces: "sig-1" })
  })

  it("stops a signer that answers, and starts none before its key was seen silent", async () => {
    const site = new LostSignerWorld()
    await site.blocks(5)
    expect((await site.during(run(site, "ssh"))).kind).toBe("moved")
    expect(on(site, "sig-1")).toEqual([])
    expect(on(site, "sig-2")).toHaveLength(1)
    expect(fileOn(site, "sig-1", "secrets/signers/main/consensus.key")).toBeUndefined()
    expect(site.violations()).toEqual([])
  })

  it("has nothing to do the second time", async () => {
    const site = await lost()
    await site.during(run(site))
    expect(await site.during(run(site))).toMatchObject({ kind: "already", newHost: "sig-2" })
  })

  it("fences what comes back with its old containers, at whatever command, and status says so with exit 4", async () => {
    const site = await lost()
    await site.during(run(site))
    site.world.host("sig-1").powerOn()
    await site.world.timeline.runUntil(() => on(site, "sig-1").length > 0, site.world.timeline.now + 120_000)
    const view = await site.during(status(site.deployment()))
    expect(view.critical).toEqual([])
    expect(view.warnings).toContainEqual(expect.stringMatching(/^sig-1: fenced: replaced by sig-2, fenced .* \(signer of main\)$/))
    expect(view.exitCode).toBe(EXIT.degraded)
    expect(on(site, "sig-1")).toEqual([])
    // Its operator starts the old container by hand.
    site.world.host("sig-1").engine.start("lab-main-signer")
    await site.blocks(50)
    expect(on(site, "sig-1")).toEqual([])
    expect((await site.during(status(site.deployment()))).exitCode).toBe(EXIT.degraded)
    expect(on(site, "sig-2")).toHaveLength(1)
  })

  it.each(["signer.fence", "chain.silent", "service.up", "signer.seal", "chain.past-seal", "secrets.push", "port.give", "signer.move"])(
    "goes on by itself after its machine died behind %s, without asking again",
    async (dieAfter) => {
      const site = await lost()
      await site.untilDeath(run(site, "power-off", { dieAfter }))
      const again = replaceSigner(site.deployment(), AGAIN, { dryRun: false }, async (plan) => {
        expect(plan.sentence).toBeUndefined()
        return undefined
      })
      expect((await site.during(again)).kind).toBe("moved")
      expect(on(site, "sig-2")).toHaveLength(1)
      expect(site.violations()).toEqual([])
    },
  )

  it("starts nothing when the key signs although it was said to be fenced, and forgets that fence", async () => {
    const site = new LostSignerWorld()
    await site.blocks(5)
    // The way to the host is cut from here alone: its signer signs on.
    site.world.host("sig-1").unreachableFor.add("anna")
    site.unseen = "sig-1"
    const { exit, says } = await site.during(refusal(run(site, "node-firewall")))
    expect(exit).toBe(EXIT.critical)
    expect(says[0]).toMatch(/^the fence failed: block \d+ carries its vote \(signed\)/)
    expect(on(site, "sig-2")).toEqual([])
    expect(fileOn(site, "sig-2", "secrets/signers/main/consensus.key")).toBeUndefined()
    expect(JSON.parse(fileOn(site, "sig-2", layout.signer.operation("main")) ?? "{}")).not.toHaveProperty("fence")
    const asked = await site.during(refusal(replaceSigner(site.deployment(), AGAIN, { dryRun: false }, typed)))
    expect(asked.exit).toBe(EXIT.usage)
    expect(site.violations()).toEqual([])
  })

  it("is refused while the lost host is connected to a candidate, and changes nothing", async () => {
    const site = await lost()
    // 10.0.0.31, as the kernel writes it.
    site.connected = "1F00000A:C738"
    const { exit, says } = await site.during(refusal(run(site, "power-off")))
    expect(exit).toBe(EXIT.refused)
    expect(says).toContain("node-1: sig-1 is connected to its privval port: its signer is alive")
    expect(fileOn(site, "sig-2", layout.signer.epoch("main"))).toBeUndefined()
  })

  it("is refused without the key, before anything is changed", async () => {
    const site = await lost()
    const { says } = await site.during(refusal(run(site, "power-off", { secrets: [] })))
    expect(says).toContainEqual(expect.stringMatching(/^main: its consensus key is not on this machine/))
  })

  it("leaves up with nothing but a word while it is not done, and lets it go on without the lost host when it is", async () => {
    const site = await lost()
    const begun = await site.during(refusal(up(site.deployment(), { dryRun: false }, async () => {})))
    expect(begun.exit).toBe(EXIT.refused)
    expect(begun.says).toContainEqual(expect.stringMatching(/^main: sig-2 is to replace its signer on sig-1, and that is not done/))
    await site.during(run(site))
    await site.during(up(site.deployment(), { dryRun: false }, async () => {}))
    expect(on(site, "sig-2")).toHaveLength(1)
    expect(site.violations()).toEqual([])
  })

  it("has up refuse a file that forgets the replaced host, since its port would be opened again", async () => {
    const site = await lost()
    await site.during(run(site))
    const { topology } = site
    const forgetful = { ...topology, validators: topology.validators.map((each) => ({ ...each, replacedHosts: [] })) }
    const failed = await site.during(refusal(up({ ...site.deployment(), topology: forgetful }, { dryRun: true }, async () => {})))
    expect(failed.exit).toBe(EXIT.refused)
    expect(failed.says).toContainEqual(expect.stringContaining("open again the port"))
    await expect(site.during(up(site.deployment(), { dryRun: true }, async () => {}))).resolves.toBeDefined()
  })

  it("touches no signer that the file alone says is replaced", async () => {
    const site = new LostSignerWorld()
    await site.blocks(5)
    const view = await site.during(status(site.deployment()))
    expect(on(site, "sig-1")).toHaveLength(1)
    expect(view.warnings).toContainEqual(
      expect.stringMatching(/^sig-1: the file says that sig-2 replaces the signer of main there, and that is not done/),
    )
  })
})
