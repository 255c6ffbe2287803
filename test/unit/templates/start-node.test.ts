import { existsSync, readFileSync, rmSync, statSync } from "node:fs"
import { stringify } from "smol-toml"
import { describe, expect, it } from "vitest"
import { fakeRpc, nobody } from "../../support/fake-rpc.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { CONFIG, GENESIS, GENESIS_SHA256, nodeWithGenesis, readyNode, refusal, STARTED } from "../../support/ready-node.ts"
import type { ScriptRun } from "../../support/script-run.ts"

const REORDERED = { app_state: GENESIS.app_state, genesis_time: GENESIS.genesis_time, chain_id: "lab-1" }
const OTHER = { ...GENESIS, app_state: { bank: { supply: ["2", "1"] } } }
const PIN_LINE = `start-node: the genesis of lab-1 has the digest ${GENESIS_SHA256}: write it as chain.genesis.sha256, and no node ever takes another one`
const TOO_FEW = refusal("fewer than two genesis sources answered; it is tried again at the next start")

const genesisOf = (genesis: object) => JSON.stringify({ jsonrpc: "2.0", id: -1, result: { genesis } })

/** A node's RPC that serves one answer at /genesis. */
const source = (body: string, status = 200) => fakeRpc((path) => ({ status: path === "/genesis" ? status : 404, body }))

const ready = (...sources: readonly string[]) => readyNode({ genesis_rpc: sources.join(" ") })
const genesisIn = (run: ScriptRun) => JSON.parse(readFileSync(run.path("home/config/genesis.json"), "utf8"))

describe("start-node.sh: a node that may be a plain standby", () => {
  const HEARS = 'priv_validator_laddr = "tcp://0.0.0.0:26658"\n'
  const node = (settings: Readonly<Record<string, string>>, owner?: string, config = HEARS): ScriptRun => {
    const run = nodeWithGenesis(settings)
    run.write("config/config.toml", config)
    if (owner !== undefined) run.write("control/owner", `${owner}\n`)
    return run
  }
  const installed = (run: ScriptRun) => readFileSync(run.path("home/config/config.toml"), "utf8")
  const recorded = (run: ScriptRun) => readFileSync(run.path("home/started"), "utf8")

  it("starts without a privval port when its owner file says plain, and records it", async () => {
    const run = node({ standby: "plain" }, "plain")
    expect(await run.run()).toMatchObject({ code: 0, stdout: `start-node: a plain standby: without a privval port\n${STARTED}` })
    expect(installed(run)).toBe('priv_validator_laddr = ""\n')
    expect(recorded(run)).toBe("plain\n")
  })

  it.each(["parking", "validator", undefined])("starts with one when its owner file says %s, also after a plain start", async (owner) => {
    const run = node({ standby: "plain" }, owner)
    run.write("home/started", "plain\n")
    expect(await run.run()).toMatchObject({ code: 0, stdout: STARTED })
    expect(installed(run)).toBe(HEARS)
    expect(recorded(run)).toBe("port\n")
  })

  it("does not look at the word where standbys are hot, and forgets an earlier plain start", async () => {
    const run = node({}, "plain")
    run.write("home/started", "plain\n")
    expect(await run.run()).toMatchObject({ code: 0, stdout: STARTED })
    expect(installed(run)).toBe(HEARS)
    expect(existsSync(run.path("home/started"))).toBe(false)
  })

  it.each(["", HEARS + HEARS])("does not start on a configuration in which the port cannot be taken away: %j", async (config) => {
    expect(await node({ standby: "plain" }, "plain", config).run()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("config.toml does not set priv_validator_laddr once"),
    })
  })
})

