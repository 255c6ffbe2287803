import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { signerLog } from "../drill/collect-signer-logs.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { containersOn, DEPLOYMENT_DIR, KEY_FILE, SIGNER_CONTAINER, SIGNER_HOST, shell } from "../drill/host-facts.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitUntilPromotable } from "../drill/settle.ts"
import { contradictions, signedLines } from "../drill/signer-log.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { composeUpByHand, tmkmsOn } from "../drill/tamper.ts"
import { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"

/** A replacement takes some twenty of these, and the chain forgives fifty. */
const BLOCK_MS = 3000
const QUIET_BLOCKS = 50
const NEW_HOST = "sig-2"
const REPLACE = ["signer", "replace", SIGNER_HOST]
const SENTENCE = `${SIGNER_HOST} is powered off and stays off until its disk is wiped`
const ACCEPTED = [...REPLACE, "--accept-double-sign-risk", "--fence", "power-off"]

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("the signer's host is lost for good", () => {
  let site: Site
  /** The last height that the lost signer can have signed. */
  let lostAt: number

  beforeAll(async () => {
    site = await openSite({ label: "replace", blockMs: BLOCK_MS, report, spareHosts: [NEW_HOST] })
    await bringUp(site, BLOCK_MS)
    receiptIn(await site.operator.run(["promote", "node-2", "--yes", "--json"]))
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  test("nothing but a person with a fence replaces it: refused without the file's word, the flag, and the sentence", async () => {
    const { operator, lab } = site
    const early = await operator.run([...ACCEPTED, "--attest", "yes"])
    expect(early.code, early.stderr).toBe(6)
    expect(early.stderr).toContain("replaces")

    await editSpec(operator, [
      [["hosts", NEW_HOST], { ssh: NEW_HOST, private: lab.host(NEW_HOST).address }],
      [["validators", "main", "signer"], { host: NEW_HOST, replaces: [SIGNER_HOST] }],
    ])
    await operator.must(["validate"])
    const up = await operator.run(["up", "--yes"])
    expect(up.code, up.stderr).toBe(6)
    expect(up.stderr).toContain(`a second signer of main, demo-main-signer, is running on ${SIGNER_HOST}`)
    const unflagged = await operator.run(REPLACE)
    expect(unflagged.code).toBe(6)
    expect(unflagged.stderr).toContain("--accept-double-sign-risk")
    const noMethod = await operator.run([...REPLACE, "--accept-double-sign-risk", "--attest", "yes"])
    expect(noMethod.code, noMethod.stderr).not.toBe(0)
    const alive = await operator.run([...ACCEPTED, "--attest", SENTENCE])
    expect(alive.code, alive.stderr).toBe(6)
    // From here on every block is missed.
    await lab.kill(SIGNER_HOST)
    lostAt = await site.chain.height()
    const wrong = await operator.run([...ACCEPTED, "--attest", "yes"])
    expect(wrong.code, wrong.stderr).toBe(6)
    expect(wrong.stderr).toContain(SENTENCE)
    expect([...(await containersOn(lab, NEW_HOST)).keys()]).toEqual([])
  })

  test("with all of that the new signer signs, above everything that the old one can have signed; killed on the way, it goes on", async () => {
    const { operator, witness } = site
    const env = { GONKA_HA_CRASH_AFTER: "signer.move" }
    const killed = await operator.run([...ACCEPTED, "--node", "node-2", "--attest", SENTENCE], { env })
    expect(killed.code, killed.stderr).toBe(-1)
    // The new signer is connected by now, and is no stranger.
    const receipt = receiptIn(await operator.run([...REPLACE, "--accept-double-sign-risk", "--json"]))
    report(`replaced: lost at ${lostAt}, first signed ${receipt.firstSignedThroughNew}, missed ${receipt.missed.length}`)
    expect(receipt).toMatchObject({ kind: "replace", to: "node-2" })
    expect(receipt.firstSignedThroughNew).toBeGreaterThan(lostAt + 5)
    await witness.waitForSigned(receipt.firstSignedThroughNew, 5)
    expect((await signed(NEW_HOST)).every(({ height }) => height > lostAt + 5)).toBe(true)
    const status = await operator.run(["status"])
    expect(status.code, status.stdout).toBe(4)
  })

  test("Solana Validator Switch #12: the lost host comes back by itself, and its operator runs docker compose up: nothing is signed there for 50 blocks", async () => {
    const { lab, witness } = site
    await lab.powerOn(SIGNER_HOST)
    await composeUpByHand(lab)
    await waitUntil("the old signer to run again", async () => ((await tmkmsOn(lab, SIGNER_HOST)).length > 0 ? true : undefined), {
      stuckAfterMs: 60_000,
    })
    const from = await witness.judgedTip()
    const testimony = await witness.testify(from, from + QUIET_BLOCKS)
    expect((await signed(SIGNER_HOST)).filter(({ height }) => height > lostAt + 1)).toEqual([])
    expect(testimony.doubleSigns).toEqual([])
    // The new signer signs on; a busy machine may cost it a block.
    expect(testimony.missed.length).toBeLessThanOrEqual(2)
  })

  test("the first command that reaches it fences it for ever: status says so with exit 4", async () => {
    const { lab, operator } = site
    const status = await operator.run(["status"])
    expect(status.code, status.stdout).toBe(4)
    expect(status.stdout.replaceAll(/\s+/g, " ")).toMatch(/sig-1.*fenced/)
    expect(await tmkmsOn(lab, SIGNER_HOST)).toEqual([])
    expect((await shell(lab, SIGNER_HOST, `ls ${KEY_FILE} 2>/dev/null || true`)).trim()).toBe("")
    await composeUpByHand(lab)
    await waitUntil(
      "the guard to say why it does not start",
      async () => ((await signerLog(lab, SIGNER_HOST, SIGNER_CONTAINER)).text.includes("does not start: fenced") ? true : undefined),
      { stuckAfterMs: 60_000 },
    )
    expect(await tmkmsOn(lab, SIGNER_HOST)).toEqual([])
    // Also when somebody takes the fence of the deployment's directory away, or brings an old copy of it back.
    await shell(lab, SIGNER_HOST, `rm -f ${DEPLOYMENT_DIR}/signers/main/control/fence && docker restart -t 1 ${SIGNER_CONTAINER}`)
    await waitUntil(
      "the guard to hold without it",
      async () => {
        const lines = (await signerLog(lab, SIGNER_HOST, SIGNER_CONTAINER)).text.trimEnd().split("\n")
        return lines.at(-1)?.includes("does not start: fenced") ? true : undefined
      },
      { stuckAfterMs: 60_000 },
    )
    expect(await tmkmsOn(lab, SIGNER_HOST)).toEqual([])
  })

  test("the validator moves between its nodes as before, and nothing was ever signed twice", async () => {
    const { operator, witness } = site
    await waitUntilPromotable(site, "node-1")
    const receipt = receiptIn(await operator.run(["promote", "node-1", "--yes", "--json"]))
    expect(receipt).toMatchObject({ kind: "promote", from: "node-2", to: "node-1" })
    expect(receipt.missed.length).toBeLessThanOrEqual(1)
    const verified = await operator.run(["history", "--verify"])
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
    expect(contradictions([...(await signed(SIGNER_HOST)), ...(await signed(NEW_HOST))])).toEqual([])
    const { doubleSigns, tombstoned } = await witness.testify(1, await witness.judgedTip())
    expect([doubleSigns, tombstoned]).toEqual([[], false])
  })

  async function signed(host: string) {
    return signedLines((await signerLog(site.lab, host, SIGNER_CONTAINER)).text)
  }
})
