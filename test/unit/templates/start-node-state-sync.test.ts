import { existsSync, readFileSync } from "node:fs"
import { parse, stringify } from "smol-toml"
import { describe, expect, it } from "vitest"
import { type FakeRpc, fakeRpc, nobody, type RpcAnswer } from "../../support/fake-rpc.ts"
import { CONFIG, nodeWithGenesis, refusal, STARTED } from "../../support/ready-node.ts"
import type { ScriptRun } from "../../support/script-run.ts"

type Blocks = {
  readonly tip: number
  readonly earliest?: number
  readonly catchingUp?: boolean
  readonly chain?: string
  readonly hash?: string
  /** What it answers with instead of the block that it was asked for. */
  readonly instead?: { readonly header?: string; readonly commit?: string; readonly chain?: string }
}

const HASH = "AB".repeat(32)
const OTHER_HASH = "CD".repeat(32)

const statusOf = ({ tip, earliest = 1, catchingUp = false, chain = "lab-1" }: Blocks) => ({
  node_info: { network: chain },
  sync_info: { latest_block_height: `${tip}`, earliest_block_height: `${earliest}`, catching_up: catchingUp },
})

const commitOf = ({ hash = HASH, instead = {} }: Blocks, height: string) => ({
  signed_header: {
    header: { chain_id: instead.chain ?? "lab-1", height: instead.header ?? height },
    commit: { height: instead.commit ?? height, block_id: { hash } },
  },
})

const result = (value: unknown): RpcAnswer => ({ body: JSON.stringify({ jsonrpc: "2.0", id: -1, result: value }) })

/** A node's RPC with certain blocks; `at` is asked anew for every answer, so that a chain can grow. */
function source(at: Blocks | ((statusesBefore: number) => Blocks)): Promise<FakeRpc> {
  let statuses = 0
  const blocks = () => (typeof at === "function" ? at(statuses) : at)
  return fakeRpc((path) => {
    if (path === "/status") {
      const answer = result(statusOf(blocks()))
      statuses++
      return answer
    }
    const height = /^\/commit\?height=(\d+)$/.exec(path)?.[1] ?? ""
    const { tip, earliest = 1 } = blocks()
    return Number(height) >= earliest && Number(height) <= tip ? result(commitOf(blocks(), height)) : { status: 500, body: "{}" }
  })
}