describe("start-node.sh: the first genesis", () => {
  it("is taken when two sources agree, whatever the order of their keys", async () => {
    const [first, second] = [await source(genesisOf(GENESIS)), await source(genesisOf(REORDERED))]
    const run = ready(first.url, `${second.url}/`)
    expect(await run.run()).toEqual({ code: 0, stdout: `${PIN_LINE}\n${STARTED}`, stderr: "" })
    expect(genesisIn(run)).toEqual(GENESIS)
    expect(readFileSync(run.path("home/config/genesis.sha256"), "utf8")).toBe(`canonical=${GENESIS_SHA256}\nfile=${GENESIS_SHA256}\n`)
  })

  it("is fetched once, and its digest is told once", async () => {
    const [first, second] = [await source(genesisOf(GENESIS)), await source(genesisOf(GENESIS))]
    const run = ready(first.url, second.url)
    await run.run()
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    expect([...first.asked, ...second.asked]).toEqual(["/genesis", "/genesis"])
  })

  it("is not taken when the sources disagree", async () => {
    const run = ready((await source(genesisOf(GENESIS))).url, (await source(genesisOf(OTHER))).url)
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("the genesis sources disagree: check chain.genesis.rpc") })
    expect(existsSync(run.path("home/config/genesis.json"))).toBe(false)
  })

  it("is not taken from one source when the other is down", async () => {
    const down = await nobody()
    const run = ready(down, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toContain(`start-node: no genesis from ${down}: curl: (7)`)
    expect(stderr).toContain(TOO_FEW)
    expect(existsSync(run.path("home/config/genesis.json"))).toBe(false)
  })

  it("is not taken from one source that is listed twice", async () => {
    const { url } = await source(genesisOf(GENESIS))
    expect(await ready(url, `${url}/`).run()).toEqual({ code: 1, stdout: "", stderr: TOO_FEW })
  })

  it.each([
    ["in capital letters", (url: string) => url.replace("http://127.0.0.1", "HTTP://LOCALHOST"), "localhost"],
    ["with a path", (url: string) => `${url}/chain-rpc/`, "127.0.0.1"],
    ["with a name for its user", (url: string) => url.replace("http://", "http://somebody@"), "127.0.0.1"],
    ["with the dot at the end of its name", (url: string) => url.replace("127.0.0.1", "localhost."), "localhost"],
    ["with a second scheme", (url: string) => url.replace("http:", "https:"), "127.0.0.1"],
  ])("is not taken from one source that is listed again %s", async (_, again, name) => {
    const one = await source(genesisOf(GENESIS))
    const url = one.url.replace("127.0.0.1", name)
    expect(await ready(url, again(one.url), await nobody()).run()).toMatchObject({ code: 1, stderr: expect.stringContaining(TOO_FEW) })
    expect(one.asked).toEqual(["/genesis"])
  })

  it("is not taken from one source that is listed with and without the port that everybody has", async () => {
    const run = ready("http://one.example", "https://one.example:443", "http://ONE.example:80/", "https://two.example")
    run.program("curl", `echo "$*" >> "${run.path("asked")}"; exit 7`)
    expect((await run.run()).code).toBe(1)
    const asked = readFileSync(run.path("asked"), "utf8").trim().split("\n")
    expect(asked.map((line) => line.split(" ").at(-1))).toEqual(["http://one.example/genesis", "https://two.example/genesis"])
  })

  it("is taken from the other two when one of three is down", async () => {
    const run = ready((await source(genesisOf(GENESIS))).url, await nobody(), (await source(genesisOf(GENESIS))).url)
    expect((await run.run()).stdout).toContain(STARTED)
  })

  it("is not taken from a source of another chain", async () => {
    const strange = await source(genesisOf({ ...GENESIS, chain_id: "lab-2" }))
    const run = ready(strange.url, (await source(genesisOf(GENESIS))).url)
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal(`${strange.url} serves the chain lab-2, not lab-1`) })
  })

  it.each([
    ["an error", 500, genesisOf(GENESIS), "no genesis from"],
    ["prose", 200, "<html>", "does not answer with a genesis"],
    ["a JSON-RPC error", 200, '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603}}', "does not answer with a genesis"],
    ["a word", 200, '{"result":{"genesis":"lab-1"}}', "does not answer with a genesis"],
  ])("is not taken from a source that answers with %s", async (_, status, answer, line) => {
    const run = ready((await source(answer, status)).url, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toContain(line)
    expect(stderr).toContain(TOO_FEW)
  })
})

