import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { containersOn, shell } from "../drill/host-facts.ts"
import { Operator } from "../drill/operator.ts"
import { receiptIn } from "../drill/receipt.ts"
import type { Chain } from "../lab/chain/chain.ts"
import { makeCometKey } from "../lab/chain/comet-keys.ts"
import { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"
import { Witness } from "../lab/witness/witness.ts"

const HOSTS = ["sen-1", "sen-2", "val-1", "val-2", "val-3", "sig-a", "sig-b"] as const
const HOST_OF: Readonly<Record<string, string>> = { "node-1": "val-1", "node-2": "val-2", "node-3": "val-3" }
/** Both validators have to sign before half of the slashing window is missed, and a set-up on a busy machine takes a while. */
const BLOCK_MS = 2500
/** Short enough that a first snapshot is there soon, on a chain that begins with the test. */
const SNAPSHOT_INTERVAL = 10

const report = (line: string) => process.stderr.write(`${line}\n`)

const STATUS = z.object({
  result: z.object({
    node_info: z.object({ id: z.string(), moniker: z.string() }),
    sync_info: z.object({ earliest_block_height: z.coerce.number() }),
  }),
})
const KEYS = z.object({ nodes: z.array(z.object({ name: z.string(), id: z.string() })) })
const INSPECTED = z.object({
  HostConfig: z.object({ ReadonlyRootfs: z.boolean(), CapDrop: z.array(z.string()), Memory: z.number() }),
  State: z.object({ Health: z.object({ Status: z.string() }).optional() }),
})

/** Two validators share sentries and private nodes; private nodes begin at the sentries' snapshots; settings come from every layer. */
describe("two validators on shared pools", () => {
  let lab: Lab
  let chain: Chain
  let operator: Operator
  let witnesses: Readonly<Record<"a" | "b", Witness>>

  beforeAll(async () => {
    await ensureSetup(report)
    await Lab.cleanStale(report)
    lab = await Lab.create({ hosts: [...HOSTS], label: "twins", images: "later" }, { report })
    operator = await Operator.sitDown(lab.dir)
    const keys = { a: makeCometKey(), b: makeCometKey() }
    for (const [name, key] of Object.entries(keys)) await writeFile(join(lab.dir, `${name}.key`), key.seedBase64, { mode: 0o600 })
    const request = {
      consensusPubkeyBase64: keys.a.publicKeyBase64,
      moreConsensusPubkeysBase64: [keys.b.publicKeyBase64],
      blockMs: BLOCK_MS,
    }
    await lab.loadImages()
    chain = await lab.startChain(request)
    const rpc = chain.genesisRpc
    witnesses = {
      a: new Witness({ rpc, publicKeyBase64: keys.a.publicKeyBase64 }),
      b: new Witness({ rpc, publicKeyBase64: keys.b.publicKeyBase64 }),
    }
  })

  afterAll(async () => {
    await operator?.leave()
    await lab?.down()
  })

  test("come up from one file, and both sign", async () => {
    const settings = [
      `ssh.config=${lab.sshConfig}`,
      `images.node=${lab.images.node}`,
      `images.tmkms=${lab.images.tmkms}`,
      `chain.id=${chain.id}`,
      `chain.blockTime=${BLOCK_MS}ms`,
      `chain.genesis.rpc=[${chain.genesisRpc.slice(0, 2).join(", ")}]`,
      `chain.peers=[${chain.peers.join(", ")}]`,
      `pools.sentries.snapshots={interval: ${SNAPSHOT_INTERVAL}, keep: 5}`,
      "pools.private.bootstrap=sentries",
      "pools.private.config.mempool.size=4321",
      "sentries.sentry-1.snapshots=null",
      "sentries.sentry-2.snapshots=null",
      ...HOSTS.flatMap((host) => [`hosts.${host}.ssh=${host}`, `hosts.${host}.private=${lab.host(host).address}`]),
    ]
    const imports = ["a", "b"].flatMap((name) => ["--import-consensus-key", `${name}=${join(lab.dir, `${name}.key`)}`])
    const init = ["init", "--preset", "multi-validator", "--profile", "devnet", "--name", "twins", ...imports]
    await operator.must([...init, ...settings.flatMap((setting) => ["--set", setting])])
    await operator.must(["validate"])
    await operator.must(["up", "--yes"])
    for (const witness of Object.values(witnesses)) {
      const tip = await witness.judgedTip()
      expect((await witness.testify(tip, tip + 2)).signed.length).toBeGreaterThanOrEqual(2)
    }
  })

  test("every node is the one that its key says, and private nodes began at a snapshot", async () => {
    const { nodes } = KEYS.parse((await operator.ask(["keys", "show"])).data)
    for (const { name, id } of nodes) {
      const host = HOST_OF[name] ?? name.replace("sentry", "sen")
      const status = STATUS.parse(JSON.parse(await shell(lab, host, "curl -fsS http://127.0.0.1:26657/status"))).result
      expect(status.node_info).toEqual({ id, moniker: `twins-${name}` })
      if (name in HOST_OF) expect(status.sync_info.earliest_block_height, name).toBeGreaterThan(1)
      expect(await shell(lab, host, `grep '^size = ' /opt/gonka-ha/twins/nodes/${name}/home/config/config.toml`)).toBe(
        name in HOST_OF ? "size = 4321" : "size = 10000",
      )
    }
  })

  test("the image writes no setting that the deployment's table does not know", async () => {
    expect((await operator.must(["check-image"])).stdout).toContain("sdk-0.50")
  })

  test("containers are confined, and every one of them becomes healthy", async () => {
    for (const host of HOSTS) {
      const facts = [...(await containersOn(lab, host)).values()].map(({ inspected }) => INSPECTED.parse(JSON.parse(inspected)))
      expect(facts.length).toBeGreaterThan(0)
      for (const { HostConfig } of facts) expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"] })
    }
    const healthOf = async () => {
      const states = await Promise.all(HOSTS.map(async (host) => [...(await containersOn(lab, host))]))
      return states
        .flat()
        .filter(([, { status }]) => status === "running")
        .map(([name, { inspected }]) => `${name} ${INSPECTED.parse(JSON.parse(inspected)).State.Health?.Status}`)
    }
    let health: readonly string[] = []
    await waitUntil(
      "every running container is healthy",
      async () => {
        health = await healthOf()
        return health.every((line) => line.endsWith(" healthy")) ? true : undefined
      },
      { stuckAfterMs: 120_000, progress: () => health.join(", ") },
    )
  })

  test("one is moved and the other does not notice", async () => {
    const before = await witnesses.b.judgedTip()
    const receipt = receiptIn(await operator.run(["promote", "node-3", "--validator", "a", "--yes", "--json"]))
    expect([receipt.from, receipt.to]).toEqual(["node-1", "node-3"])
    const refused = await operator.run(["promote", "node-3", "--validator", "b", "--yes"])
    expect(refused.code).toBe(6)
    expect(refused.stderr).toContain("is the active node of validator a: one port holds one signer")
    const after = await witnesses.b.judgedTip()
    expect((await witnesses.b.testify(before, after)).missed).toEqual([])
    for (const witness of Object.values(witnesses)) {
      const { doubleSigns, tombstoned } = await witness.testify(1, after)
      expect({ doubleSigns, tombstoned }).toEqual({ doubleSigns: [], tombstoned: false })
    }
  })

  test("a second up has nothing to do", async () => {
    expect((await operator.must(["up", "--yes"])).stdout).toContain("nothing to do: every host matches its files")
  })
})
