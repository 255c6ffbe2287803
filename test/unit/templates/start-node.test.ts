import { existsSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer } from "node:http"
import { describe, expect, it, onTestFinished } from "vitest"
import { settingsText } from "../../../src/core/render/settings.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { ScriptRun } from "../../support/script-run.ts"

const GENESIS = { chain_id: "lab-1", genesis_time: "2026-01-01T00:00:00Z", app_state: { bank: { supply: ["1", "2"] } } }
const REORDERED = { app_state: GENESIS.app_state, genesis_time: GENESIS.genesis_time, chain_id: "lab-1" }
const STARTED = "simd start --home ROOT/home"

/** A node's RPC that serves one answer at /genesis, and counts. */
async function source(answer: string, status = 200): Promise<{ url: string; asked: () => number }> {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    response.statusCode = request.url === "/genesis" ? status : 404
    response.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return { url: `http://127.0.0.1:${address.port}`, asked: () => asked }
}

const genesisOf = (genesis: object) => JSON.stringify({ jsonrpc: "2.0", id: -1, result: { genesis } })

/** A port that nobody listens on. */
async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return `http://127.0.0.1:${address.port}`
}

function ready(...sources: readonly string[]): ScriptRun {
  const run = new ScriptRun("start-node.sh")
  run.program("simd", 'echo "simd $*"')
  run.write("config/config.toml", "moniker = 1\n")
  run.write("config/app.toml", "pruning = 1\n")
  run.write("secrets/node_key.json", "{}")
  const validators = `${RFC_8032_KEY.address} ${COMET_VALIDATOR.address}`
  run.write(
    "config/settings",
    settingsText({ binary: "simd", chain_id: "lab-1", genesis_rpc: sources.join(" "), validator_addresses: validators }),
  )
  return run
}

function withGenesis(): ScriptRun {
  const run = ready("http://127.0.0.1:1")
  run.write("home/config/genesis.json", "{}")
  return run
}

const refusal = (line: string) => `start-node: the node does not start: ${line}`