describe("start-node.sh: a pinned genesis", () => {
  const pinned = (pin: string, ...sources: readonly string[]) => readyNode({ genesis_rpc: sources.join(" "), genesis_sha256: pin })

  it("is taken from one source", async () => {
    const run = pinned(GENESIS_SHA256, await nobody(), (await source(genesisOf(REORDERED))).url)
    expect((await run.run()).stdout).toContain(STARTED)
    expect(genesisIn(run)).toEqual(GENESIS)
  })

  it("is taken from the source that has it, past one that has another", async () => {
    const wrong = await source(genesisOf(OTHER))
    const run = pinned(GENESIS_SHA256, wrong.url, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(0)
    expect(stderr).toMatch(
      new RegExp(`^start-node: ${wrong.url} serves a genesis with the digest [0-9a-f]{64}, not the pinned ${GENESIS_SHA256}$`),
    )
    expect(genesisIn(run)).toEqual(GENESIS)
  })

  it("is taken from the source that has it, past one of another chain", async () => {
    const strange = await source(genesisOf({ ...GENESIS, chain_id: "lab-2" }))
    const run = pinned(GENESIS_SHA256, strange.url, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect([code, stderr]).toEqual([0, `start-node: ${strange.url} serves the chain lab-2, not lab-1`])
    expect(genesisIn(run)).toEqual(GENESIS)
  })

  it("is not taken where all sources are of another chain", async () => {
    const strange = await source(genesisOf({ ...GENESIS, chain_id: "lab-2" }))
    const { code, stderr } = await pinned(GENESIS_SHA256, strange.url).run()
    expect(code).toBe(1)
    expect(stderr).toContain(refusal(`no genesis source serves the genesis with the pinned digest ${GENESIS_SHA256}`))
  })

  it("is not replaced by one on which two sources agree", async () => {
    const run = pinned(GENESIS_SHA256, (await source(genesisOf(OTHER))).url, (await source(genesisOf(OTHER))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toContain(
      refusal(`no genesis source serves the genesis with the pinned digest ${GENESIS_SHA256}; it is tried again at the next start`),
    )
    expect(existsSync(run.path("home/config/genesis.json"))).toBe(false)
  })

  it("is compared with the one that this node runs on", async () => {
    const pin = "0".repeat(64)
    expect(await nodeWithGenesis({ genesis_sha256: pin }).run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(
        `this node runs on the genesis ${GENESIS_SHA256}, but chain.genesis.sha256 says ${pin}: correct it, or give this node an empty home`,
      ),
    })
    expect(await nodeWithGenesis({ genesis_sha256: GENESIS_SHA256 }).run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })
})

describe("start-node.sh: the genesis at later starts", () => {
  it("is refused when the file was changed", async () => {
    const run = nodeWithGenesis()
    run.write("home/config/genesis.json", JSON.stringify(OTHER))
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(
        "ROOT/home/config/genesis.json is not the file that was taken at the first start: remove it, and the right one is fetched again",
      ),
    })
  })

  it("is fetched again when it is gone, from one source and only the same one", async () => {
    const wrong = await source(genesisOf(OTHER))
    const run = nodeWithGenesis({ genesis_rpc: `${wrong.url} ${(await source(genesisOf(GENESIS))).url}` })
    rmSync(run.path("home/config/genesis.json"))
    expect(await run.run()).toMatchObject({ code: 0, stdout: STARTED })
    expect(genesisIn(run)).toEqual(GENESIS)
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })

  it("is refused when its record is damaged", async () => {
    const run = nodeWithGenesis()
    run.write("home/config/genesis.sha256", "canonical=12\n")
    const record = "ROOT/home/config/genesis.sha256"
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(`${record} is damaged: if ROOT/home/config/genesis.json is the right one, remove ${record} and it is written anew`),
    })
  })
})

