import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { DEPLOYMENT_DIR, shell, signerFile } from "../drill/host-facts.ts"
import { HOST_OF, proveMove } from "../drill/prove-move.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitForStatus } from "../drill/settle.ts"
import { initArguments, openSite, type Site } from "../drill/site.ts"
import { tmkmsOn } from "../drill/tamper.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 3000

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("standbys without a privval port", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "plain", blockMs: BLOCK_MS, report })
    await site.operator.must(initArguments(site, BLOCK_MS))
    await editSpec(site.operator, [[["policy", "standby"], "plain"]])
    await site.operator.must(["up", "--yes"])
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  /** It runs without a privval port, and nothing holds one for it. */
  async function isPlain(node: string): Promise<void> {
    const host = HOST_OF[node] ?? ""
    const config = await shell(site.lab, host, `cat ${DEPLOYMENT_DIR}/nodes/${node}/home/config/config.toml`)
    expect(config).toContain('priv_validator_laddr = ""')
    expect(await tmkmsOn(site.lab, host)).toEqual([])
  }

  test("the standby follows the chain as an ordinary node, and all is well", async () => {
    await waitForStatus(site, 0)
    await isPlain("node-2")
    expect((await site.operator.run(["up", "--yes"])).stdout).toContain("nothing to do")
  })

  test("signing.md 9.1, never do this: the standby boots parked and catches up first; the old node is plain afterwards", async () => {
    for (const [from, to] of [
      ["node-1", "node-2"],
      ["node-2", "node-1"],
    ] as const) {
      const receipt = receiptIn(await site.operator.run(["promote", to, "--yes", "--json"]))
      report(`${from} -> ${to}: missed ${receipt.missed.length}`)
      await proveMove(site, receipt)
      expect(receipt.missed.length).toBeLessThanOrEqual(1)
      await isPlain(from)
      await waitForStatus(site, 0)
    }
  })

  test("killed behind the restart of the new node, the promotion is finished by --resume", async () => {
    const killed = await site.operator.run(["promote", "node-2", "--yes"], { env: { GONKA_HA_CRASH_AFTER: "node.restart" } })
    expect(killed.code, killed.stderr).toBe(-1)
    const receipt = receiptIn(await site.operator.run(["promote", "--resume", "--json"]))
    expect(receipt.to).toBe("node-2")
    await waitForStatus(site, 0)
    await isPlain("node-1")
  })

  test("a plain standby's host loses power and comes back: it is plain again by itself", async () => {
    await site.lab.kill("val-1")
    await site.lab.powerOn("val-1")
    await waitForStatus(site, 0)
    await isPlain("node-1")
  })

  test("made hot again, up parks the standby, promotes it, and then makes the node hot that was left", async () => {
    const from = await signerFile(site.lab, "aim")
    await editSpec(site.operator, [[["policy", "standby"], "hot"]])
    await site.operator.must(["up", "--yes"])
    expect(await signerFile(site.lab, "aim")).toBe(from === "node-1" ? "node-2" : "node-1")
    for (const host of ["val-1", "val-2"]) expect((await tmkmsOn(site.lab, host)).length).toBe(host === HOST_OF[from] ? 1 : 0)
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  })
})
