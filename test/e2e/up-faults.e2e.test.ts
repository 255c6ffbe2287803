import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { changeSetting } from "../drill/change-setting.ts"
import { containersOn, DEPLOYMENT_DIR, shell } from "../drill/host-facts.ts"
import { insideStep } from "../drill/inside-step.ts"
import { killAtBoundaries, unlocked } from "../drill/kill-at-boundaries.ts"
import type { Answer } from "../drill/operator.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { waitForStatus } from "../drill/settle.ts"
import { initArguments, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 2000
/** It takes many kills until the validator signs for the first time. */
const WINDOW_BLOCKS = 1000
/** `up` as a person runs it who does not want to wait for a host that is lost. */
const UP = ["up", "--yes", "--timeout", "20s"]
/** Done but for something that failed, or a host that cannot be reached. */
const HALF_WAY = [7, 9]
/** The file system on which gonka-ha's own directory of this host lies; small enough to fill it up. */
const SMALL_DISK = { host: "sen-2", size: "256m" }

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("what happens while up is at work", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "faults", blockMs: BLOCK_MS, report, windowBlocks: WINDOW_BLOCKS })
    await shell(site.lab, SMALL_DISK.host, `mkdir -p /opt/gonka-ha && mount -t tmpfs -o size=${SMALL_DISK.size} none /opt/gonka-ha`)
    await site.operator.must(initArguments(site, BLOCK_MS))
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  /** Another `up` finishes, there is nothing left to do, all is well, and nobody has signed twice. */
  async function converges(): Promise<void> {
    const { operator } = site
    const again = await unlocked(operator, UP)
    expect(again.code, again.stderr).toBe(0)
    const plan = await operator.run(["plan"])
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  }

  /** It ended half-way, and says where and why. */
  function endedHalfWay({ code, stderr }: Answer, ...words: readonly (string | RegExp)[]): void {
    expect(HALF_WAY, stderr).toContain(code)
    for (const word of words) expect(stderr.replaceAll(/\s+/g, " ")).toMatch(word)
  }

  test("SIGKILL behind every kind of step from nothing to a validator that signs", async () => {
    const killed = await killAtBoundaries(site.operator, "kind", "first")
    report(`killed behind: ${killed.join("; ")}`)
    expect(killed.length).toBeGreaterThanOrEqual(8)
    await converges()
  })

  test("SIGKILL behind every step of a changed setting, of a sentry and of the standby", async () => {
    const { operator } = site
    for (const order of ["first", "last"] as const) {
      await changeSetting(operator, ["sentries.sentry-1", "private.node-2"])
      const killed = await killAtBoundaries(operator, "title", order)
      report(`killed behind: ${killed.join("; ")}`)
      expect(killed.length).toBeGreaterThanOrEqual(2)
      await converges()
    }
  })

  test("a host is cut off", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["sentries.sentry-1", "private.node-2"])
    try {
      const at = { kind: "service.up", where: "sen-1" }
      endedHalfWay(await insideStep(operator, UP, at, () => lab.cut("sen-1")), /sen-1|sentry-1/)
    } finally {
      await lab.heal("sen-1")
    }
    await converges()
  })

  test("a host hangs", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["private.node-2"])
    try {
      const at = { kind: "service.up", where: "val-2" }
      endedHalfWay(await insideStep(operator, UP, at, () => lab.pause("val-2")), /val-2|node-2/)
    } finally {
      await lab.unpause("val-2")
    }
    await converges()
  })

  test("a disk is full: nothing is half-written there, and the others get what is theirs", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["sentries.sentry-2", "private.node-2"])
    const nodeTwo = async () => (await containersOn(lab, "val-2")).get("demo-node-2")?.id
    const filler = "/opt/gonka-ha/filler"
    const config = `${DEPLOYMENT_DIR}/nodes/sentry-2/config`
    const before = await shell(lab, SMALL_DISK.host, `sha256sum ${config}/*`)
    await shell(
      lab,
      SMALL_DISK.host,
      `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null || dd if=/dev/zero of=${filler}.2 bs=1k 2>/dev/null || true`,
    )
    try {
      const standby = await nodeTwo()
      endedHalfWay(await operator.run(UP), new RegExp(`${SMALL_DISK.host}.*no space left`, "i"))
      expect(await nodeTwo()).not.toBe(standby)
      expect(await shell(lab, SMALL_DISK.host, `sha256sum ${config}/*`)).toBe(before)
    } finally {
      await shell(lab, SMALL_DISK.host, `rm -f ${filler} ${filler}.2`)
    }
    await converges()
  })

  test("an engine is restarted", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["sentries.sentry-1"])
    const at = { kind: "service.up", where: "sen-1" }
    const answer = await insideStep(operator, UP, at, () => lab.restartEngine("sen-1"))
    // Where the engine was quick enough, nothing has failed.
    expect([0, ...HALF_WAY], answer.stderr).toContain(answer.code)
    await converges()
  })

  test("an image is missing on one host, and up says which and where", async () => {
    const { operator, lab } = site
    const { node, tmkms } = lab.images
    await changeSetting(operator, ["sentries.sentry-2"])
    await shell(lab, "sen-2", `docker rmi -f ${node}`)
    try {
      endedHalfWay(await operator.run(UP), "sen-2", new RegExp(node))
    } finally {
      await shell(lab, "sen-2", `docker tag ${tmkms} ${node}`)
    }
    await converges()
  })

  test("a port is taken already", async () => {
    const { operator, lab } = site
    await shell(lab, "sen-1", "docker rm -f demo-sentry-1")
    const settings = "defaults\\n mode tcp\\n timeout client 1s\\nfrontend taken\\n bind :26656\\n"
    await shell(lab, "sen-1", `printf '${settings}' >/root/taken.cfg && haproxy -D -p /root/taken.pid -f /root/taken.cfg 2>/dev/null`)
    try {
      endedHalfWay(await operator.run(UP), "sen-1", /26656|address already in use|port is already allocated/)
    } finally {
      await shell(lab, "sen-1", "kill $(cat /root/taken.pid)")
    }
    await converges()
  })

  test("a file is edited and a container removed by hand, behind the back of an up that has seen both", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["sentries.sentry-1"])
    const edited = `${DEPLOYMENT_DIR}/nodes/node-2/config/app.toml`
    const byHand = async () => {
      await shell(lab, "val-2", `echo '# by hand' >>${edited} && docker rm -f demo-node-2 demo-node-2-parking`)
    }
    const answer = await insideStep(operator, UP, { kind: "service.up", where: "sen-1" }, byHand)
    expect([0, ...HALF_WAY], answer.stderr).toContain(answer.code)
    await converges()
    expect(await shell(lab, "val-2", `grep -c 'by hand' ${edited} || true`)).toBe("0")
  })
})