describe("start-node.sh: a genesis that was put there by hand", () => {
  function placed(text: string, settings: Readonly<Record<string, string>> = {}): ScriptRun {
    const run = readyNode(settings)
    run.write("home/config/genesis.json", text)
    return run
  }

  it("is recorded under the digest that sources would have, and guarded from then on", async () => {
    const run = placed(JSON.stringify(REORDERED), { genesis_sha256: GENESIS_SHA256 })
    expect(await run.run()).toEqual({ code: 0, stdout: `${PIN_LINE}\n${STARTED}`, stderr: "" })
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    run.write("home/config/genesis.json", JSON.stringify(GENESIS))
    expect((await run.run()).stderr).toContain("is not the file that was taken at the first start")
  })

  it.each([
    ["none", "<html>", {}, "is not a genesis: remove it, and one is fetched"],
    ["one of another chain", '{"chain_id":"lab-2"}', {}, "belongs to the chain lab-2, not lab-1: remove it, and the right one is fetched"],
    [
      "another than the pinned one",
      JSON.stringify(GENESIS),
      { genesis_sha256: "0".repeat(64) },
      `has the digest ${GENESIS_SHA256}, but chain.genesis.sha256 says ${"0".repeat(64)}: remove the file, and the right one is fetched`,
    ],
  ])("is refused when it is %s", async (_, text, settings, line) => {
    const run = placed(text, settings)
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal(`ROOT/home/config/genesis.json ${line}`) })
    expect(existsSync(run.path("home/config/genesis.sha256"))).toBe(false)
  })
})

describe("start-node.sh: keys", () => {
  it.each([
    ["a validator's key", COMET_VALIDATOR_KEY],
    ["a validator's key under a false address", COMET_VALIDATOR_KEY.replace(COMET_VALIDATOR.address, "0".repeat(40))],
    ["a validator's address", `{"address":"${RFC_8032_KEY.address}"}`],
  ])("refuses %s in priv_validator_key.json", async (_, text) => {
    const run = nodeWithGenesis()
    run.write("home/config/priv_validator_key.json", text)
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(
        "ROOT/home/config/priv_validator_key.json holds a validator's consensus key: only the signer may have it; move it away",
      ),
    })
  })

  it("refuses a priv_validator_key.json that it cannot read", async () => {
    const run = nodeWithGenesis()
    run.write("home/config/priv_validator_key.json", "{")
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal("ROOT/home/config/priv_validator_key.json cannot be read: move it away"),
    })
  })

  it("does not mind the random key that a node makes for itself", async () => {
    const run = nodeWithGenesis()
    const stranger = { address: "0".repeat(40), priv_key: { value: Buffer.alloc(64, 7).toString("base64") } }
    run.write("home/config/priv_validator_key.json", JSON.stringify(stranger))
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })

  it("refuses to start without its node key", async () => {
    const run = nodeWithGenesis()
    rmSync(run.path("secrets/node_key.json"))
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("the node key is missing") })
  })
})

