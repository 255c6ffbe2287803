import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parse, stringify } from "smol-toml"
import { afterAll, beforeAll, expect, it } from "vitest"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { identityOfThisProcess } from "../../dev/setup/process-identity.ts"
import { settingsText } from "../../src/core/render/settings.ts"
import type { Chain } from "../lab/chain/chain.ts"
import { makeCometKey } from "../lab/chain/comet-keys.ts"
import { callRpc } from "../lab/chain/rpc.ts"
import { docker } from "../lab/docker.ts"
import { execInContainer } from "../lab/exec-in-container.ts"
import { Lab } from "../lab/lab.ts"
import { labelArgs } from "../lab/lab-identity.ts"
import { waitUntil } from "../lab/wait-until.ts"
import { TEMPLATES_DIR } from "../support/package-paths.ts"

const SETUP_LIMIT_MS = 20 * 60_000
const TEST_LIMIT_MS = 5 * 60_000
const BLOCK_MS = 500
const SNAPSHOT_INTERVAL = 10
const STUCK_AFTER_MS = 90_000
const NUMBERS = { "sentry-1": 31, "sentry-2": 32, "node-1": 33 } as const
type Name = keyof typeof NUMBERS

const STATUS = z.object({
  sync_info: z.object({ latest_block_height: z.coerce.number(), earliest_block_height: z.coerce.number(), catching_up: z.boolean() }),
})
const tableOf = z.record(z.string(), z.unknown())

const report = (line: string) => process.stderr.write(`${line}\n`)
const keys = { "sentry-1": makeCometKey(), "sentry-2": makeCometKey(), "node-1": makeCometKey() }
let root: string
let lab: Lab
let chain: Chain
let defaults: { readonly config: string; readonly app: string }

beforeAll(async () => {
  await ensureSetup(report)
  root = mkdtempSync(join(tmpdir(), "gonka-ha-state-sync-"))
  lab = await Lab.create({ hosts: [], label: "statesync" }, { report })
  chain = await lab.startChain({ consensusPubkeyBase64: makeCometKey().publicKeyBase64, blockMs: BLOCK_MS })
  const init = "simd init x --home /tmp/x >/dev/null 2>&1 && cat /tmp/x/config"
  const read = (file: string) => docker(["run", "--rm", "--network", "none", lab.images.node, "sh", "-c", `${init}/${file}`])
  defaults = { config: await read("config.toml"), app: await read("app.toml") }
}, SETUP_LIMIT_MS)

afterAll(async () => {
  await lab?.down()
  if (root !== undefined) rmSync(root, { recursive: true, force: true })
})

/** `simd init`'s own file with some keys replaced, in the form in which the product writes TOML. */
function patched(text: string, patch: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const { "": top = {}, ...tables } = patch
  const base = parse(text)
  const changed = Object.entries(tables).map(([table, values]) => [table, { ...tableOf.parse(base[table]), ...values }])
  return stringify({ ...base, ...top, ...Object.fromEntries(changed) })
}

const rpcOf = (name: Name) => `http://${addressOf(name)}:26657`
const peerOf = (name: Name) => `${keys[name].address}@${addressOf(name)}:26656`

function addressOf(name: Name): string {
  const network = /^http:\/\/(\d+\.\d+\.\d+)\./.exec(chain.genesisRpc[0] ?? "")?.[1]
  if (network === undefined) throw new Error("the chain has no address")
  return `${network}.${NUMBERS[name]}`
}

/** A node's directory as an installation leaves it. */
function install(
  name: Name,
  peers: readonly string[],
  appPatch: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string>>,
) {
  const files = {
    "config/config.toml": patched(defaults.config, {
      rpc: { laddr: "tcp://0.0.0.0:26657", pprof_laddr: "" },
      p2p: { persistent_peers: peers.join(","), addr_book_strict: false, allow_duplicate_ip: true, pex: false },
      // The shortest that CometBFT takes.
      statesync: { discovery_time: "5s" },
    }),
    "config/app.toml": patched(defaults.app, {
      "": { "minimum-gas-prices": "0stake", "iavl-disable-fastnode": true },
      "state-sync": appPatch,
    }),
    "config/settings": settingsText({
      binary: "simd",
      chain_id: chain.id,
      genesis_rpc: chain.genesisRpc.join(" "),
      genesis_sha256: "",
      validator_addresses: "",
      freshness_seconds: "20",
      ...settings,
    }),
    "config/start-node.sh": readFileSync(join(TEMPLATES_DIR, "start-node.sh"), "utf8"),
    "config/node-health.sh": readFileSync(join(TEMPLATES_DIR, "node-health.sh"), "utf8"),
    "secrets/node_key.json": keys[name].nodeKeyJson,
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true })
    writeFileSync(join(root, name, path), content)
  }
  mkdirSync(join(root, name, "home"))
}