const network = (urls: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  nodeWithGenesis({ bootstrap: "network", state_sync_rpc: urls.join(" "), state_sync_trust_blocks: "20", ...more })

const sentries = (urls: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  nodeWithGenesis({
    bootstrap: "sentries",
    state_sync_rpc: urls.join(" "),
    snapshot_sources: urls.map((url) => `${url}=10`).join(" "),
    ...more,
  })

const installed = (run: ScriptRun) => parse(readFileSync(run.path("home/config/config.toml"), "utf8"))

function trusting(height: number, urls: readonly string[]) {
  const statesync = { ...CONFIG.statesync, enable: true, rpc_servers: urls.join(","), trust_height: height, trust_hash: HASH }
  return { ...CONFIG, statesync }
}

const told = (height: number, voices = 2) =>
  `start-node: state sync trusts block ${height} with the hash ${HASH}, on which ${voices} sources agree`

describe("start-node.sh: state sync from the network", () => {
  it("trusts a block below the tip that two sources agree on", async () => {
    const [first, second] = [await source({ tip: 120 }), await source({ tip: 118 })]
    const run = network([`${first.url}/`, second.url])
    expect(await run.run()).toEqual({ code: 0, stdout: `${told(98)}\n${STARTED}`, stderr: "" })
    expect(installed(run)).toEqual(trusting(98, [`${first.url}/`, second.url]))
    expect(readFileSync(run.path("home/statesync.trust"), "utf8")).toBe(
      `trust_height=98\ntrust_hash=${HASH}\nrpc_servers=${first.url}/,${second.url}\n`,
    )
  })

  it.each([
    ["a stuck source", [{ tip: 120 }, { tip: 5 }, { tip: 118 }], 98, "no hash of block 98"],
    ["a source that boasts", [{ tip: 120 }, { tip: 900_000 }, { tip: 119 }], 100, ""],
    ["a source without blocks", [{ tip: 120 }, { tip: 0, earliest: 0 }, { tip: 118 }], 98, "has no block yet"],
    [
      "a source that catches up",
      [{ tip: 120 }, { tip: 119, catchingUp: true, earliest: 119 }, { tip: 118 }],
      98,
      "is still catching up, at block 119",
    ],
    ["a source of another chain", [{ tip: 120 }, { tip: 119, chain: "lab-2" }, { tip: 118 }], 98, "serves the chain lab-2"],
  ])("is not misled by %s", async (_, at, height, line) => {
    const run = network(await Promise.all(at.map(async (blocks) => (await source(blocks)).url)))
    const { code, stderr } = await run.run()
    expect(code).toBe(0)
    expect(stderr).toContain(line)
    expect(installed(run)).toMatchObject({ statesync: { trust_height: height, trust_hash: HASH } })
  })

  it("never goes below the first block", async () => {
    const run = network([(await source({ tip: 7 })).url, (await source({ tip: 9 })).url])
    expect((await run.run()).stdout).toContain(told(1))
  })

  it("refuses when two sources have different blocks, also beside two that agree", async () => {
    const [first, liar] = [await source({ tip: 120 }), await source({ tip: 120, hash: OTHER_HASH })]
    const run = network([first.url, (await source({ tip: 120 })).url, liar.url])
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(
        `${first.url} and ${liar.url} have different blocks at height 100: one of them is on another chain or lies; check the state-sync sources (chain.stateSync.rpc)`,
      ),
    })
    expect(installed(run)).toEqual(CONFIG)
    expect(existsSync(run.path("home/statesync.trust"))).toBe(false)
  })

  it("refuses when fewer than two sources answer", async () => {
    const down = await nobody()
    const { code, stdout, stderr } = await network([(await source({ tip: 120 })).url, down]).run()
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toContain(`start-node: not counted for state sync: ${down}: curl: (7)`)
    expect(stderr).toContain(
      refusal(
        "fewer than two of the state-sync sources (chain.stateSync.rpc) answered for a state sync; it is tried again at the next start",
      ),
    )
  })

  it.each([
    ["does not have the block any more", { tip: 120, earliest: 110 }, "curl: (22)"],
    ["answers with another header", { tip: 120, instead: { header: "99" } }, "does not answer with block 100"],
    ["answers with another commit", { tip: 120, instead: { commit: "99" } }, "does not answer with block 100"],
    ["answers with a block of another chain", { tip: 120, instead: { chain: "lab-2" } }, "does not answer with block 100"],
    ["answers with a hash that is none", { tip: 120, hash: "ab" }, "does not answer with block 100"],
    ["answers with a hash in other letters", { tip: 120, hash: HASH.toLowerCase() }, "does not answer with block 100"],
  ])("refuses when the second source %s", async (_, blocks, line) => {
    const second = await source(blocks)
    const { code, stderr } = await network([(await source({ tip: 120 })).url, second.url]).run()
    expect(code).toBe(1)
    expect(stderr).toContain(`start-node: no hash of block 100 from ${second.url}: ${line}`)
    expect(stderr).toContain(
      refusal(
        "fewer than two of the state-sync sources (chain.stateSync.rpc) gave the hash of block 100, which a state sync would trust; it is tried again at the next start",
      ),
    )
  })

  it.each([
    ["prose", "<html>"],
    ["no heights", '{"result":{"node_info":{"network":"lab-1"},"sync_info":{"catching_up":false}}}'],
    ["an octal height", JSON.stringify({ result: statusOf({ tip: 100 }) }).replace('"100"', '"0100"')],
    ["an endless height", JSON.stringify({ result: statusOf({ tip: 100 }) }).replace('"100"', '"10000000000000000000000"')],
  ])("does not count a source that answers with %s", async (_, body) => {
    const strange = await fakeRpc(() => ({ body }))
    const run = network([(await source({ tip: 120 })).url, strange.url, (await source({ tip: 118 })).url])
    const { code, stderr } = await run.run()
    expect(code).toBe(0)
    expect(stderr).toContain(`start-node: not counted for state sync: ${strange.url}: does not answer as a node does`)
  })

  it("does not take a source's word twice", async () => {
    const { url } = await source({ tip: 120 })
    expect(await network([url, `${url}/`]).run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(
        "a state sync needs two sources that agree, and ROOT/config/settings lists 1: check the state-sync sources (chain.stateSync.rpc)",
      ),
    })
  })

  it("refuses settings without the distance to the tip", async () => {
    const run = network([await nobody(), await nobody()], { state_sync_trust_blocks: "" })
    expect((await run.run()).stderr).toContain("does not say how far below the tip the trusted block lies (state_sync_trust_blocks)")
  })

  it("refuses a config.toml in which it cannot write the trusted block", async () => {
    const run = network([(await source({ tip: 120 })).url, (await source({ tip: 120 })).url])
    const { trust_hash: _, ...statesync } = CONFIG.statesync
    run.write("config/config.toml", stringify({ ...CONFIG, statesync }))
    expect((await run.run()).stderr).toBe(
      refusal("config.toml has no complete [statesync] section: render and install the configuration again"),
    )
  })

  it("writes URLs as they are", async () => {
    const blocks = await fakeRpc((path) => {
      const found = /^\/a\|b&c\/(?:status|commit\?height=(\d+))$/.exec(path)
      if (found === null) return { status: 404, body: "" }
      return result(found[1] === undefined ? statusOf({ tip: 120 }) : commitOf({ tip: 120 }, found[1]))
    })
    const urls = [`${blocks.url}/a|b&c/`, (await source({ tip: 120 })).url]
    const run = network(urls)
    expect((await run.run()).code).toBe(0)
    expect(installed(run)).toEqual(trusting(100, urls))
  })
})