describe("start-node.sh: configuration", () => {
  const AGAIN = "render and install the configuration again"

  it("refuses to start without its settings", async () => {
    const run = nodeWithGenesis()
    rmSync(run.path("config/settings"))
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal(`ROOT/config/settings is missing: ${AGAIN}`) })
  })

  it.each([
    [{ chain_id: "" }, "does not name the chain and the program"],
    [{ binary: "" }, "does not name the chain and the program"],
    [{ bootstrap: "" }, "does not say where a node without blocks begins (bootstrap)"],
    [{ bootstrap: "elsewhere" }, "does not say where a node without blocks begins (bootstrap)"],
  ])("refuses settings with %j", async (settings, line) => {
    expect(await nodeWithGenesis(settings).run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal(`ROOT/config/settings ${line}: ${AGAIN}`),
    })
  })

  it("names a tool that the image lacks", async () => {
    const run = nodeWithGenesis()
    run.withoutProgram("jq")
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("this image has no jq, which the start of a node needs") })
  })

  it("Z7: installs what was rendered at every start, and keeps the node's own state", async () => {
    const run = nodeWithGenesis()
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    expect(readFileSync(run.path("home/data/priv_validator_state.json"), "utf8")).toBe('{"height":"0","round":0,"step":0}\n')
    const changed = stringify({ ...CONFIG, moniker: "two" })
    run.write("config/config.toml", changed)
    run.write("home/config/app.toml", "edited by hand\n")
    run.write("home/data/priv_validator_state.json", '{"height":"9","round":0,"step":3}')
    await run.run()
    expect(readFileSync(run.path("home/config/config.toml"), "utf8")).toBe(changed)
    expect(readFileSync(run.path("home/config/app.toml"), "utf8")).toBe("pruning = 1\n")
    expect(readFileSync(run.path("home/config/node_key.json"), "utf8")).toBe("{}")
    expect(readFileSync(run.path("home/data/priv_validator_state.json"), "utf8")).toBe('{"height":"9","round":0,"step":3}')
    expect(statSync(run.path("home/config/node_key.json")).mode & 0o077).toBe(0)
  })

  it("keeps everything that the program writes inside the node's home, and leaves nothing there from before", async () => {
    const run = nodeWithGenesis()
    run.write("home/tmp/chunk", "left by an interrupted start")
    run.program("simd", 'echo "$HOME $TMPDIR $DAEMON_HOME $DAEMON_NAME"')
    expect((await run.run()).stdout).toBe("ROOT/home ROOT/home/tmp ROOT/home simd")
    expect(existsSync(run.path("home/tmp"))).toBe(true)
    expect(existsSync(run.path("home/tmp/chunk"))).toBe(false)
  })
})

describe("start-node.sh: cosmovisor", () => {
  const RUN = "cosmovisor run start --home ROOT/home"
  const INIT =
    '[ "$1" != init ] || { mkdir -p "$DAEMON_HOME/cosmovisor/genesis/bin" && cp "$2" "$DAEMON_HOME/cosmovisor/genesis/bin/$DAEMON_NAME"; }'

  function underCosmovisor(): ScriptRun {
    const run = nodeWithGenesis()
    // The image's program lies in a directory of this test's own, so its name alone is shown.
    run.program("cosmovisor", `[ "$1" = init ] && echo "cosmovisor init \${2##*/}" || echo "cosmovisor $*"\n${INIT}`)
    return run
  }

  it("gets the image's program once, and runs it", async () => {
    const run = underCosmovisor()
    expect(await run.run()).toEqual({ code: 0, stdout: `cosmovisor init simd\n${RUN}`, stderr: "" })
    expect(await run.run()).toEqual({ code: 0, stdout: RUN, stderr: "" })
  })

  it("keeps an upgraded program, also one without the first", async () => {
    const run = underCosmovisor()
    run.write("home/cosmovisor/current/bin/simd", "upgraded")
    expect(await run.run()).toEqual({ code: 0, stdout: RUN, stderr: "" })
    expect(existsSync(run.path("home/cosmovisor/genesis"))).toBe(false)
  })

  it("gets the program where only an upgrade was put ready", async () => {
    const run = underCosmovisor()
    run.write("home/cosmovisor/upgrades/v2/bin/simd", "next")
    expect((await run.run()).stdout).toBe(`cosmovisor init simd\n${RUN}`)
  })

  it("does not run a program whose copy was interrupted", async () => {
    const run = nodeWithGenesis()
    run.program(
      "cosmovisor",
      'mkdir -p "$DAEMON_HOME/cosmovisor/genesis/bin"; printf half >"$DAEMON_HOME/cosmovisor/genesis/bin/simd"; exit 1',
    )
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("cosmovisor could not set up ROOT/home/cosmovisor") })
    run.program("cosmovisor", `echo "cosmovisor $*"\n${INIT}`)
    expect((await run.run()).code).toBe(0)
    expect(readFileSync(run.path("home/cosmovisor/genesis/bin/simd"), "utf8")).toContain("#!/bin/sh")
    expect(existsSync(run.path("home/cosmovisor.incomplete"))).toBe(false)
  })

  it("says so when the image has no such program", async () => {
    const run = underCosmovisor()
    run.withoutProgram("simd")
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("this image has no simd: check images.node") })
  })
})
