import { rmSync } from "node:fs"
import { stringify } from "smol-toml"
import { describe, expect, it } from "vitest"
import { settingsText } from "../../../src/core/render/settings.ts"
import { fakeRpc, nobody } from "../../support/fake-rpc.ts"
import { ScriptRun } from "../../support/script-run.ts"

type Tip = { height: number; ageS: number }

const statusOf = ({ height, ageS }: Tip) => {
  // CometBFT writes nanoseconds.
  const time = new Date(Date.now() - ageS * 1000).toISOString().replace("Z", "123456Z")
  return JSON.stringify({ result: { sync_info: { latest_block_height: `${height}`, latest_block_time: time } } })
}

function node(url: string, laddr = url.replace("http:", "tcp:")): ScriptRun {
  const run = new ScriptRun("node-health.sh")
  run.write("config/settings", settingsText({ freshness_seconds: "20" }))
  run.write("home/config/config.toml", stringify({ laddr: "top", rpc: { laddr }, p2p: { laddr: "tcp://0.0.0.0:26656" } }))
  return run
}

async function nodeAt(tip: Tip): Promise<ScriptRun> {
  return node((await fakeRpc(() => ({ body: statusOf(tip) }))).url)
}

const said = async (run: ScriptRun) => {
  const { code, stdout, stderr } = await run.run()
  expect(stderr).toBe("")
  return `${code} ${stdout}`
}

describe("node-health.sh", () => {
  it.each([0, 10, 18])("calls a node with a block of %i s healthy", async (ageS) => {
    expect(await said(await nodeAt({ height: 7, ageS }))).toMatch(/^0 healthy: block 7 is \d+ s old$/)
  })

  it("calls a node with an old block unhealthy, as long as no newer one comes", async () => {
    const run = await nodeAt({ height: 7, ageS: 100 })
    const line = /^1 unhealthy: block 7 is 10\d s old, more than the 20 s that are allowed, and no newer one came since the last check$/
    expect(await said(run)).toMatch(line)
    expect(await said(run)).toMatch(line)
  })

  it("calls a node that catches up healthy while it gets on", async () => {
    const tip = { height: 7, ageS: 5000 }
    const run = await nodeAt(tip)
    await run.run()
    tip.height = 9
    expect(await said(run)).toBe("0 healthy: at block 9, 2 further than at the last check")
    expect(await said(run)).toMatch(/^1 unhealthy: block 9 is /)
    tip.height = 8
    expect(await said(run)).toMatch(/^1 unhealthy: block 8 is /)
  })

  it("does not take a clock that is slow for a young block", async () => {
    const run = await nodeAt({ height: 7, ageS: -3600 })
    expect(await said(run)).toMatch(/^1 unhealthy: block 7 is dated 3\d\d\d s in the future: check the clock of this host$/)
    expect(await said(await nodeAt({ height: 7, ageS: -5 }))).toMatch(/^0 healthy: block 7 is -[456] s old$/)
  })

  it("says that a node has no block yet", async () => {
    const body = JSON.stringify({ result: { sync_info: { latest_block_height: "0", latest_block_time: "1970-01-01T00:00:00Z" } } })
    const run = node((await fakeRpc(() => ({ body }))).url)
    expect(await said(run)).toBe("1 unhealthy: the node has no block yet: it waits for peers or for a snapshot, its log says which")
  })

  it("says that the RPC does not answer", async () => {
    expect(await said(node(await nobody()))).toMatch(/^1 unhealthy: the RPC of the node does not answer: curl: \(7\) /)
    const broken = await fakeRpc(() => ({ status: 500, body: "" }))
    expect(await said(node(broken.url))).toMatch(/^1 unhealthy: the RPC of the node does not answer: curl: \(22\) /)
  })

  it("does not wait long for an RPC that hangs", async () => {
    const run = node(await nobody())
    run.program("curl", 'echo "$*"; exit 28')
    expect(await said(run)).toContain("--max-time 3 ")
  })

  it.each(["<html>", "{}", '{"result":{"sync_info":{"latest_block_height":"x","latest_block_time":"2026-01-01T00:00:00Z"}}}'])(
    "does not understand %s",
    async (body) => {
      const { url, port } = await fakeRpc(() => ({ body }))
      expect(await said(node(url))).toBe(`1 unhealthy: the RPC at 127.0.0.1:${port} does not answer as a node does`)
    },
  )

  it.each(["tcp://0.0.0.0:", "tcp://[::]:"])("asks a node that listens on %s from inside", async (listening) => {
    const { url, port } = await fakeRpc(() => ({ body: statusOf({ height: 7, ageS: 1 }) }))
    expect(await said(node(url, `${listening}${port}`))).toMatch(/^0 healthy: block 7 /)
  })

  it("says that the node was not started yet", async () => {
    const run = node("http://127.0.0.1:1")
    rmSync(run.path("home"), { recursive: true })
    expect(await said(run)).toBe(
      "1 unhealthy: ROOT/home/config/config.toml names no RPC address: the node was not started yet, its log says why",
    )
  })

  it("needs to know how old a block may be", async () => {
    const line =
      "1 unhealthy: ROOT/config/settings does not say how old the newest block may be (freshness_seconds): render and install the configuration again"
    const run = node("http://127.0.0.1:1")
    run.write("config/settings", "freshness_seconds=20s\n")
    expect(await said(run)).toBe(line)
    rmSync(run.path("config/settings"))
    expect(await said(run)).toBe(line)
  })

  it("says that it cannot remember, instead of never seeing a node get on", async () => {
    const run = await nodeAt({ height: 7, ageS: 100 })
    rmSync(run.path("tmp"), { recursive: true })
    expect(await said(run)).toBe(
      "1 unhealthy: ROOT/tmp/node-health.height cannot be written, so progress cannot be seen: this container needs a writable /tmp",
    )
    const young = await nodeAt({ height: 7, ageS: 1 })
    rmSync(young.path("tmp"), { recursive: true })
    expect(await said(young)).toMatch(/^0 healthy: block 7 /)
  })
})
