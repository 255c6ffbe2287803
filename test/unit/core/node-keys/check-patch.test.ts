import { describe, expect, it } from "vitest"
import { checkPatch } from "../../../../src/core/node-keys/check-patch.ts"
import { CONFIG_FILES } from "../../../../src/core/node-keys/node-key.ts"
import { NODE_VERSIONS, nodeKeys } from "../../../../src/core/node-keys/versions.ts"

const GONKA = "gonka-0.2"

describe("a patch that is fine", () => {
  it("has no problem", () => {
    expect(
      checkPatch(
        "config",
        {
          log_level: "p2p:debug,*:info",
          log_format: "json",
          "p2p.max_num_inbound_peers": 200,
          "p2p.handshake_timeout": "1m30.5s",
          "rpc.cors_allowed_origins": ["*"],
          "statesync.chunk_fetchers": 8,
          "mempool.broadcast": false,
        },
        GONKA,
      ),
    ).toEqual([])
    expect(
      checkPatch("app", { "query-gas-limit": "5000", "mempool.max-txs": -1, "telemetry.global-labels": [["chain", "gonka"]] }, GONKA),
    ).toEqual([])
  })

  it("may repeat the default of every key that is not owned", () => {
    for (const version of NODE_VERSIONS) {
      for (const file of CONFIG_FILES) {
        const free = [...nodeKeys(version)[file].values()].filter(({ owned }) => owned === undefined)
        expect(checkPatch(file, Object.fromEntries(free.map((entry) => [entry.key, entry.default])), version)).toEqual([])
      }
    }
  })

  it("is judged by the keys of its version", () => {
    expect(checkPatch("app", { "wasm.lru_size": 1 }, "sdk-0.50")).toEqual([])
    expect(checkPatch("app", { "wasm.lru_size": 1 }, GONKA)).toEqual([
      { key: "wasm.lru_size", problem: "unknown", reason: "app.toml of gonka-0.2 has no key wasm.lru_size" },
    ])
  })
})

describe("a key that gonka-ha owns", () => {
  it.each([
    ["config", "priv_validator_laddr", "tcp://0.0.0.0:26659"],
    ["config", "priv_validator_key_file", "config/other.json"],
    ["config", "priv_validator_state_file", "data/other.json"],
    ["config", "node_key_file", "config/other.json"],
    ["config", "rpc.laddr", "tcp://0.0.0.0:1"],
    ["config", "p2p.pex", true],
    ["config", "p2p.persistent_peers", ""],
    ["config", "p2p.private_peer_ids", ""],
    ["config", "statesync.enable", true],
    ["config", "consensus.double_sign_check_height", 10],
    ["config", "tx_index.psql-conn", "postgres://user:secret@db"],
    ["app", "minimum-gas-prices", "1ngonka"],
    ["app", "pruning", "nothing"],
    ["app", "min-retain-blocks", 10],
    ["app", "api.enable", true],
    ["app", "state-sync.snapshot-interval", 10],
  ] as const)("of %s, %s, is refused with the reason, whatever its value", (file, key, value) => {
    for (const version of NODE_VERSIONS) {
      const owned = nodeKeys(version)[file].get(key)?.owned
      const refused = [{ key, problem: "owned", reason: `${key} is set by gonka-ha alone: ${owned}` }]
      expect(owned).toMatch(/ /)
      expect(checkPatch(file, { [key]: value }, version)).toEqual(refused)
      expect(checkPatch(file, { [key]: null }, version)).toEqual(refused)
    }
  })

  it("is not quoted with the value, which may be a secret", () => {
    expect(JSON.stringify(checkPatch("config", { "tx_index.psql-conn": "sentinel" }, GONKA))).not.toContain("sentinel")
  })
})

