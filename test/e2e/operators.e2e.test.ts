import { cp, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { disagreements } from "../drill/disagreements.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { DEPLOYMENT_DIR, SIGNER_CONTAINER, SIGNER_HOST, shell, signerFile, standing } from "../drill/host-facts.ts"
import { receiptNames } from "../drill/journals.ts"
import { Operator } from "../drill/operator.ts"
import { proveMove } from "../drill/prove-move.ts"
import { proveNothingLeaks } from "../drill/prove-nothing-leaks.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitForStatus, waitUntilPromotable } from "../drill/settle.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { verifyReceipts } from "../drill/verify-receipts.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 2000
/** After this many blocks a signer that was cut loose in the middle of a move signs again by itself. */
const ALONE_BLOCKS = 10
/** Far below the minutes for which others hang, and room for a busy machine. */
const BOUND_MS = 90_000

const report = (line: string) => process.stderr.write(`${line}\n`)
const otherNode = (node: string) => (node === "node-1" ? "node-2" : "node-1")

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("what hurt the operators of other tools", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "ops", blockMs: BLOCK_MS, report })
    await bringUp(site, BLOCK_MS)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  const active = () => signerFile(site.lab, "aim")

  async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
    const begun = performance.now()
    return { value: await work(), tookMs: performance.now() - begun }
  }

  test("a dry run rehearses on the real hosts, predicts the cost, and changes nothing", async () => {
    const { operator, lab } = site
    const before = await standing(lab)
    const dry = await operator.must(["promote", "node-2", "--dry-run"])
    expect(dry.stdout).toMatch(/Rehearsed on these hosts:/)
    expect(dry.stdout).toMatch(/Predicted cost: 0 blocks/)
    expect(await standing(lab)).toEqual(before)
    expect(await receiptNames(operator)).toEqual([])
  })

  test("Solana Validator Switch #6: a server that has nothing to do with it is offline, and the switch goes on", async () => {
    const { lab, operator } = site
    await lab.kill("sen-2")
    try {
      const receipt = receiptIn(await operator.run(["promote", otherNode(await active()), "--yes", "--json"]))
      await proveMove(site, receipt)
      expect(receipt.missed.length).toBeLessThanOrEqual(1)
    } finally {
      await lab.powerOn("sen-2")
    }
    await waitForStatus(site, 0)
  })

  test("Solana Validator Switch #9 and #13: an engine that hangs is found out in bounded time, and nothing is left between two nodes", async () => {
    const { lab, operator, witness } = site
    const before = await active()
    await shell(lab, SIGNER_HOST, "pkill -STOP -x dockerd")
    try {
      const { value, tookMs } = await timed(() => operator.run(["promote", otherNode(before), "--yes"]))
      expect(value.code, value.stderr).toBe(6)
      expect(tookMs).toBeLessThan(BOUND_MS)
      expect(await active()).toBe(before)
      await witness.waitForSigned(await witness.judgedTip(), 2)
    } finally {
      await shell(lab, SIGNER_HOST, "pkill -CONT -x dockerd")
    }
    await waitForStatus(site, 0)
  })

  test("Solana Validator Switch #10: a program that the switch needs is not there, and that is said before anything is touched", async () => {
    const { lab, operator } = site
    const before = await standing(lab)
    await shell(lab, SIGNER_HOST, "mv $(command -v setsid) /root/setsid.away")
    try {
      const answer = await operator.run(["promote", otherNode(await active()), "--yes"])
      expect(answer.code, answer.stderr).toBe(6)
      expect(answer.stderr).toContain("has no setsid")
      expect(await standing(lab)).toEqual(before)
    } finally {
      await shell(lab, SIGNER_HOST, "mv /root/setsid.away /usr/bin/setsid")
    }
  })

  test("Patroni #2362: a candidate that cannot be promoted says why, every reason at once", async () => {
    const { lab, operator } = site
    const standby = otherNode(await active())
    await waitUntilPromotable(site, standby)
    await shell(lab, standby === "node-1" ? "val-1" : "val-2", `docker pause demo-${standby}`)
    try {
      const answer = await operator.run(["explain", standby])
      expect(answer.code, answer.stdout + answer.stderr).toBe(6)
      expect(answer.stdout).toContain(standby)
      expect(answer.stdout.replaceAll(/\s+/g, " ")).toMatch(/does not answer|no answer|stale|unknown/)
    } finally {
      await shell(lab, standby === "node-1" ? "val-1" : "val-2", `docker unpause demo-${standby}`)
    }
    await waitForStatus(site, 0)
  })

  test("Patroni #2393: killed while the signer moves, it signs again by itself; another operator on another machine sees how it went and ends it with one receipt", async () => {
    const { operator, witness } = site
    const to = otherNode(await active())
    const tip = await witness.judgedTip()
    const killed = await operator.run(["promote", to, "--yes"], { env: { GONKA_HA_CRASH_AFTER: "signer.move" } })
    expect(killed.code, killed.stderr).toBe(-1)
    const again = await witness.waitForSigned(tip + 2, 2)
    expect(again - tip).toBeLessThanOrEqual(ALONE_BLOCKS + 2)
    const second = await colleague()
    try {
      const receipt = receiptIn(await second.run(["promote", "--resume", "--json"]))
      expect(receipt.to).toBe(to)
      await proveMove(site, receipt)
      expect((await second.run(["promote", "--resume"])).code).toBe(6)
    } finally {
      await second.leave()
    }
    await waitForStatus(site, 0)
  })

  test.each(["standby.detach", "signer.move"])(
    "taken back after a kill behind %s, it signs at its old node again and the other one is parked",
    async (kind) => {
      const { operator } = site
      const from = await active()
      const to = otherNode(from)
      const killed = await operator.run(["promote", to, "--yes"], { env: { GONKA_HA_CRASH_AFTER: kind } })
      expect(killed.code, killed.stderr).toBe(-1)
      const { code, data } = await operator.ask(["promote", "--abort"])
      expect(code).toBe(0)
      // Where the signer never left its node, nothing was signed through the other one, so it is not held against the full form.
      expect(data).toMatchObject({ kind: "moved", receipt: { kind: "abort", to: from } })
      expect(await active()).toBe(from)
      await waitForStatus(site, 0)
      expect((await operator.run(["promote", "--abort"])).code).toBe(6)
    },
  )

  test("at a time that was asked for, and without waiting for a pause", async () => {
    const { operator } = site
    const { value, tookMs } = await timed(async () =>
      receiptIn(await operator.run(["promote", otherNode(await active()), "--when", "+5s", "--yes", "--json"])),
    )
    expect(tookMs).toBeGreaterThan(5000)
    expect(value.missed.length).toBeLessThanOrEqual(1)
    await waitForStatus(site, 0)
    const now = receiptIn(await operator.run(["promote", otherNode(await active()), "--when", "now", "--yes", "--json"]))
    await proveMove(site, now)
    await waitForStatus(site, 0)
  })

  test("another image of the signer: up leaves it alone, a move that lacks the image is refused, and one that has it brings it", async () => {
    const { operator, lab } = site
    const from = await active()
    const other = "gonka-ha-drill/tmkms:2"
    const tag = (host: string) => shell(lab, host, `docker tag ${lab.images.tmkms} ${other}`)
    const config = () => shell(lab, SIGNER_HOST, `sha256sum ${DEPLOYMENT_DIR}/signers/main/config/*`)
    const image = async () => (await shell(lab, SIGNER_HOST, `docker inspect -f '{{.Config.Image}}' ${SIGNER_CONTAINER}`)).trim()
    const before = await config()
    await Promise.all(["val-1", "val-2"].map(tag))
    await editSpec(operator, [[["images", "tmkms"], other]])
    const up = await operator.run(["up", "--yes"])
    expect(up.code, up.stderr).toBe(2)
    expect(`${up.stdout}${up.stderr}`.replaceAll(/\s+/g, " ")).toContain("it takes the new files at its next start")
    expect([await config(), await image()]).toEqual([before, lab.images.tmkms])
    const refused = await operator.run(["promote", otherNode(from), "--yes"])
    expect(refused.code, refused.stderr).toBe(6)
    expect(refused.stderr.replaceAll(/\s+/g, " ")).toContain(`${other} is not on ${SIGNER_HOST} and cannot be fetched`)
    await tag(SIGNER_HOST)
    const receipt = receiptIn(await operator.run(["promote", otherNode(from), "--yes", "--json"]))
    // The log of the old container is gone with it: the chain alone tells.
    expect(await disagreements(site.witness, receipt)).toEqual([])
    expect(receipt.missed.length).toBeLessThanOrEqual(1)
    expect(await image()).toBe(other)
    expect((await operator.run(["up", "--yes"])).code).toBe(0)
    await waitForStatus(site, 0)
  })

  test("after all of this: one signer, receipts that hold together, and no secret anywhere that is told", async () => {
    const { operator, lab } = site
    await proveOneSigner(site)
    expect(await verifyReceipts(site)).toEqual([])
    const history = await operator.run(["history", "--verify"])
    expect(history.code, history.stdout + history.stderr).toBe(0)
    await proveNothingLeaks(site)
    const inspected = await shell(lab, SIGNER_HOST, `docker inspect ${SIGNER_CONTAINER}`)
    const key = (await shell(lab, SIGNER_HOST, "cat /opt/gonka-ha/demo/secrets/signers/main/consensus.key")).trim()
    expect(inspected.includes(key)).toBe(false)
    expect(
      (await shell(lab, SIGNER_HOST, "stat -c %a /opt/gonka-ha/demo/secrets /opt/gonka-ha/demo/secrets/signers/main/consensus.key"))
        .split("\n")
        .slice(0, 2),
    ).toEqual(["700", "600"])
  })

  /** A second person with the same files on another machine: the topology file and the keys, and neither journal nor receipts of the first one. */
  async function colleague(): Promise<Operator> {
    const second = await Operator.sitDown(await mkdtemp(join(site.lab.dir, "colleague-")))
    await cp(site.operator.dir, second.dir, { recursive: true })
    await rm(join(second.dir, ".gonka-ha", "journal"), { recursive: true, force: true })
    await rm(join(second.dir, ".gonka-ha", "receipts"), { recursive: true, force: true })
    return second
  }
})