describe("start-node.sh: genesis", () => {
  it("is taken when two sources agree, whatever the order of their keys", async () => {
    const [first, second] = [await source(genesisOf(GENESIS)), await source(genesisOf(REORDERED))]
    const run = ready(first.url, `${second.url}/`)
    expect(await run.run()).toMatchObject({ code: 0, stdout: STARTED })
    expect(JSON.parse(readFileSync(run.path("home/config/genesis.json"), "utf8"))).toEqual(GENESIS)
    for (const left of ["answer", "candidate", "first"]) expect(existsSync(run.path(`home/genesis.${left}`))).toBe(false)
  })

  it("is fetched once", async () => {
    const [first, second] = [await source(genesisOf(GENESIS)), await source(genesisOf(GENESIS))]
    const run = ready(first.url, second.url)
    await run.run()
    await run.run()
    expect([first.asked(), second.asked()]).toEqual([1, 1])
  })

  it("is not taken when the sources disagree", async () => {
    const other = { ...GENESIS, app_state: { bank: { supply: ["2", "1"] } } }
    const run = ready((await source(genesisOf(GENESIS))).url, (await source(genesisOf(other))).url)
    expect(await run.run()).toMatchObject({ code: 1, stdout: "", stderr: refusal("the genesis sources disagree: check chain.genesis.rpc") })
    expect(existsSync(run.path("home/config/genesis.json"))).toBe(false)
  })

  it("is not taken from one source when the other is down", async () => {
    const down = await nobody()
    const run = ready(down, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toContain(`start-node: no genesis from ${down}\n`)
    expect(stderr).toContain(refusal("fewer than two genesis sources answered; it is tried again at the next start"))
    expect(existsSync(run.path("home/config/genesis.json"))).toBe(false)
  })

  it("is taken from the other two when one of three is down", async () => {
    const run = ready((await source(genesisOf(GENESIS))).url, await nobody(), (await source(genesisOf(GENESIS))).url)
    expect(await run.run()).toMatchObject({ code: 0, stdout: STARTED })
  })

  it("is not taken from a source of another chain", async () => {
    const strange = await source(genesisOf({ ...GENESIS, chain_id: "lab-2" }))
    const run = ready(strange.url, (await source(genesisOf(GENESIS))).url)
    expect(await run.run()).toMatchObject({ code: 1, stdout: "", stderr: refusal(`${strange.url} serves the chain lab-2, not lab-1`) })
  })

  it.each([
    ["an error", 500, genesisOf(GENESIS), "no genesis from"],
    ["prose", 200, "<html>", "does not answer with a genesis"],
    ["a JSON-RPC error", 200, '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603}}', "does not answer with a genesis"],
  ])("is not taken from a source that answers with %s", async (_, status, answer, line) => {
    const run = ready((await source(answer, status)).url, (await source(genesisOf(GENESIS))).url)
    const { code, stderr } = await run.run()
    expect(code).toBe(1)
    expect(stderr).toContain(line)
    expect(stderr).toContain("fewer than two genesis sources answered")
  })
})

describe("start-node.sh: keys", () => {
  it.each([
    ["a validator's key", COMET_VALIDATOR_KEY],
    ["a validator's key under a false address", COMET_VALIDATOR_KEY.replace(COMET_VALIDATOR.address, "0".repeat(40))],
    ["a validator's address", `{"address":"${RFC_8032_KEY.address}"}`],
  ])("refuses %s in priv_validator_key.json", async (_, text) => {
    const run = withGenesis()
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
    const run = withGenesis()
    run.write("home/config/priv_validator_key.json", "{")
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal("ROOT/home/config/priv_validator_key.json cannot be read: move it away"),
    })
  })

  it("does not mind the random key that a node makes for itself", async () => {
    const run = withGenesis()
    const stranger = { address: "0".repeat(40), priv_key: { value: Buffer.alloc(64, 7).toString("base64") } }
    run.write("home/config/priv_validator_key.json", JSON.stringify(stranger))
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })

  it("refuses to start without its node key", async () => {
    const run = withGenesis()
    rmSync(run.path("secrets/node_key.json"))
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: refusal("the node key is missing") })
  })
})

describe("start-node.sh: configuration", () => {
  it("refuses to start without its settings", async () => {
    const run = withGenesis()
    rmSync(run.path("config/settings"))
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: refusal("ROOT/config/settings is missing: render and install the configuration again"),
    })
  })

  it("installs what was rendered at every start, and keeps the node's own state", async () => {
    const run = withGenesis()
    expect(await run.run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
    expect(readFileSync(run.path("home/data/priv_validator_state.json"), "utf8")).toBe('{"height":"0","round":0,"step":0}\n')
    run.write("config/config.toml", "moniker = 2\n")
    run.write("home/config/app.toml", "edited by hand\n")
    run.write("home/data/priv_validator_state.json", '{"height":"9","round":0,"step":3}')
    await run.run()
    expect(readFileSync(run.path("home/config/config.toml"), "utf8")).toBe("moniker = 2\n")
    expect(readFileSync(run.path("home/config/app.toml"), "utf8")).toBe("pruning = 1\n")
    expect(readFileSync(run.path("home/config/node_key.json"), "utf8")).toBe("{}")
    expect(readFileSync(run.path("home/data/priv_validator_state.json"), "utf8")).toBe('{"height":"9","round":0,"step":3}')
    expect(statSync(run.path("home/config/node_key.json")).mode & 0o077).toBe(0)
  })

  it("runs under cosmovisor where the home directory has one", async () => {
    const run = withGenesis()
    run.program("cosmovisor", 'echo "cosmovisor $*"')
    expect((await run.run()).stdout).toBe(STARTED)
    run.write("home/cosmovisor/genesis/bin/simd", "")
    expect((await run.run()).stdout).toBe("cosmovisor run start --home ROOT/home")
  })
})