describe("an unknown key", () => {
  it.each([
    ["config", "p2p.max_inbound_peers", "p2p.max_num_inbound_peers"],
    ["config", "p2p.sendrate", "p2p.send_rate"],
    ["config", "pex", "p2p.pex"],
    ["config", "rpc.timeout_propose", "consensus.timeout_propose"],
    ["config", "mempool.keep_invalid_txs_in_cache", "mempool.keep-invalid-txs-in-cache"],
    ["app", "query_gas_limit", "query-gas-limit"],
    ["app", "iavl-cachesize", "iavl-cache-size"],
  ] as const)("of %s, %s, comes with the nearest known one, %s", (file, key, nearest) => {
    expect(checkPatch(file, { [key]: 1 }, GONKA)).toEqual([
      { key, problem: "unknown", reason: `${file}.toml of gonka-0.2 has no key ${key}`, nearest },
    ])
  })

  it("comes without one when nothing is near, or when its name is in several tables", () => {
    for (const key of ["frobnicate.the.node", "laddr", "toString", "__proto__.x"]) {
      expect(checkPatch("config", { [key]: 1 }, GONKA)).toEqual([
        { key, problem: "unknown", reason: `config.toml of gonka-0.2 has no key ${key}` },
      ])
    }
  })

  it("is told from one of the other file, and from a table", () => {
    expect(checkPatch("config", { "query-gas-limit": "1" }, GONKA)).toEqual([
      { key: "query-gas-limit", problem: "unknown", reason: "query-gas-limit is a key of app.toml: move it under `app`" },
    ])
    expect(checkPatch("app", { "telemetry.prometheus": true, "p2p.pex": true, streaming: 1 }, GONKA).map(({ reason }) => reason)).toEqual([
      "app.toml of gonka-0.2 has no key telemetry.prometheus",
      "p2p.pex is a key of config.toml: move it under `config`",
      "streaming is a table of app.toml and takes settings, not a value",
    ])
  })
})

describe("a value of another type", () => {
  it.each([
    ["config", "moniker", 5, "a text"],
    ["config", "log_format", "xml", "one of plain, json"],
    ["config", "blocksync.version", "v1", "v0"],
    ["config", "p2p.max_num_inbound_peers", "40", "a whole number from 0"],
    ["config", "p2p.max_num_inbound_peers", -1, "a whole number from 0"],
    ["config", "p2p.max_num_inbound_peers", 1.5, "a whole number from 0"],
    ["config", "p2p.dial_timeout", "3 s", "a duration such as 500ms or 1m30s"],
    ["config", "p2p.dial_timeout", 3, "a duration such as 500ms or 1m30s"],
    ["config", "p2p.dial_timeout", "-3s", "a duration such as 500ms or 1m30s"],
    ["config", "mempool.broadcast", "yes", "true or false"],
    ["config", "mempool.broadcast", null, "true or false"],
    ["config", "rpc.cors_allowed_origins", "*", "a list of texts"],
    ["config", "rpc.cors_allowed_origins", [1], "a list of texts"],
    ["config", "statesync.chunk_fetchers", "four", "a whole number from 0"],
    ["app", "mempool.max-txs", "all", "a whole number"],
    ["app", "telemetry.global-labels", ["chain"], "a list of pairs of texts"],
    ...["info,p2p:error", "loud", "p2p:loud", "p2p:info,p2p:error", "p2p:", "", 3].map(
      (value) => ["config", "log_level", value, 'one level such as info, or a level for each module such as "*:info,p2p:error"'] as const,
    ),
  ] as const)("%s: %s must not be %j", (file, key, value, wanted) => {
    expect(checkPatch(file, { [key]: value }, GONKA)).toEqual([{ key, problem: "type", reason: `${key} must be ${wanted}` }])
  })
})

it("names every problem of a patch, in the order in which it is written", () => {
  const patch = { "p2p.pexx": true, moniker: 1, "p2p.pex": true, log_level: "info" }
  expect(checkPatch("config", patch, GONKA).map(({ key, problem }) => [key, problem])).toEqual([
    ["p2p.pexx", "unknown"],
    ["moniker", "type"],
    ["p2p.pex", "owned"],
  ])
})
