import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { containersOn, DEPLOYMENT_DIR, shell } from "../drill/host-facts.ts"
import { HOST_OF } from "../drill/prove-move.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { waitForStatus } from "../drill/settle.ts"
import { initArguments, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"

/** The first state sync is part of the `up` before which every block is missed. */
const BLOCK_MS = 3000
const SNAPSHOTS = { interval: 5, keep: 5 }
const RESYNC = ["resync", "node-2", "--yes", "--cost-accepted"]
const SIBLING = { node: "sentry-2", host: "sen-2", container: "demo-sentry-2" }
const HOME = `${DEPLOYMENT_DIR}/nodes/node-2/home`

const STATUS = z.object({
  result: z.object({ node_info: z.object({ id: z.string() }), sync_info: z.object({ earliest_block_height: z.coerce.number() }) }),
})

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("a standby gets its data from others", () => {
  let site: Site
  let first: Awaited<ReturnType<Site["operator"]["must"]>>
  /** From here on every block was signed. */
  let from: number

  beforeAll(async () => {
    site = await openSite({ label: "joining", blockMs: BLOCK_MS, report })
    await site.operator.must(initArguments(site, BLOCK_MS))
    await editSpec(site.operator, [
      [["sentries", "sentry-1", "snapshots"], SNAPSHOTS],
      [["sentries", "sentry-2", "snapshots"], SNAPSHOTS],
      [["private", "node-2", "bootstrap"], "sentries"],
      // The shortest that CometBFT takes.
      [["private", "node-2", "config"], { "statesync.discovery_time": "5s" }],
    ])
    await site.operator.must(["validate"])
    first = await site.operator.must(["up", "--yes"])
    await waitForStatus(site, 0)
    from = await site.witness.judgedTip()
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  async function statusOf(node: string) {
    const line = `docker exec demo-${node} curl -fsS http://127.0.0.1:26657/status`
    // An engine on a busy machine fails to start a process in a container at times (exit 126).
    const text = await waitUntil(`${node} to tell its status`, () => shell(site.lab, HOST_OF[node] ?? "", line).catch(() => undefined), {
      stuckAfterMs: 30_000,
    })
    return STATUS.parse(JSON.parse(text)).result
  }

  /** What a node has of its own: a resync leaves every byte of it as it is. */
  async function ownFiles(): Promise<string> {
    const files = "config/node_key.json config/priv_validator_key.json config/genesis.json data/priv_validator_state.json"
    return shell(site.lab, "val-2", `cd ${HOME} && sha256sum ${files}`)
  }

  /** The node writes it anew at each start; the key in it is random, so no two books have the same. */
  const keyOfBook = (host: string, node: string) =>
    shell(site.lab, host, `grep '"key"' ${DEPLOYMENT_DIR}/nodes/${node}/home/config/addrbook.json`)

  const sibling = async () => (await containersOn(site.lab, SIBLING.host)).get(SIBLING.container)

  test("a new node begins at the own sentries' snapshot, and up tells how far it is", async () => {
    expect(first.stderr).toMatch(/waiting for node-2 to be fresh: state sync: /)
    expect((await statusOf("node-2")).sync_info.earliest_block_height).toBeGreaterThan(1)
  })

  test("the active node is not resynced, and the only standby not without a word", async () => {
    const active = await site.operator.run(["resync", "node-1", "--yes", "--cost-accepted"])
    expect(active.code, active.stderr).toBe(6)
    expect(active.stderr).toContain("signs through node-1")
    const only = await site.operator.run(["resync", "node-2", "--yes"])
    expect(only.code, only.stderr).toBe(6)
    expect(only.stderr).toContain("main has no fresh standby while node-2 is away")
  })

  test("a standby is resynced from the sentries' snapshots: keys and names stay, and its data lies aside", async () => {
    const [files, { node_info: before, sync_info: had }] = [await ownFiles(), await statusOf("node-2")]
    const answer = await site.operator.must(RESYNC)
    report(answer.stderr)
    expect(answer.stderr).toMatch(/waiting for node-2 to be fresh: state sync: /)
    const { node_info: after, sync_info: has } = await statusOf("node-2")
    expect(after.id).toBe(before.id)
    expect(has.earliest_block_height).toBeGreaterThan(had.earliest_block_height)
    expect(await ownFiles()).toBe(files)
    const [, aside = ""] = /^ {2}(\/opt\S+)$/m.exec(answer.stdout) ?? []
    expect(await shell(site.lab, "val-2", `ls ${aside}/data`)).toContain("blockstore.db")
    const removal = /gonka-ha (ssh val-2 -- rm .*)$/m.exec(answer.stdout)?.[1] ?? ""
    await site.operator.must(removal.split(" "))
    expect(await shell(site.lab, "val-2", `ls ${HOME}/set-aside`)).toBe("")
    await waitForStatus(site, 0)
  })

  test("whoever copies dies in the middle: the sibling runs again by itself, and the standby was not touched", async () => {
    const [ran, standby] = [await sibling(), (await containersOn(site.lab, "val-2")).get("demo-node-2")]
    const copying = site.operator.start([...RESYNC, "--from", SIBLING.node])
    await waitUntil("the sibling to be stopped", async () => ((await sibling())?.status === "exited" ? true : undefined), {
      stuckAfterMs: 60_000,
      pollMs: 50,
    })
    copying.kill()
    expect((await copying.answer).code).toBe(-1)
    await waitUntil("the sibling to run again", async () => ((await sibling())?.status === "running" ? true : undefined), {
      stuckAfterMs: 60_000,
    })
    expect((await sibling())?.startedAt).not.toBe(ran?.startedAt)
    expect((await containersOn(site.lab, "val-2")).get("demo-node-2")?.startedAt).toBe(standby?.startedAt)
    await waitForStatus(site, 0)
  })

  test("a standby is resynced from a stopped sibling on another host: blocks come along, and nothing that is the sibling's own", async () => {
    const [files, { node_info: before }] = [await ownFiles(), await statusOf("node-2")]
    const ran = await sibling()
    const answer = await site.operator.must([...RESYNC, "--from", SIBLING.node])
    report(answer.stderr)
    const { node_info: after, sync_info: has } = await statusOf("node-2")
    expect(after.id).toBe(before.id)
    // The sentries have every block, and a state sync would not.
    expect(has.earliest_block_height).toBe(1)
    expect(await ownFiles()).toBe(files)
    expect(await shell(site.lab, "val-2", `ls ${HOME}`)).not.toMatch(/incoming|statesync\.trust/)
    expect(await shell(site.lab, "val-2", `find ${HOME}/data/snapshots -maxdepth 1 -name '[0-9]*'`)).toBe("")
    expect(await keyOfBook("val-2", "node-2")).not.toBe(await keyOfBook(SIBLING.host, SIBLING.node))
    const now = await sibling()
    expect([now?.id, now?.status, now?.startedAt === ran?.startedAt]).toEqual([ran?.id, "running", false])
    await waitForStatus(site, 0)
  })

  test("the validator has signed all the while, a parking signer never did, and the standby takes over", async () => {
    const parked = await shell(site.lab, "val-2", `cat ${DEPLOYMENT_DIR}/nodes/node-2/parking/state/priv_validator_state.json`)
    expect(parked).toMatch(/"height": ?"0"/)
    const { missed } = await site.witness.testify(from, await site.witness.judgedTip())
    expect(missed).toEqual([])
    await site.operator.must(["promote", "node-2", "--yes"])
    await proveOneSigner(site)
    const audit = await shell(site.lab, "val-2", `cat ${DEPLOYMENT_DIR}/audit.log`)
    expect(audit).toMatch(/resync of node-2: done/)
    expect(audit).toMatch(/resync of node-2 from sentry-2: done/)
  })
})
