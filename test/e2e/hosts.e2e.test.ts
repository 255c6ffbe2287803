import { cp, mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { changeSetting } from "../drill/change-setting.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { containersOn, DEPLOYMENT_DIR, shell, signerFile, standing } from "../drill/host-facts.ts"
import { insideStep } from "../drill/inside-step.ts"
import { receiptNames } from "../drill/journals.ts"
import { type Answer, Operator } from "../drill/operator.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { waitForStatus } from "../drill/settle.ts"
import { initArguments, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 2000
const UP = ["up", "--yes"]
/** Logs in on sen-2, and may do there what it likes by sudo, without a password. */
const SUDOER = "ops"
/** Logs in on sen-1, and may use Docker there and nothing else. */
const LOOKER = "looker"
const SPARE_HOST = "sen-3"

const report = (line: string) => process.stderr.write(`${line}\n`)
const oneLine = ({ stdout, stderr }: Answer) => `${stdout} ${stderr}`.replaceAll(/\s+/g, " ")

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("hosts with users of all kinds, and operators who meet on them", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "hosts", blockMs: BLOCK_MS, report, windowBlocks: 400, spareHosts: [SPARE_HOST] })
    const { lab, operator } = site
    const login = (user: string) =>
      `useradd -m -p '*' -s /bin/bash ${user} && install -d -m 700 -o ${user} /home/${user}/.ssh && install -m 600 -o ${user} /root/.ssh/authorized_keys /home/${user}/.ssh/`
    await shell(lab, "sen-2", `${login(SUDOER)} && echo '${SUDOER} ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/${SUDOER}`)
    await shell(lab, "sen-1", `${login(LOOKER)} && usermod -aG docker ${LOOKER}`)
    await operator.must(initArguments(site, BLOCK_MS))
    await editSpec(operator, [
      [["hosts", "sen-2", "ssh"], `${SUDOER}@sen-2`],
      [["hosts", "sen-2", "sudo"], true],
    ])
    await operator.must(UP)
    await waitForStatus(site, 0)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  const active = () => signerFile(site.lab, "aim")
  const ids = async (host: string) => Object.fromEntries([...(await containersOn(site.lab, host))].map(([name, { id }]) => [name, id]))

  async function isAsItShouldBe(): Promise<void> {
    const plan = await site.operator.run(["plan"])
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
    await waitForStatus(site, 0)
  }

  /** The same directory on another machine. */
  async function colleague(): Promise<Operator> {
    const second = await Operator.sitDown(await mkdtemp(join(site.lab.dir, "colleague-")))
    await cp(site.operator.dir, second.dir, { recursive: true })
    return second
  }

  test("a user with sudo brings a host up, and its audit lines say who it was and from where", async () => {
    await isAsItShouldBe()
    expect((await shell(site.lab, "sen-2", `stat -c %U ${DEPLOYMENT_DIR}/compose.yaml`)).trim()).toBe("root")
    const lines = await shell(site.lab, "sen-2", `cat ${DEPLOYMENT_DIR}/audit.log`)
    expect(lines).toMatch(/ up: \d+ steps done \(.*\) \[from [0-9.]+\]/)
    expect((await site.operator.must(["exec", "sentry-2", "--", "id", "-u"])).stdout).toBe("0\n")
    expect((await site.operator.must(["logs", "sentry-2", "--tail", "3"])).stdout).toContain("height=")
    await site.operator.must(["restart", "sentry-2", "--yes"])
    await isAsItShouldBe()
  })

  test("a user of the group docker, who is not root, reads logs and gives commands; what is hidden from him is unknown, and nothing is installed", async () => {
    const { operator, lab } = site
    const before = await standing(lab)
    const undo = await editSpec(operator, [[["hosts", "sen-1", "ssh"], `${LOOKER}@sen-1`]])
    try {
      const ps = await operator.run(["ps"])
      expect([ps.code, oneLine(ps)]).toEqual([4, expect.stringMatching(/\? sen-1 unknown .* is hidden from looker/)])
      expect((await operator.must(["logs", "sentry-1", "--tail", "3"])).stdout).toContain("height=")
      expect((await operator.must(["exec", "sentry-1", "--", "true"])).code).toBe(0)
      const up = await operator.run(UP)
      expect(up.code, up.stderr).toBe(9)
      expect(oneLine(up)).toMatch(/sen-1.*is hidden from looker.*sudo: true/)
      expect(await standing(lab)).toEqual(before)
      // Where nothing of ours is yet, nothing is hidden either.
      await shell(lab, "sen-1", `mv /opt/gonka-ha /opt/gonka-ha.away`)
      try {
        const fresh = await operator.run(UP)
        expect(fresh.code, fresh.stderr).toBe(6)
        expect(oneLine(fresh)).toMatch(/sen-1: the user of its SSH connection is not root.*sudo: true/)
      } finally {
        await shell(lab, "sen-1", `mv /opt/gonka-ha.away /opt/gonka-ha`)
      }
    } finally {
      await undo()
    }
    await isAsItShouldBe()
  })

  test("of two who run up at once the second is refused, or waits for the first where it was told to", async () => {
    const { operator } = site
    await changeSetting(operator, ["sentries.sentry-1", "sentries.sentry-2", "private.node-2"])
    const second = await colleague()
    try {
      let refused: Answer | undefined
      let waiting: Promise<Answer> | undefined
      const first = await insideStep(operator, UP, { kind: "service.up", where: "sen-1" }, async () => {
        waiting = second.run([...UP, "--lock-wait", "5m"])
        refused = await second.run(UP)
      })
      expect(first.code, first.stderr).toBe(0)
      expect(refused?.code, refused?.stderr).toBe(8)
      expect(oneLine(refused ?? first)).toMatch(/is locked by \S+ since .*: gonka-ha up/)
      const waited = await waiting
      expect(waited?.code, waited?.stderr).toBe(0)
      expect(waited?.stderr).toMatch(/waiting for the lock: /)
    } finally {
      await second.leave()
    }
    await isAsItShouldBe()
  })

  test("a kept lock keeps up and promote away until it is released", async () => {
    const { operator, lab } = site
    const before = await standing(lab)
    await changeSetting(operator, ["sentries.sentry-1"])
    await operator.must(["lock", "acquire", "--reason", "a disk is being replaced"])
    const to = (await active()) === "node-1" ? "node-2" : "node-1"
    for (const args of [UP, ["promote", to, "--yes"], ["restart", "sentry-2", "--yes"]]) {
      const answer = await operator.run(args)
      expect(answer.code, answer.stderr).toBe(8)
      expect(oneLine(answer)).toContain("a disk is being replaced")
    }
    expect(oneLine(await operator.run(["lock", "status"]))).toContain("a disk is being replaced")
    expect(await standing(lab)).toEqual(before)
    await operator.must(["lock", "release"])
    await operator.must(UP)
    await isAsItShouldBe()
  })

  test("a part of the fleet is brought up alone", async () => {
    const { operator } = site
    await changeSetting(operator, ["sentries.sentry-1", "sentries.sentry-2"])
    const [one, two] = await Promise.all([ids("sen-1"), ids("sen-2")])
    await operator.must([...UP, "--node", "sentry-2"])
    expect(await ids("sen-1")).toEqual(one)
    expect(await ids("sen-2")).not.toEqual(two)
    expect((await operator.run(["plan"])).code).toBe(2)
    expect((await operator.run(["plan", "--host", "sen-2"])).code).toBe(0)
    await operator.must([...UP, "--host", "sen-1"])
    await isAsItShouldBe()
  })

  test("a host that is away stops up before it begins, and is left out where that is allowed", async () => {
    const { operator, lab } = site
    await changeSetting(operator, ["sentries.sentry-1", "private.node-2"])
    const before = await standing(lab)
    await lab.cut("sen-2")
    try {
      const stopped = await operator.run(UP)
      expect(stopped.code, stopped.stderr).toBe(9)
      expect(oneLine(stopped)).toMatch(/sen-2.*--allow-unreachable/)
      expect(await standing(lab)).toEqual(before)
      // The last sentry that is there is not restarted while the other one is away; the standby is not in its way.
      const rest = await operator.run([...UP, "--allow-unreachable", "--timeout", "8s"])
      expect(rest.code, rest.stderr).toBe(7)
      expect(oneLine(rest)).toContain("no other sentry is fresh")
    } finally {
      await lab.heal("sen-2")
    }
    await waitForStatus(site, 0)
    await operator.must(UP)
    await isAsItShouldBe()
  })

  test("a changed active node is left by a promotion first", async () => {
    const { operator } = site
    const from = await active()
    await changeSetting(operator, [`private.${from}`])
    const plan = await operator.run(["plan"])
    expect(plan.code, plan.stderr).toBe(2)
    expect(oneLine(plan)).toContain("promot")
    await operator.must(UP)
    expect(await active()).not.toBe(from)
    expect(await receiptNames(operator)).toHaveLength(1)
    await isAsItShouldBe()
    await proveOneSigner(site)
  })

  test("or restarted where it is, where that is asked for", async () => {
    const { operator, witness } = site
    const from = await active()
    await changeSetting(operator, [`private.${from}`])
    const tip = await witness.judgedTip()
    const answer = await operator.must([...UP, "--in-place"])
    report(answer.stdout)
    expect(await active()).toBe(from)
    expect(await receiptNames(operator)).toHaveLength(1)
    await witness.waitForSigned(tip + 1, 2)
    await isAsItShouldBe()
    await proveOneSigner(site)
  })

  test("a node comes, leaves the file, and is destroyed; its key stays", async () => {
    const { operator, lab } = site
    const undo = await editSpec(operator, [
      [["hosts", SPARE_HOST], { ssh: SPARE_HOST, private: lab.host(SPARE_HOST).address }],
      [["sentries", "sentry-3"], { host: SPARE_HOST }],
    ])
    await operator.must(["keys", "generate"])
    await operator.must(UP)
    await isAsItShouldBe()
    expect(Object.keys(await ids(SPARE_HOST))).toEqual(["demo-sentry-3"])
    await undo()
    await editSpec(operator, [[["hosts", SPARE_HOST], { ssh: SPARE_HOST, private: lab.host(SPARE_HOST).address }]])
    const left = await operator.run(["plan"])
    expect(left.code, left.stderr).toBe(2)
    expect(oneLine(left)).toContain("gonka-ha destroy sentry-3")
    const untyped = await operator.run(["destroy", "sentry-3"])
    expect(untyped.code, untyped.stderr).not.toBe(0)
    expect(Object.keys(await ids(SPARE_HOST))).toEqual(["demo-sentry-3"])
    await operator.must(["destroy", "sentry-3", "--name", "sentry-3", "--data"])
    expect(await ids(SPARE_HOST)).toEqual({})
    expect(await shell(lab, SPARE_HOST, `ls ${DEPLOYMENT_DIR}/secrets/nodes/sentry-3`)).toContain("node_key.json")
    expect(oneLine(await operator.run(["plan"]))).not.toContain("gonka-ha destroy")
  })
})
