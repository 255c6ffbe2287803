import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import { parse } from "smol-toml"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import type { LabImages } from "../../dev/setup/lab-images.ts"
import { layout } from "../../src/core/render/layout.ts"
import { type ChainNode, nodeOf } from "../../src/core/topology.ts"
import { docker } from "../lab/docker.ts"
import { makeLabDirectory } from "../lab/lab-directory.ts"
import { type LabIdentity, labelArgs, newLabIdentity } from "../lab/lab-identity.ts"
import { removeLab } from "../lab/remove-lab.ts"
import { type BootedNode, bootNode } from "../support/booted-node.ts"
import { goldenSpec, goldenSpecs } from "../support/golden-specs.ts"
import {
  composeTrials,
  deviceTrials,
  firewallTrials,
  haproxyTrials,
  kmsTrials,
  nodeIdTrial,
  shellTrials,
  viewTrial,
} from "../support/golden-trials.ts"
import { type InstalledGolden, installGolden } from "../support/installed-golden.ts"
import { meantNode, meantPorts } from "../support/meant-node.ts"
import { meantSettings, settingsIn } from "../support/meant-settings.ts"
import { throwAwayGenesis } from "../support/throw-away-genesis.ts"
import { complaintsOf, type Trial, trialScript, type Verdict, verdictsIn } from "../support/trials.ts"

const SETUP_LIMIT_MS = 20 * 60_000
const TEST_LIMIT_MS = 5 * 60_000
const NAMES = goldenSpecs().map(({ name }) => name)

let identity: LabIdentity
let dir: string
let images: LabImages
let goldens: ReadonlyMap<string, InstalledGolden>
let genesis: ReadonlyMap<string, string>

beforeAll(async () => {
  identity = newLabIdentity("golden")
  images = (await ensureSetup((line) => process.stderr.write(`${line}\n`))).images
  dir = makeLabDirectory(identity)
  const installed = await Promise.all(goldenSpecs().map((spec) => installGolden(spec, dir)))
  goldens = new Map(installed.map((golden) => [golden.name, golden]))
  genesis = await throwAwayGenesis(identity, images.node, [...new Set(installed.map(({ topology }) => topology.chain.id))])
}, SETUP_LIMIT_MS)

afterAll(async () => {
  await removeLab(identity.id)
})

function goldenOf(name: string): InstalledGolden {
  const golden = goldens.get(name)
  if (!golden) throw new Error(`there is no golden topology ${name}`)
  return golden
}

/** Makes trials in one container that sees a golden tree and has no network. */
async function inContainer(image: string, golden: InstalledGolden, trials: readonly Trial[]): Promise<readonly Verdict[]> {
  const mounts = ["--volume", `${golden.dir}:/golden:ro`, "--entrypoint", "sh"]
  const args = ["run", "--rm", "--interactive", "--network", "none", ...labelArgs(identity), ...mounts, image]
  return verdictsIn(trials, await docker(args, trialScript(trials)))
}

/** In a network of their own, so that nothing of this machine's own rules is read or touched. */
async function onThisMachine(trials: readonly Trial[]): Promise<readonly Verdict[]> {
  const env = { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }
  const { stdout } = await execa("unshare", ["--net", "sh"], { env, input: trialScript(trials) })
  return verdictsIn(trials, stdout)
}

/** What each program printed, as JSON or as it is; throws with the words of one that failed. */
function saidIn(verdicts: readonly Verdict[]): readonly string[] {
  const failed = verdicts.filter(({ code }) => code !== 0)
  if (failed.length > 0) throw new Error(complaintsOf(failed).join("\n"))
  return verdicts.map(({ said }) => said)
}

/** Another installation with one file changed. */
async function spoilt(name: string, path: string, change: (content: string) => string): Promise<InstalledGolden> {
  const golden = await installGolden(goldenSpec(name), mkdtempSync(join(dir, "spoilt-")))
  const before = readFileSync(join(golden.dir, path), "utf8")
  const after = change(before)
  if (after === before) throw new Error(`${path} has not been spoilt`)
  writeFileSync(join(golden.dir, path), after)
  return golden
}

