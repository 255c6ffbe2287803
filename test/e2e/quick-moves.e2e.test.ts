import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { signerFile } from "../drill/host-facts.ts"
import { receiptNames } from "../drill/journals.ts"
import { killInsideStep } from "../drill/kill-inside-step.ts"
import type { Answer } from "../drill/operator.ts"
import { proveMove } from "../drill/prove-move.ts"
import { proveNothingLeaks } from "../drill/prove-nothing-leaks.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { roundTrips } from "../drill/round-trips.ts"
import { seeded } from "../drill/seeded.ts"
import { waitForStatus } from "../drill/settle.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { firstDecrease, type StateWatch, watchState } from "../drill/state-watch.ts"
import { Lab } from "../lab/lab.ts"

const ROUND_TRIPS = 3
const SEED = 20261124
const RANDOM_KILLS = 3

/** Every kind of step that a planned promotion takes, in its order; `port.give` occurs twice, and its second place has a test of its own. */
const PROMOTE_STEPS = ["standby.ready", "port.give", "standby.detach", "signer.move", "standby.park", "chain.signing"] as const

const report = (line: string) => process.stderr.write(`${line}\n`)
const otherNode = (node: string) => (node === "node-1" ? "node-2" : "node-1")
const activeNode = (site: Site) => signerFile(site.lab, "aim")

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("at blocks of 1 s", () => {
  const blockMs = 1000
  const random = seeded(SEED)
  let site: Site
  let watch: StateWatch

  beforeAll(async () => {
    site = await openSite({ label: "one", blockMs, report })
    await bringUp(site, blockMs)
    site.chain.load.start()
    watch = watchState(site.lab)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await watch?.stop().catch(() => undefined)
    await site?.down()
  })

  test("three times to the other node and back, at most one block per move is missed", async () => {
    for (const missed of await roundTrips(site, ROUND_TRIPS, report)) expect(missed).toBeLessThanOrEqual(1)
  })

  test.each(PROMOTE_STEPS)("killed right after %s, the promotion is finished by --resume", async (kind) => {
    const { operator } = site
    const to = otherNode(await activeNode(site))
    const killed = await operator.run(["promote", to, "--yes"], { env: { GONKA_HA_CRASH_AFTER: kind } })
    expect(killed.code, killed.stderr).toBe(-1)
    await refusesAnother(to)
    await resumes(to)
  })

  test("killed after the port of the old node was given back, and that in a resume, it is finished by a second --resume", async () => {
    const { operator } = site
    const to = otherNode(await activeNode(site))
    expect((await operator.run(["promote", to, "--yes"], { env: { GONKA_HA_CRASH_AFTER: "signer.move" } })).code).toBe(-1)
    expect((await operator.run(["promote", "--resume"], { env: { GONKA_HA_CRASH_AFTER: "port.give" } })).code).toBe(-1)
    await resumes(to)
  })

  test("killed inside steps at random moments, the promotion is finished by --resume", async () => {
    const { operator } = site
    for (let kill = 1; kill <= RANDOM_KILLS; kill++) {
      const to = otherNode(await activeNode(site))
      const kind = PROMOTE_STEPS[Math.floor(random() * PROMOTE_STEPS.length)] ?? "signer.move"
      const afterMs = Math.round(random() * 250)
      const { code } = await killInsideStep(operator, ["promote", to, "--yes", "--json"], kind, afterMs)
      report(`killed ${afterMs} ms into ${kind}: ${code === -1 ? "died" : `was quicker, ${code}`}`)
      if (code === -1) await resumes(to)
      else expect(code).toBe(0)
    }
  })

  test("after all of this the signer's state has never gone back, and nothing was signed twice or told", async () => {
    await watch.stop()
    expect(watch.heights.length).toBeGreaterThan(0)
    expect(firstDecrease(watch.heights)).toBeUndefined()
    await proveOneSigner(site)
    await proveNothingLeaks(site)
  })

  async function refusesAnother(to: string): Promise<void> {
    const answer = await site.operator.run(["promote", to, "--yes"])
    expect(answer.code, answer.stderr).toBe(7)
    expect(answer.stderr).toContain("gonka-ha promote --resume")
  }

  /** One more receipt than before, true in every height; and all is well afterwards. */
  async function resumes(to: string): Promise<Answer> {
    const before = await receiptNames(site.operator)
    const answer = await site.operator.run(["promote", "--resume", "--json"])
    const receipt = receiptIn(answer)
    expect(receipt.to).toBe(to)
    expect(await activeNode(site)).toBe(to)
    expect(await receiptNames(site.operator)).toEqual([...before, receipt.operation])
    await proveMove(site, receipt)
    report(`resumed: missed ${receipt.missed.length}`)
    await waitForStatus(site, 0)
    return answer
  }
})
