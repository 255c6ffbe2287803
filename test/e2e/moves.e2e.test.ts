import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { roundTrips } from "../drill/round-trips.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { firstDecrease, type StateWatch, watchState } from "../drill/state-watch.ts"
import { Lab } from "../lab/lab.ts"

const ROUND_TRIPS = 3

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("at blocks of 5 s", () => {
  const blockMs = 5000
  let site: Site
  let watch: StateWatch

  beforeAll(async () => {
    site = await openSite({ label: "five", blockMs, report })
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

  test("three times to the other node and back, no block is missed", async () => {
    const sentBefore = site.chain.load.sent
    expect(await roundTrips(site, ROUND_TRIPS, report)).toEqual(Array.from({ length: 2 * ROUND_TRIPS }, () => 0))
    expect(site.chain.load.sent).toBeGreaterThan(sentBefore)
  })

  test("after all of this the signer's state has never gone back, and nothing was signed twice", async () => {
    await watch.stop()
    expect(watch.heights.length).toBeGreaterThan(0)
    expect(firstDecrease(watch.heights)).toBeUndefined()
    await proveOneSigner(site)
  })
})