/** One node for each set of things that nodes differ in. */
function oneOfEachKind({ topology }: InstalledGolden): readonly ChainNode[] {
  const kinds = new Map<string, ChainNode>()
  for (const node of topology.nodes) {
    const kind = JSON.stringify([node.role, node.candidateOf.length > 0, node.services, node.indexer, node.snapshots, node.patches])
    if (!kinds.has(kind)) kinds.set(kind, node)
  }
  return [...kinds.values()]
}

const treeOf = (golden: InstalledGolden, node: ChainNode, file: "config" | "app") =>
  parse(golden.files.get(`${node.host}/${layout.node.config(node.name)}/${file}.toml`) ?? "")

/** What the programs say of every tree is one list, so that a refusal shows up with its words; a good tree leaves it empty. */
describe.concurrent.each(NAMES)("of %s", (name) => {
  it("docker compose, HAProxy and the shell take every file, in the versions of a lab host", { timeout: TEST_LIMIT_MS }, async ({
    expect,
  }) => {
    const golden = goldenOf(name)
    const trials = [...composeTrials(golden), ...haproxyTrials(golden), ...shellTrials(golden)]
    expect(composeTrials(golden)).toHaveLength(golden.topology.hosts.length)
    expect(haproxyTrials(golden)).toHaveLength(golden.topology.apis.length + golden.topology.edges.length)
    expect(complaintsOf(await inContainer(images.host, golden, trials))).toEqual([])
  })

  it("nftables takes every host's rules", { timeout: TEST_LIMIT_MS }, async ({ expect }) => {
    const trials = firewallTrials(goldenOf(name))
    expect(trials).toHaveLength(goldenOf(name).topology.hosts.length)
    expect(complaintsOf(await onThisMachine(trials))).toEqual([])
  })

  it("the node's program reads every node's settings as they were meant", { timeout: TEST_LIMIT_MS }, async ({ expect }) => {
    const golden = goldenOf(name)
    const { nodes } = golden.topology
    const shown = saidIn(
      await inContainer(
        images.node,
        golden,
        nodes.flatMap((node) => [viewTrial(node, "config"), viewTrial(node, "app")]),
      ),
    )
    nodes.forEach((node, index) => {
      const [config, app] = [shown[2 * index], shown[2 * index + 1]].map((text) => JSON.parse(text ?? ""))
      expect({ config, app }).toEqual({ config: treeOf(golden, node, "config"), app: treeOf(golden, node, "app") })
      expect(settingsIn(config, app)).toEqual(meantSettings(golden.topology, node))
    })
  })

  it("tmkms reads every signer's and parking signer's configuration, and dials", { timeout: TEST_LIMIT_MS }, async ({ expect }) => {
    const golden = goldenOf(name)
    expect(complaintsOf(await inContainer(images.tmkms, golden, kmsTrials(golden)))).toEqual([])
    const devices = deviceTrials(golden)
    const signers = golden.topology.validators.flatMap(({ candidates }) => candidates).length
    const parked = golden.topology.nodes.filter((node) => node.candidateOf.length > 0).length
    expect(kmsTrials(golden).length + devices.length).toBe(signers + parked)
    if (devices.length === 0) return
    // This build of tmkms knows keys in files alone. All that it has against a device's configuration is the device.
    const asRendered = await inContainer(
      images.tmkms,
      golden,
      devices.map((device) => device.asRendered),
    )
    expect(asRendered.map(({ said }) => said.split("\n")[1])).toEqual(
      devices.map(() =>
        expect.stringMatching(
          /^error: tmkms fatal error: parse error: unknown field `yubihsm`, expected `softsign` for key `providers` at line \d+ column 1$/,
        ),
      ),
    )
    expect(
      complaintsOf(
        await inContainer(
          images.tmkms,
          golden,
          devices.map((device) => device.withSoftsign),
        ),
      ),
    ).toEqual([])
  })

  it("a node of each kind runs, and says over RPC what it was told", { timeout: TEST_LIMIT_MS }, async ({ expect }) => {
    const golden = goldenOf(name)
    const kinds = new Set(oneOfEachKind(golden).map(({ role, candidateOf }) => `${role} ${candidateOf.length > 0}`))
    expect([...kinds]).toContain("sentry false")
    expect([...kinds]).toContain("private true")
    for (const node of oneOfEachKind(golden)) {
      expect([node.name, await booted(golden, node)]).toEqual([node.name, meantNode(golden, node)])
    }
  })
})

