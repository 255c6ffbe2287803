import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { changeSetting } from "../drill/change-setting.ts"
import { editSpec } from "../drill/edit-spec.ts"
import { containersOn, shell } from "../drill/host-facts.ts"
import { journalLines, operations } from "../drill/journals.ts"
import { waitForStatus } from "../drill/settle.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"

const BLOCK_MS = 1000
const MANAGER = { host: "api-1", container: "demo-manager-balancer" }
const DOOR = { host: "sen-1", container: "demo-door-balancer" }

const report = (line: string) => process.stderr.write(`${line}\n`)

describe("load balancers of an api and of an entry point", () => {
  let site: Site

  beforeAll(async () => {
    await ensureSetup(report)
    await Lab.cleanStale(report)
    site = await openSite({ label: "doors", blockMs: BLOCK_MS, report, layout: "doors", windowBlocks: 1000 })
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  /** The node that answers Gonka's api, as a container beside it would ask: by the name that its programs have for their node. */
  async function nodeBehindManager(): Promise<string | undefined> {
    const ask = `docker run --rm --network ${MANAGER.container} ${site.lab.images.node} curl -s -m 5 http://node:26657/status || true`
    return /"moniker":\s*"([^"]+)"/.exec(await shell(site.lab, MANAGER.host, ask))?.[1]
  }

  async function idOf({ host, container }: typeof MANAGER): Promise<string | undefined> {
    return (await containersOn(site.lab, host)).get(container)?.id
  }

  /** What the newest `up` did to containers, in its order. */
  async function touched(): Promise<readonly string[]> {
    const operation = (await operations(site.operator)).filter((name) => name.endsWith("-up")).at(-1)
    if (operation === undefined) throw new Error("there is no journal")
    const lines = await journalLines(site.operator, operation)
    return lines.flatMap(({ at, step }) => {
      if (at !== "step-begins" || step === undefined || !["service.up", "balancer.answers", "chain.signing"].includes(step.kind)) return []
      const { service = "" } = z.looseObject({ service: z.string().optional() }).parse(step.args)
      return [`${step.kind} ${service}`.trim()]
    })
  }

  test("up starts them last, and they answer", async () => {
    await bringUp(site, BLOCK_MS)
    const order = await touched()
    expect(order.slice(order.indexOf("chain.signing") + 1).toSorted()).toEqual([
      "balancer.answers door-balancer",
      "balancer.answers manager-balancer",
      "service.up door-balancer",
      "service.up manager-balancer",
    ])
    expect(await nodeBehindManager()).toBe("demo-node-2")
    const door = `curl -s -m 5 http://${site.lab.host(DOOR.host).address}:8000/chain-rpc/status`
    expect(await shell(site.lab, "val-1", door)).toContain('"latest_block_height"')
  })

  test("a second up has nothing to do, and whoever looks at containers knows them", async () => {
    const { operator, lab } = site
    expect((await operator.must(["up"])).stdout).toContain("nothing to do")
    const { stdout } = await operator.must(["ps"])
    expect(stdout).toMatch(/api-1 +manager-balancer +balancer +current +running/)
    expect((await operator.must(["logs", "manager-balancer"])).stdout).not.toBe("")
    const published = await shell(lab, MANAGER.host, `docker port ${MANAGER.container}`)
    expect(published, "an api without ports has none on its host").toBe("")
  })

  test("when the preferred node is lost, the next one answers", async () => {
    await shell(site.lab, "val-2", "docker stop demo-node-2")
    await waitUntil(
      "node-1 behind the api's load balancer",
      async () => ((await nodeBehindManager()) === "demo-node-1" ? true : undefined),
      {
        stuckAfterMs: 30_000,
      },
    )
    await shell(site.lab, "val-2", "docker start demo-node-2")
    await waitForStatus(site, 0)
  })

  test("a changed setting of one makes only that one anew, and its door is shut for no longer than was told", async () => {
    const { operator } = site
    const before = [await idOf(MANAGER), await idOf(DOOR)]
    await editSpec(operator, [[["edge", "door", "requestsPer10s"], 500]])
    const plan = await operator.run(["plan"])
    expect(plan.stdout.replaceAll(/\s+/g, " ")).toContain("the public door door is closed for about 6.0s: users have no other entry point")
    await operator.must(["up", "--yes"])
    expect(await touched()).toEqual(["service.up door-balancer", "balancer.answers door-balancer"])
    const after = [await idOf(MANAGER), await idOf(DOOR)]
    expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, false])
  })

  test("with an active node that has to be changed, too, they come after its promotion and its restart", async () => {
    const { operator } = site
    await changeSetting(operator, ["private.node-1"])
    await editSpec(operator, [[["edge", "door", "requestsPer10s"], 600]])
    await operator.must(["up", "--yes"])
    expect(await touched()).toEqual(["service.up node-1", "service.up door-balancer", "balancer.answers door-balancer"])
  })

  test("one that was stopped shows in status, and up starts it again", async () => {
    const { operator, lab } = site
    await shell(lab, MANAGER.host, `docker stop ${MANAGER.container}`)
    expect(await waitForStatus(site, 4)).toContain("manager-balancer")
    await operator.must(["up", "--yes"])
    expect(await nodeBehindManager()).toBeDefined()
  })

  test("one that has left the file is named as left over", async () => {
    const { operator } = site
    const restore = await editSpec(operator, [[["edge"], {}]])
    const { stdout } = await operator.run(["ps"])
    expect(stdout).toMatch(/sen-1 +door-balancer +balancer .*(stray|left over|not in the file)/)
    await restore()
  })

  test("down removes them and their networks, but for one in which somebody else's container still is", async () => {
    const { operator, lab } = site
    await shell(lab, MANAGER.host, `docker run -d --name guest --network ${MANAGER.container} ${lab.images.node} sleep 1000`)
    await operator.must(["down", "--name", "demo"])
    for (const { host, container } of [MANAGER, DOOR]) expect([...(await containersOn(lab, host)).keys()]).not.toContain(container)
    const networkOf = ({ host, container }: typeof MANAGER) => shell(lab, host, `docker network ls --quiet --filter name=^${container}$`)
    expect(await networkOf(DOOR)).toBe("")
    expect(await networkOf(MANAGER)).not.toBe("")
  })
})
