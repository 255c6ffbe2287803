import { readFile, writeFile } from "node:fs/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { parseDocument } from "yaml"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { containersOn, DEPLOYMENT_DIR, KEY_FILE, shell, standing, stateHeight } from "../drill/host-facts.ts"
import { killInsideStep } from "../drill/kill-inside-step.ts"
import { proveNothingLeaks } from "../drill/prove-nothing-leaks.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { seeded } from "../drill/seeded.ts"
import { waitForStatus } from "../drill/settle.ts"
import { HA2_HOSTS, initWithNewKeyArguments, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 1000
const SEED = 20261123
const KILL_WITHIN_MS = 400
/** A kill in one step of each group; what an `up` has done is not done again by the next, so the groups stand in the order of a first `up`. */
const UP_STEPS = [
  ["secrets.push", "files.push"],
  ["service.up", "node.fresh", "standby.park"],
  ["signer.init"],
  ["service.create", "standby.detach", "signer.move", "chain.signing"],
]

const report = (line: string) => process.stderr.write(`${line}\n`)

describe("one deployment from an empty directory to its end", () => {
  let site: Site

  beforeAll(async () => {
    await ensureSetup(report)
    await Lab.cleanStale(report)
    site = await openSite({
      label: "life",
      blockMs: BLOCK_MS,
      report,
      pubkey: async (lab, operator) => {
        await operator.must(initWithNewKeyArguments(lab))
        const { data } = await operator.ask(["keys", "show"])
        return z.object({ validators: z.tuple([z.object({ pubkey: z.string() })]) }).parse(data).validators[0].pubkey
      },
    })
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  test("init refuses to write over what it made", async () => {
    const before = await readFile(site.operator.path("gonka-ha.yaml"), "utf8")
    const answer = await site.operator.run(initWithNewKeyArguments(site.lab))
    expect(answer.code).toBe(6)
    expect(answer.stderr).toContain("gonka-ha.yaml exists already")
    expect(await readFile(site.operator.path("gonka-ha.yaml"), "utf8")).toBe(before)
    expect(await readFile(site.operator.path(".gitignore"), "utf8")).toContain(".gonka-ha/")
  })

  test("the chain's values are written into the file by hand; validate and render take it", async () => {
    const { operator, chain } = site
    const file = operator.path("gonka-ha.yaml")
    const spec = parseDocument(await readFile(file, "utf8"))
    spec.setIn(["chain", "id"], chain.id)
    spec.setIn(["chain", "blockTime"], `${BLOCK_MS}ms`)
    spec.setIn(["chain", "genesis", "rpc"], chain.genesisRpc.slice(0, 2))
    spec.setIn(["chain", "peers"], chain.peers)
    await writeFile(file, spec.toString())
    expect((await operator.must(["validate"])).stdout).toContain("gonka-ha.yaml is valid")
    await operator.must(["render"])
    expect((await operator.must(["render", "--check"])).stdout).toContain("up to date")
  })

  test("without a terminal and without --yes, up refuses and names the flag", async () => {
    const answer = await site.operator.run(["up"])
    expect(answer.code).toBe(64)
    expect(answer.stderr).toContain("--yes")
    for (const host of HA2_HOSTS) expect([...(await containersOn(site.lab, host)).keys()]).toEqual([])
  })

  test("up is killed at any moment, and the next up finishes the work", async () => {
    const { operator } = site
    const random = seeded(SEED)
    for (const kinds of UP_STEPS) {
      const kind = kinds[Math.floor(random() * kinds.length)] ?? "signer.init"
      const afterMs = Math.round(random() * KILL_WITHIN_MS)
      const { code, stderr } = await killInsideStep(operator, ["up", "--yes"], kind, afterMs)
      report(
        `up, killed ${afterMs} ms into ${kind}: ${code === -1 ? "died" : `ended by itself with ${code}`}; ${stderr.trimEnd().split("\n").at(-1)}`,
      )
      expect([-1, 0]).toContain(code)
    }
    const answer = await operator.must(["up", "--yes"])
    expect(answer.stdout).toMatch(/^up: done|^nothing to do/)
  })

  test("our validator signs, and status says that all is well", async () => {
    const { operator, witness } = site
    await witness.waitForSigned(await witness.judgedTip(), 5)
    const text = await waitForStatus(site, 0)
    expect(text).toContain("main: active at node-1")
    const { data } = await operator.ask(["status"])
    const view = z
      .object({ validators: z.tuple([z.object({ signing: z.object({ kind: z.string(), node: z.string(), attached: z.boolean() }) })]) })
      .parse(data)
    expect(view.validators[0].signing).toMatchObject({ kind: "active", node: "node-1", attached: true })
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  test("a second up has nothing to do and touches no container", async () => {
    const before = await standing(site.lab)
    const answer = await site.operator.must(["up", "--yes"])
    expect(answer.stdout).toContain("nothing to do")
    expect(await standing(site.lab)).toEqual(before)
  })

  test("every day: plan, ps, logs, exec and doctor say what is so, and change nothing", async () => {
    const { operator, lab } = site
    const before = await standing(lab)
    const plan = await operator.run(["plan"])
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
    const ps = await operator.run(["ps"])
    expect(ps.code, ps.stdout + ps.stderr).toBe(0)
    expect(ps.stdout).toMatch(/main-signer/)
    const logs = await operator.must(["logs", "node-1", "sentry-1", "--tail", "5"])
    expect(logs.stdout).toMatch(/^node-1 /m)
    expect(logs.stdout).toMatch(/^sentry-1 /m)
    expect(logs.stdout).not.toContain("\u001b")
    const inside = await operator.run(["exec", "node-2", "--", "sh", "-c", "echo out; echo err >&2; exit 7"])
    expect([inside.code, inside.stdout, inside.stderr]).toEqual([7, "out\n", "err\n"])
    const doctor = await operator.run(["doctor"])
    report(doctor.stdout)
    expect([0, 4, 5]).toContain(doctor.code)
    const { data } = await operator.ask(["doctor"])
    const { checks } = z.object({ checks: z.array(z.object({ id: z.string(), verdict: z.string() })) }).parse(data)
    expect(checks.length).toBeGreaterThanOrEqual(40)
    // Of hosts that were brought up a moment ago nothing that belongs to the product may be found wrong.
    const wrong = checks.filter(({ id, verdict }) => verdict === "bad" && /^(container|file|node|signer|validator)\./.test(id))
    expect(wrong).toEqual([])
    expect(await standing(lab)).toEqual(before)
  })

  test("a plan that was kept is carried out as long as the world is as it was, and refused by name of what moved when it is not", async () => {
    const { operator, lab } = site
    const app = `${DEPLOYMENT_DIR}/nodes/sentry-2/config/app.toml`
    await shell(lab, "sen-2", `echo "# by hand" >>${app}`)
    const plan = await operator.run(["plan", "--out", "drift.plan"])
    expect(plan.code, plan.stdout + plan.stderr).toBe(2)
    expect(plan.stdout).toContain("# by hand")
    await shell(lab, "sen-2", `echo "# once more" >>${app}`)
    const moved = await operator.run(["apply", "drift.plan", "--yes"])
    expect(moved.code, moved.stderr).toBe(6)
    expect(moved.stderr).toContain("nodes/sentry-2/config/app.toml")
    await operator.run(["plan", "--out", "drift.plan"])
    const applied = await operator.run(["apply", "drift.plan", "--yes"])
    expect(applied.code, applied.stderr).toBe(0)
    expect((await operator.run(["plan"])).code).toBe(0)
  })

  test("a change is found nowhere as drift, a hand-edited file is, and rollback brings back what was there before the change", async () => {
    const { operator, lab } = site
    const config = `${DEPLOYMENT_DIR}/nodes/sentry-1/config/config.toml`
    const before = await shell(lab, "sen-1", `cat ${config}`)
    const file = operator.path("gonka-ha.yaml")
    const spec = parseDocument(await readFile(file, "utf8"))
    const asItWas = spec.toString()
    spec.setIn(["sentries", "sentry-1", "config"], { p2p: { max_num_inbound_peers: 33 } })
    await writeFile(file, spec.toString())
    await operator.must(["up", "--yes"])
    await waitForStatus(site, 0)
    const clean = await operator.run(["diff", "--effective"])
    report(clean.stdout)
    expect(clean.code, clean.stdout + clean.stderr).toBe(0)

    await shell(lab, "sen-1", `sed -i 's/^max_num_inbound_peers = .*/max_num_inbound_peers = 7/' ${config}`)
    const drift = await operator.run(["diff", "--effective"])
    report(drift.stdout)
    expect(drift.code, drift.stdout + drift.stderr).toBe(2)
    expect(drift.stdout).toContain("nodes/sentry-1/config/config.toml")
    expect(drift.stdout).toContain("p2p.max_num_inbound_peers: is 7, and 33 is meant")

    report((await operator.must(["rollback", "--list"])).stdout)
    const dry = await operator.run(["rollback", "--dry-run"])
    expect(dry.code, dry.stdout + dry.stderr).toBe(2)
    const back = await operator.must(["rollback", "--yes"])
    report(back.stdout)
    expect(await shell(lab, "sen-1", `cat ${config}`)).toBe(before)
    await waitForStatus(site, 0)
    const plan = await operator.run(["plan"])
    expect(plan.code, plan.stdout + plan.stderr).toBe(2)
    expect(plan.stdout).toContain("max_num_inbound_peers")
    await writeFile(file, asItWas)
    expect((await operator.run(["plan"])).code).toBe(0)
  })

  test("restart: a standby comes back fresh, and the active node is only restarted where its cost is accepted", async () => {
    const { operator, witness } = site
    await waitForStatus(site, 0)
    await operator.must(["restart", "node-2", "--yes"])
    const refused = await operator.run(["restart", "node-1", "--yes"])
    expect(refused.code, refused.stderr).toBe(6)
    expect(refused.stderr).toContain("--cost-accepted")
    const from = await witness.judgedTip()
    await operator.must(["restart", "node-1", "--cost-accepted", "--yes"])
    await witness.waitForSigned(from, 3)
    await waitForStatus(site, 0)
  })

  test("down without the right name refuses and changes nothing", async () => {
    const before = await standing(site.lab)
    const unnamed = await site.operator.run(["down"])
    const misnamed = await site.operator.run(["down", "--name", "another"])
    expect([unnamed.code, misnamed.code]).toEqual([64, 64])
    expect(unnamed.stderr).toContain("--name demo")
    expect(misnamed.stderr).toContain("--name demo")
    expect(await standing(site.lab)).toEqual(before)
  })

  test("down removes the containers and keeps keys, state and data; up comes back and signs", async () => {
    const { lab, operator, witness } = site
    const keyBefore = await shell(lab, "sig-1", `sha256sum ${KEY_FILE}`)
    await proveOneSigner(site)
    await operator.must(["down", "--name", "demo"])
    for (const host of HA2_HOSTS) expect([...(await containersOn(lab, host)).keys()], host).toEqual([])
    const stateDown = await stateHeight(lab)
    expect(await shell(lab, "sig-1", `sha256sum ${KEY_FILE}`)).toBe(keyBefore)
    expect(await shell(lab, "val-1", "ls /opt/gonka-ha/demo/nodes/node-1/home/data")).toContain("blockstore.db")
    expect((await operator.run(["status"])).code).toBe(5)

    await operator.must(["up", "--yes"])
    await witness.waitForSigned(stateDown, 3)
    expect(await stateHeight(lab)).toBeGreaterThan(stateDown)
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  })

  test("no secret and no escape code in anything that was said or written", async () => {
    await proveNothingLeaks(site)
  })
})