describe("start-node.sh: when a state sync is made", () => {
  const down = () => network(["http://127.0.0.1:1", "http://127.0.0.1:2"])

  it.each(["blockstore.db", "state.db"])("not with data: %s", async (store) => {
    const run = down()
    run.write(`home/data/${store}/CURRENT`, "")
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    expect(installed(run)).toEqual(CONFIG)
  })

  it("not after one that came to its end", async () => {
    const run = down()
    run.write("home/data/blockstore.db/CURRENT", "")
    run.write("home/data/cs.wal/wal", "")
    run.write("home/statesync.trust", "trust_height=3\n")
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    expect(installed(run)).toEqual(CONFIG)
  })

  it("not by a node that begins at the first block", async () => {
    const run = nodeWithGenesis({ bootstrap: "genesis", state_sync_rpc: "http://127.0.0.1:1" })
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })

  it("again, with a fresh block, after one that was interrupted", async () => {
    const run = network([(await source({ tip: 120 })).url, (await source({ tip: 120 })).url])
    run.write("home/data/blockstore.db/CURRENT", "")
    run.write("home/statesync.trust", "trust_height=3\n")
    const { stdout } = await run.run()
    expect(stdout).toContain(
      "start-node: an earlier state sync was interrupted and is tried again; if it keeps failing, stop the node and empty ROOT/home/data but for priv_validator_state.json\n",
    )
    expect(stdout).toContain(told(100))
    expect(existsSync(run.path("home/data/blockstore.db/CURRENT"))).toBe(true)
  })
})

