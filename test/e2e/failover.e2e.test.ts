import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { signerFile } from "../drill/host-facts.ts"
import { LOSSES } from "../drill/losses.ts"
import { HOST_OF, proveMove } from "../drill/prove-move.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitForStatus } from "../drill/settle.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { firstDecrease, type StateWatch, watchState } from "../drill/state-watch.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 5000

const report = (line: string) => process.stderr.write(`${line}\n`)
const otherNode = (node: string) => (node === "node-1" ? "node-2" : "node-1")

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("failover at blocks of 5 s", () => {
  let site: Site
  let watch: StateWatch

  beforeAll(async () => {
    site = await openSite({ label: "loss", blockMs: BLOCK_MS, report })
    await bringUp(site, BLOCK_MS)
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

  test.each(LOSSES)(
    "the active node $name: one command, at most one block is missed after it has decided",
    async ({ name, lose, mend }) => {
      const { lab, operator } = site
      const old = await signerFile(lab, "aim")
      const to = otherNode(old)
      const host = HOST_OF[old] ?? ""
      await lose(lab, old, host)
      try {
        const receipt = receiptIn(await operator.run(["failover", to, "--yes", "--json"]))
        const since = receipt.missed.filter((height) => height > receipt.startHeight)
        report(
          `${old} ${name}: began at ${receipt.startHeight}, first signed ${receipt.firstSignedThroughNew}, missed since ${since.length}`,
        )
        expect(receipt).toMatchObject({ kind: "failover", from: old, to })
        await proveMove(site, receipt)
        expect(since.length).toBeLessThanOrEqual(1)
      } finally {
        await mend(lab, old, host)
      }
      await operator.must(["up", "--yes"])
      await waitForStatus(site, 0)
      expect(await signerFile(lab, "aim")).toBe(to)
    },
  )

  test("after all of this the signer's state has never gone back, and nothing was signed twice", async () => {
    await watch.stop()
    expect(firstDecrease(watch.heights)).toBeUndefined()
    await proveOneSigner(site)
    const { stdout } = await site.operator.must(["history", "--verify"])
    report(stdout.trimEnd())
  })
})