it("the node's program prints the ids of the product's keys, which the files are written with", { timeout: TEST_LIMIT_MS }, async () => {
  const golden = goldenOf("ha-3")
  const { nodes } = golden.topology
  expect(saidIn(await inContainer(images.node, golden, nodes.map(nodeIdTrial)))).toEqual(nodes.map(({ id }) => id))
})

function booted(golden: InstalledGolden, node: ChainNode): Promise<BootedNode> {
  const text = genesis.get(golden.topology.chain.id)
  if (text === undefined) throw new Error(`there is no genesis of ${golden.topology.chain.id}`)
  return bootNode({ identity, images, golden, genesis: text }, node, meantPorts(node))
}

describe.concurrent("a spoilt file is refused by", () => {
  const NAME = "ha-3"
  const NODE = "val-1/nodes/node-1"

  it("docker compose, HAProxy and the shell", async ({ expect }) => {
    const cases = [
      {
        path: "val-1/compose.yaml",
        change: (text: string) => text.replace("read_only:", "readonly:"),
        trials: composeTrials,
        why: "readonly",
      },
      {
        path: "api-1/haproxy/api-manager/haproxy.cfg",
        change: (text: string) => text.replace("lua-load", "lua-lode"),
        trials: haproxyTrials,
        why: "lua-lode",
      },
      { path: `${NODE}/config/start-node.sh`, change: (text: string) => `${text}if true; then\n`, trials: shellTrials, why: "end of file" },
    ]
    for (const { path, change, trials, why } of cases) {
      const golden = await spoilt(NAME, path, change)
      expect(complaintsOf(await inContainer(images.host, golden, trials(golden)))).toEqual([
        expect.stringMatching(`${path}: [\\s\\S]*${why}`),
      ])
    }
  })

  it("nftables", async ({ expect }) => {
    const path = `val-1/${layout.firewall.nftables}`
    const golden = await spoilt(NAME, path, (text) => text.replace("policy accept", "policy accepted"))
    expect(complaintsOf(await onThisMachine(firewallTrials(golden)))).toEqual([expect.stringMatching(`${path}: [\\s\\S]*syntax error`)])
  })

  it("the node's program", async ({ expect }) => {
    const node = nodeOf(goldenOf(NAME).topology, "node-1")
    const noToml = await spoilt(NAME, `${NODE}/config/app.toml`, (text) => text.replace("pruning = ", "pruning = = "))
    const view = await inContainer(images.node, noToml, [viewTrial(node, "app")])
    expect(complaintsOf(view)).toEqual([expect.stringMatching(/app of node-1: [\s\S]*toml: /)])
    const noKey = await spoilt(NAME, "val-1/secrets/nodes/node-1/node_key.json", (text) => text.replace("PrivKeyEd25519", "PrivKeyNone"))
    const id = await inContainer(images.node, noKey, [nodeIdTrial(node)])
    expect(() => saidIn(id)).toThrow("PrivKeyNone")
    const noPort = await spoilt(NAME, `${NODE}/config/config.toml`, (text) => text.replace("0.0.0.0:26656", "0.0.0.0:no-port"))
    await expect(booted(noPort, node)).rejects.toThrow(/ha-3\/node-1 does not start: [\s\S]*no-port/)
  })

  it("tmkms", async ({ expect }) => {
    const path = `${NODE}/parking/config/tmkms.toml`
    const changes = [
      { change: (text: string) => text.replace("reconnect", "reconect"), why: "unknown field `reconect`" },
      {
        change: (text: string) => text.replace("node-1:26658", "node-2:26658"),
        why: "it does not say: \\[gonka-mainnet@tcp://node-1:26658\\]",
      },
    ]
    for (const { change, why } of changes) {
      const golden = await spoilt(NAME, path, change)
      const trials = kmsTrials(golden).filter(({ what }) => what.includes(path))
      expect(complaintsOf(await inContainer(images.tmkms, golden, trials))).toEqual([expect.stringMatching(`${path}: [\\s\\S]*${why}`)])
    }
  })
})
