import { createHash } from "node:crypto"
import { stringify } from "smol-toml"
import { settingsText } from "../../src/core/render/settings.ts"
import { COMET_VALIDATOR, RFC_8032_KEY } from "./known-keys.ts"
import { ScriptRun } from "./script-run.ts"

export const GENESIS = { chain_id: "lab-1", genesis_time: "2026-01-01T00:00:00Z", app_state: { bank: { supply: ["1", "2"] } } }

/** What start-node.sh prints as the digest of GENESIS: keys sorted, two spaces, one line feed at the end. */
export const GENESIS_SHA256 = createHash("sha256")
  .update(
    `${JSON.stringify({ app_state: GENESIS.app_state, chain_id: GENESIS.chain_id, genesis_time: GENESIS.genesis_time }, undefined, 2)}\n`,
  )
  .digest("hex")

export const STARTED = "simd start --home ROOT/home"
export const CONFIG = {
  moniker: "one",
  rpc: { enable: false, laddr: "tcp://0.0.0.0:26657" },
  statesync: statesync(),
  blocksync: { version: "v0" },
}

function statesync() {
  return { enable: false, rpc_servers: "", trust_height: 0, trust_hash: "", trust_period: "168h0m0s" }
}

/** A node's directory as it was rendered and installed, before its first start. */
export function readyNode(settings: Readonly<Record<string, string>>): ScriptRun {
  const run = new ScriptRun("start-node.sh")
  run.program("simd", 'echo "simd $*"')
  run.write("config/config.toml", stringify(CONFIG))
  run.write("config/app.toml", "pruning = 1\n")
  run.write("secrets/node_key.json", "{}")
  const validator_addresses = `${RFC_8032_KEY.address} ${COMET_VALIDATOR.address}`
  const rest = { binary: "simd", chain_id: "lab-1", genesis_rpc: "", genesis_sha256: "", validator_addresses, bootstrap: "genesis" }
  run.write("config/settings", settingsText({ ...rest, ...settings }))
  return run
}

/** A node that has its genesis and its record of it already. */
export function nodeWithGenesis(settings: Readonly<Record<string, string>> = {}): ScriptRun {
  const run = readyNode(settings)
  const text = JSON.stringify(GENESIS)
  run.write("home/config/genesis.json", text)
  run.write("home/config/genesis.sha256", `canonical=${GENESIS_SHA256}\nfile=${createHash("sha256").update(text).digest("hex")}\n`)
  return run
}

export const refusal = (line: string): string => `start-node: the node does not start: ${line}`
