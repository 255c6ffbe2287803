import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { DEPLOYMENT_DIR, KEY_FILE, SIGNER_CONTAINER, SIGNER_HOST, STATE_FILE, shell, stateHeight } from "../drill/host-facts.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitForStatus } from "../drill/settle.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { composeUpByHand, guardRefusal, stopSignerByHand, tmkmsOn } from "../drill/tamper.ts"
import { Lab } from "../lab/lab.ts"

/** Long enough that a signer that is down for a minute does not use up what the chain forgives. */
const BLOCK_MS = 3000
const STATE_DIR = STATE_FILE.replace(/\/[^/]+$/, "")
const HOUR_S = 3600

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("what a signer needs is lost, wrong, old or full", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "damage", blockMs: BLOCK_MS, report })
    await bringUp(site, BLOCK_MS)
    receiptIn(await site.operator.run(["promote", "node-2", "--yes", "--json"]))
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  async function refused(args: readonly string[], words: string): Promise<void> {
    const answer = await site.operator.run(args)
    expect(answer.code, `${args.join(" ")}: ${answer.stderr}`).toBe(6)
    expect(answer.stderr).toContain(words)
  }

  const onSigner = (line: string) => shell(site.lab, SIGNER_HOST, line)

  async function signsAgain(above: number): Promise<void> {
    await site.witness.waitForSigned(above, 2)
    await waitForStatus(site, 0)
  }

  test("Z1: the consensus key is gone: nothing moves, nothing starts, and no new key is made", async () => {
    await onSigner(`mv ${KEY_FILE} ${KEY_FILE}.away`)
    await refused(["promote", "node-1", "--yes"], "consensus key")
    await stopSignerByHand(site.lab)
    expect(await guardRefusal(site.lab)).toContain("consensus key")
    expect((await onSigner(`ls ${KEY_FILE} 2>/dev/null || true`)).trim()).toBe("")
    await stopSignerByHand(site.lab)
    const state = await stateHeight(site.lab)
    await onSigner(`mv ${KEY_FILE}.away ${KEY_FILE}`)
    await site.operator.must(["up", "--yes"])
    await signsAgain(state)
  })

  test("Z2: the state is gone: nothing starts until it is sealed above the chain", async () => {
    const { lab, operator } = site
    await stopSignerByHand(lab)
    const before = await stateHeight(lab)
    await onSigner(`mv ${STATE_FILE} /root/state.away`)
    expect(await guardRefusal(lab)).toContain("priv_validator_state.json is missing")
    await stopSignerByHand(lab)
    await refused(["up", "--yes"], "state file is missing")
    await operator.must(["signer", "state", "seal", "--yes"])
    expect(await stateHeight(lab)).toBeGreaterThan(before + 2)
    const sealed = await stateHeight(lab)
    await operator.must(["up", "--yes"])
    await signsAgain(sealed)
  })

  test("the state of another chain, far above this one: the guard and up refuse it", async () => {
    const { lab } = site
    await stopSignerByHand(lab)
    const before = await stateHeight(lab)
    await onSigner(`cp -p ${STATE_FILE} /root/state.own && sed -i 's/"height":"[0-9]*"/"height":"98765432"/' ${STATE_FILE}`)
    expect(await guardRefusal(lab)).toContain("98765432")
    await stopSignerByHand(lab)
    await refused(["up", "--yes"], "98765432")
    await onSigner(`cp -p /root/state.own ${STATE_FILE}`)
    await site.operator.must(["up", "--yes"])
    await signsAgain(before)
  })

  test("an old backup of the whole directory comes back: its state, its floor, and no fence; the guard knows better", async () => {
    const { lab, operator } = site
    await onSigner(`rm -rf /root/backup && cp -a ${DEPLOYMENT_DIR} /root/backup`)
    receiptIn(await operator.run(["promote", "node-1", "--yes", "--json"]))
    await stopSignerByHand(lab)
    const before = await stateHeight(lab)
    await onSigner(`mv ${DEPLOYMENT_DIR} /root/newest && cp -a /root/backup ${DEPLOYMENT_DIR}`)
    expect(await stateHeight(lab)).toBeLessThan(before)
    expect(await guardRefusal(lab)).toContain("rolled back")
    await stopSignerByHand(lab)
    await refused(["up", "--yes"], "rolled back")
    await onSigner(`rm -rf ${DEPLOYMENT_DIR} && mv /root/newest ${DEPLOYMENT_DIR}`)
    await operator.must(["up", "--yes"])
    await signsAgain(before)
  })

  test.each([
    { name: "full", prepare: `dd if=/dev/zero of=${STATE_DIR}/filler bs=4k 2>/dev/null; sync; true`, mend: `rm -f ${STATE_DIR}/filler` },
    { name: "read-only", prepare: `mount -o remount,ro ${STATE_DIR}`, mend: `mount -o remount,rw ${STATE_DIR}` },
  ])(
    "the disk under the signer's state gets $name while it signs: it signs nothing that it cannot write down, and goes on afterwards",
    async ({ prepare, mend }) => {
      const { lab, witness } = site
      await stopSignerByHand(lab)
      // The same directory, on a disk of its own that can be spoiled.
      await onSigner(
        `cp -a ${STATE_DIR} /root/state.dir && mount -t tmpfs -o size=256k,mode=0700 tmpfs ${STATE_DIR} && cp -a /root/state.dir/. ${STATE_DIR}/`,
      )
      try {
        await composeUpByHand(lab)
        await witness.waitForSigned(await witness.judgedTip(), 2)
        await onSigner(prepare)
        const stuckAt = await stateHeight(lab)
        const from = Math.max(stuckAt, await witness.judgedTip()) + 2
        const { signed } = await witness.testify(from, from + 2)
        expect(signed).toEqual([])
        const status = await site.operator.run(["status"])
        expect(status.code, status.stdout).toBe(5)
        await stopSignerByHand(lab)
        expect(await guardRefusal(lab)).toContain(`the disk is full or read-only`)
        await stopSignerByHand(lab)
        await onSigner(mend)
        await composeUpByHand(lab)
        await witness.waitForSigned(from + 2, 2)
      } finally {
        await stopSignerByHand(lab)
        await onSigner(
          `${mend}; cp -a ${STATE_DIR}/priv_validator_state.json /root/state.newest; umount ${STATE_DIR} && cp -a /root/state.newest ${STATE_FILE} && rm -rf /root/state.dir`,
        )
      }
      const state = await stateHeight(lab)
      await site.operator.must(["up", "--yes"])
      await signsAgain(state)
    },
  )

  test("the clock of the signer's host jumps by an hour: nothing moves, and it signs on", async () => {
    const { witness } = site
    // Every container here shares one clock, so the jump is in what the host tells.
    await onSigner(
      `printf '#!/bin/sh\\nexec /bin/date -d "+${HOUR_S} seconds" "$@"\\n' >/usr/local/bin/date && chmod 755 /usr/local/bin/date`,
    )
    try {
      await refused(["promote", "node-2", "--yes"], "clock")
      await witness.waitForSigned(await witness.judgedTip(), 2)
    } finally {
      await onSigner("rm -f /usr/local/bin/date")
    }
    await waitForStatus(site, 0)
  })

  test("fenced, it stays down through docker compose up, its host's reboot and an old backup; unfenced, up starts it", async () => {
    const { lab, operator } = site
    await onSigner(`rm -rf /root/backup && cp -a ${DEPLOYMENT_DIR} /root/backup`)
    await operator.must(["signer", "fence", "--reason", "the drill says so", "--yes"])
    const fencedAt = await stateHeight(lab)
    expect(await tmkmsOn(lab, SIGNER_HOST)).toEqual([])
    expect(await guardRefusal(lab)).toContain("fenced: the drill says so")
    await lab.kill(SIGNER_HOST)
    await lab.powerOn(SIGNER_HOST)
    expect(await guardRefusal(lab)).toContain("fenced: the drill says so")
    // The directory is younger than its backup by the fence alone.
    await onSigner(`docker stop -t 1 ${SIGNER_CONTAINER}; rm -f ${DEPLOYMENT_DIR}/signers/main/control/fence`)
    expect(await guardRefusal(lab)).toContain("fenced: the drill says so")
    expect(await stateHeight(lab)).toBe(fencedAt)
    const promote = await operator.run(["promote", "node-2", "--yes"])
    expect(promote.code, promote.stderr).toBe(6)
    expect(promote.stderr).toContain("fenced")
    expect((await operator.run(["status"])).code).toBe(5)
    await operator.must(["signer", "unfence", "--yes"])
    await operator.run(["up", "--yes"])
    await signsAgain(fencedAt)
    await proveOneSigner(site)
  })
})