/** As hard a container as the product may make: nothing but the node's home and a small /tmp can be written. */
async function start(name: Name): Promise<string> {
  const container = `${lab.id}-${name}`
  const dir = join(root, name)
  await docker([
    ...["run", "--detach", "--name", container, "--network", `gonka-ha-lab-${lab.id}`, "--ip", addressOf(name)],
    ...labelArgs({ id: lab.id, owner: identityOfThisProcess() }),
    ...["--read-only", "--tmpfs", "/tmp:size=1m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"],
    ...["--volume", `${dir}/config:/gonka-ha/config:ro`, "--volume", `${dir}/secrets:/gonka-ha/secrets:ro`],
    ...["--volume", `${dir}/home:/gonka-ha/home`, "--entrypoint", "/bin/sh", lab.images.node, "/gonka-ha/config/start-node.sh"],
  ])
  return container
}

const syncInfo = async (url: string) => STATUS.parse(await callRpc(url, "status")).sync_info
const logOf = (container: string) => docker(["logs", container])

async function atTheTip(name: Name, container: string) {
  const look = async () => {
    const [own, tip] = await Promise.all([syncInfo(rpcOf(name)).catch(() => undefined), chain.height()])
    return own !== undefined && !own.catching_up && own.latest_block_height >= tip - 1 ? own : undefined
  }
  const progress = async () => `${(await logOf(container)).split("\n").length} lines of log, ${await syncInfo(rpcOf(name)).catch(() => "")}`
  return waitUntil(`${name} is at the tip`, look, { stuckAfterMs: STUCK_AFTER_MS, progress, pollMs: 250 })
}

const health = (container: string) => execInContainer(container, ["sh", "/gonka-ha/config/node-health.sh"])

it(
  "brings a private node to the tip from the sentries' first snapshot, also when it is killed on the way",
  async () => {
    const fromSentries = {
      bootstrap: "sentries",
      state_sync_rpc: `${rpcOf("sentry-1")} ${rpcOf("sentry-2")}`,
      snapshot_sources: `${rpcOf("sentry-1")}=${SNAPSHOT_INTERVAL} ${rpcOf("sentry-2")}=${SNAPSHOT_INTERVAL}`,
    }
    install("node-1", [peerOf("sentry-1"), peerOf("sentry-2")], {}, fromSentries)
    const node = await start("node-1")
    await waitUntil(
      "the node waits for its sentries",
      async () => ((await logOf(node)).includes("waiting for a snapshot") ? true : undefined),
      {
        stuckAfterMs: STUCK_AFTER_MS,
      },
    )
    expect(await health(node)).toMatchObject({ code: 1, stdout: expect.stringContaining("the RPC of the node does not answer") })

    const snapshots = { "snapshot-interval": SNAPSHOT_INTERVAL, "snapshot-keep-recent": 5 }
    for (const name of ["sentry-1", "sentry-2"] as const) install(name, chain.peers, snapshots, { bootstrap: "genesis" })
    await Promise.all([start("sentry-1"), start("sentry-2")])

    // The node's stores are there from its first second, and stay empty until a snapshot was found and applied.
    await waitUntil(
      "the node begins its state sync",
      async () => (existsSync(join(root, "node-1/home/data/blockstore.db")) ? true : undefined),
      {
        stuckAfterMs: STUCK_AFTER_MS,
        progress: () => logOf(node),
      },
    )
    const trusted = readFileSync(join(root, "node-1/home/statesync.trust"), "utf8")
    expect(trusted).toMatch(/^trust_height=\d*9\ntrust_hash=[0-9A-F]{64}\nrpc_servers=http:\S+,http:\S+\n$/)
    await docker(["kill", node])
    expect(existsSync(join(root, "node-1/home/data/cs.wal"))).toBe(false)
    await docker(["start", node])

    const { earliest_block_height: earliest } = await atTheTip("node-1", node)
    expect(earliest).toBeGreaterThan(1)
    expect(await logOf(node)).toContain("an earlier state sync was interrupted and is tried again")
    expect(await health(node)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^healthy: block \d+ is -?\d+ s old$/) })

    // From now on it is a node like any other: it starts without its sentries' word, and on the file as it was rendered.
    await docker(["restart", "--time", "10", node])
    expect((await atTheTip("node-1", node)).earliest_block_height).toBe(earliest)
    expect(readFileSync(join(root, "node-1/home/config/config.toml"), "utf8")).toBe(
      readFileSync(join(root, "node-1/config/config.toml"), "utf8"),
    )
  },
  TEST_LIMIT_MS,
)