describe("start-node.sh: state sync from the sentries", () => {
  it("trusts the block below the newest snapshot that can be proved", async () => {
    const urls = [(await source({ tip: 41 })).url, (await source({ tip: 43 })).url]
    const run = sentries(urls)
    expect(await run.run()).toEqual({ code: 0, stdout: `${told(39)}\n${STARTED}`, stderr: "" })
    expect(installed(run)).toEqual(trusting(39, urls))
  })

  it.each([
    ["two blocks above the snapshot", [{ tip: 12 }, { tip: 12 }], 9],
    ["one above: the one before", [{ tip: 21 }, { tip: 21 }], 9],
    ["a snapshot that one sentry has and both have the block below", [{ tip: 22 }, { tip: 19 }], 19],
    ["a sentry that began at a snapshot itself", [{ tip: 45, earliest: 21 }, { tip: 45 }], 39],
    ["the newest snapshot whose lower block two sentries keep", [{ tip: 32 }, { tip: 25, earliest: 15 }], 19],
    ["a sentry whose first block is the one below", [{ tip: 32 }, { tip: 32, earliest: 29 }], 29],
    ["no snapshot at the first block of a sentry", [{ tip: 25, earliest: 20 }, { tip: 19 }, { tip: 19 }], 9],
    ["one sentry down or catching up among three", [{ tip: 32 }, { tip: 33, catchingUp: true }, { tip: 33 }], 29],
  ])("finds it with %s", async (_, at, height) => {
    const run = sentries(await Promise.all(at.map(async (blocks) => (await source(blocks)).url)))
    const { code, stdout } = await run.run()
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^start-node: state sync trusts block ${height} `)),
    })
  })

  /** Time passes 20 s with every look, and nobody has to wait for it. */
  function quickClock(run: ScriptRun): void {
    run.program("sleep", 'echo "$1" >>"$GONKA_HA_ROOT/slept"')
    run.program("date", 'n=$(($(cat "$GONKA_HA_ROOT/clock" 2>/dev/null || echo 0) + 20)); echo $n >"$GONKA_HA_ROOT/clock"; echo $n')
  }

  it.each([
    ["while the chain is young", (looks: number): Blocks => ({ tip: 7 + looks }), "has blocks 1 to"],
    [
      "while their first snapshot is not newer than their first block",
      (looks: number): Blocks => ({ tip: 45 + looks, earliest: 40 }),
      "has blocks 40 to",
    ],
    ["while they catch up", (looks: number): Blocks => ({ tip: 45, catchingUp: looks < 5 }), "is still catching up, at block 45"],
    ["while they are empty", (looks: number): Blocks => (looks < 5 ? { tip: 0, earliest: 0 } : { tip: 45 }), "has no block yet"],
  ])("waits %s, and says so every minute", async (_, at, state) => {
    const [first, second] = [await source(at), await source(at)]
    const run = sentries([first.url, second.url])
    quickClock(run)
    const { code, stdout, stderr } = await run.run()
    const lines = stdout.split("\n")
    expect({ code, stderr, last: lines.at(-1) }).toEqual({ code: 0, stderr: "", last: STARTED })
    const waits = lines.filter((line) => line.includes("waiting"))
    const looks = first.asked.filter((path) => path === "/status").length
    expect(looks).toBeGreaterThan(4)
    expect(waits).toHaveLength(Math.ceil((looks - 1) / 3))
    expect(waits[0]).toContain("start-node: waiting for a snapshot at a sentry for 20 s by now; ")
    expect(waits[1]).toContain("for 80 s by now; ")
    expect(waits[0]).toContain(`; ${second.url}`)
    expect(waits[0]).toContain(state)
    expect(readFileSync(run.path("slept"), "utf8").trim().split("\n")).toEqual(Array(looks - 1).fill("3"))
  })

  it("waits for a second sentry, since one cannot agree with itself", async () => {
    const late = await source((looks) => (looks < 2 ? { tip: 0, earliest: 0 } : { tip: 45 }))
    const run = sentries([(await source({ tip: 45 })).url, late.url])
    quickClock(run)
    expect((await run.run()).stdout).toContain(told(39))
    expect(late.asked.filter((path) => path === "/status")).toHaveLength(3)
  })

  it("ends at once when it is told to while it waits", async () => {
    const run = sentries([await nobody(), await nobody()])
    run.program("sleep", "exec /bin/sleep 0.05")
    const waiting = run.start()
    await new Promise((resolve) => waiting.stdout.once("data", resolve))
    waiting.kill("SIGTERM")
    expect((await waiting).exitCode).toBe(143)
  })

  it("refuses when the sentries have different blocks", async () => {
    const run = sentries([(await source({ tip: 45 })).url, (await source({ tip: 45, hash: OTHER_HASH })).url])
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toMatch(/have different blocks at height 39: one of them is on another chain or lies; check the sentries$/)
  })

  it("refuses a single sentry", async () => {
    expect((await sentries([await nobody()]).run()).stderr).toBe(
      refusal("a state sync needs two sources that agree, and ROOT/config/settings lists 1: check the sentries"),
    )
  })

  it("hears a server of the network as the second voice and takes no snapshot of its for one of ours", async () => {
    const [own, elsewhere] = [await source({ tip: 33, earliest: 5 }), await source({ tip: 95, earliest: 1 })]
    const run = sentries([own.url, elsewhere.url], { snapshot_sources: `${own.url}=10` })
    expect((await run.run()).stdout).toBe(`${told(29)}\n${STARTED}`)
  })

  it("refuses to wait for a snapshot that nobody makes", async () => {
    const run = sentries([await nobody(), await nobody()], { snapshot_sources: "" })
    expect((await run.run()).stderr).toContain("names no sentry that keeps snapshots")
  })

  it.each(["", "0", "ten"])("refuses the snapshot interval %j", async (interval) => {
    const urls = [await nobody(), await nobody()]
    const run = sentries(urls, { snapshot_sources: urls.map((url) => `${url}=${interval}`).join(" ") })
    expect((await run.run()).stderr).toContain("does not name the sentries' snapshot interval")
  })
})
