import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { Secret } from "../../../src/core/secret.ts"
import { resolve } from "../../../src/core/spec/resolve.ts"
import type { Spec } from "../../../src/core/spec/schema.ts"
import { openKeyStore } from "../../../src/edge/key-store.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { checkedTexts } from "../../support/golden-topology.ts"
import { GOOD_SPEC } from "../../support/good-spec.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { parsedSpec } from "../../support/parsed-spec.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const modeOf = (path: string) => statSync(path).mode & 0o777

function specPinning(pubkey: string): Spec {
  const { spec } = checkedTexts(GOOD_SPEC)
  if (!spec) throw new Error("the good spec is wrong")
  return { ...spec, validators: Object.fromEntries(Object.entries(spec.validators).map(([name, main]) => [name, { ...main, pubkey }])) }
}

function newStore() {
  const dir = temporaryDir()
  return { store: openKeyStore(localFiles, join(dir, ".gonka-ha"), noReferences), secrets: join(dir, ".gonka-ha", "secrets") }
}

const noReferences = () => Promise.reject(new Error("this test has no references"))

describe("ensureNodeKeys", () => {
  const wanted = [
    "nodes/node-1/node_key.json",
    "nodes/node-2/node_key.json",
    "nodes/sentry-1/node_key.json",
    "nodes/sentry-2/node_key.json",
    "parking/node-1/consensus.key",
    "parking/node-1/kms-identity.key",
    "parking/node-2/consensus.key",
    "parking/node-2/kms-identity.key",
    "validators/main/kms-identity.key",
  ]

  it("makes every key but the validator's, private, in private directories", async () => {
    const { store, secrets } = newStore()
    const made = await store.ensureNodeKeys(parsedSpec(GOOD_SPEC))
    expect([...made].sort()).toEqual(wanted.map((path) => join(secrets, path)))
    expect(await localFiles.list(secrets)).toEqual(wanted)
    for (const path of made) expect([modeOf(path), modeOf(dirname(path)), modeOf(dirname(dirname(path)))]).toEqual([0o600, 0o700, 0o700])
    expect([modeOf(secrets), modeOf(dirname(secrets))]).toEqual([0o700, 0o700])
    expect(new Set(made.map((path) => readFileSync(path, "utf8"))).size).toBe(made.length)
  })

  it("makes only what is missing the second time", async () => {
    const { store, secrets } = newStore()
    await store.ensureNodeKeys(parsedSpec(GOOD_SPEC))
    const before = wanted.map((path) => readFileSync(join(secrets, path), "utf8"))
    expect(await store.ensureNodeKeys(parsedSpec(GOOD_SPEC))).toEqual([])
    expect(wanted.map((path) => readFileSync(join(secrets, path), "utf8"))).toEqual(before)
    rmSync(join(secrets, "nodes/node-1"), { recursive: true })
    expect(await store.ensureNodeKeys(parsedSpec(GOOD_SPEC))).toEqual([join(secrets, "nodes/node-1/node_key.json")])
  })
})

describe("a consensus key", () => {
  it("is made once", async () => {
    const { store, secrets } = newStore()
    const made = await store.createConsensusKey("main")
    const path = join(secrets, "validators/main/consensus.key")
    expect(modeOf(path)).toBe(0o600)
    expect(await store.consensusIdentity("main")).toEqual(made)
    const content = readFileSync(path, "utf8")
    await expect(store.createConsensusKey("main")).rejects.toMatchObject({ code: "FILE_EXISTS", exit: 6 })
    expect(readFileSync(path, "utf8")).toBe(content)
  })

  it.each([
    { format: "priv_validator_key.json", text: COMET_VALIDATOR_KEY, known: COMET_VALIDATOR },
    { format: "softsign", text: `${RFC_8032_KEY.seed}\n`, known: RFC_8032_KEY },
  ])("is imported from $format as the bare seed", async ({ text, known }) => {
    const { store, secrets } = newStore()
    const identity = { pubkeyBase64: known.pubkey, addressHex: known.address }
    expect(await store.checkConsensusKey("main", new Secret(text))).toEqual(identity)
    expect(await store.consensusIdentity("main")).toBeUndefined()
    expect(await store.importConsensusKey("main", new Secret(text))).toEqual({ identity, imported: "stored" })
    expect(readFileSync(join(secrets, "validators/main/consensus.key"), "utf8")).toBe(known.seed)
    expect(await store.importConsensusKey("main", new Secret(text))).toEqual({ identity, imported: "unchanged" })
  })

  it("does not replace another one", async () => {
    const { store } = newStore()
    await store.importConsensusKey("main", new Secret(RFC_8032_KEY.seed))
    await expect(store.importConsensusKey("main", new Secret(COMET_VALIDATOR_KEY))).rejects.toMatchObject({ code: "KEY_CONFLICT", exit: 6 })
    expect((await store.consensusIdentity("main"))?.pubkeyBase64).toBe(RFC_8032_KEY.pubkey)
  })

  it("of 64 bytes is refused", async () => {
    const { store } = newStore()
    await expect(store.importConsensusKey("main", new Secret(RFC_8032_KEY.seedAndPublic))).rejects.toMatchObject({
      code: "KEY_INVALID",
      exit: 6,
    })
    expect(await store.consensusIdentity("main")).toBeUndefined()
  })

  it("that is damaged in the store is an error, not absent", async () => {
    const { store, secrets } = newStore()
    await store.createConsensusKey("main")
    writeFileSync(join(secrets, "validators/main/consensus.key"), "")
    await expect(store.consensusIdentity("main")).rejects.toMatchObject({ code: "KEY_INVALID" })
  })
})

describe("a state", () => {
  const stateAt = (height: number) => JSON.stringify({ height: String(height), round: 0, step: 3 })

  it("is sealed one height higher, raised, and never lowered", async () => {
    const { store, secrets } = newStore()
    expect(await store.importedState("main")).toBeUndefined()
    expect(await store.checkState("main", stateAt(100))).toEqual({ sealedAt: 101 })
    expect(await store.importedState("main")).toBeUndefined()
    expect(await store.importState("main", stateAt(100))).toEqual({ sealedAt: 101, imported: "stored" })
    expect(await store.importState("main", stateAt(100))).toEqual({ sealedAt: 101, imported: "unchanged" })
    expect(await store.importState("main", stateAt(150))).toEqual({ sealedAt: 151, imported: "stored" })
    await expect(store.importState("main", stateAt(149))).rejects.toMatchObject({ code: "KEY_CONFLICT", exit: 6 })
    expect(await store.importedState("main")).toBe('{"height":"151","round":"0","step":0,"block_id":null}')
    expect(modeOf(join(secrets, "validators/main/state.json"))).toBe(0o600)
  })

  it("that is damaged is refused", async () => {
    const { store } = newStore()
    await expect(store.importState("main", "{}")).rejects.toMatchObject({ code: "KEY_INVALID", exit: 6 })
  })
})

describe("identities", () => {
  it("come from the node keys and the pinned public keys", async () => {
    const { store } = newStore()
    const spec = specPinning(RFC_8032_KEY.pubkey)
    await store.ensureNodeKeys(spec)
    const { identities, issues } = await store.identities(spec, "cosmosvalcons")
    expect(issues).toEqual([])
    expect(identities?.validators.get("main")).toEqual({
      address: RFC_8032_KEY.address,
      consensusAddress: expect.stringMatching(/^cosmosvalcons1[a-z0-9]{38}$/),
    })
    expect([...(identities?.nodeIds.keys() ?? [])]).toEqual(["sentry-1", "sentry-2", "node-1", "node-2"])
    for (const id of identities?.nodeIds.values() ?? []) expect(id).toMatch(/^[0-9a-f]{40}$/)
  })

  it("name every missing, damaged and shared node key", async () => {
    const { store, secrets } = newStore()
    const spec = specPinning(RFC_8032_KEY.pubkey)
    await store.ensureNodeKeys(spec)
    rmSync(join(secrets, "nodes/sentry-1/node_key.json"))
    writeFileSync(join(secrets, "nodes/sentry-2/node_key.json"), "")
    writeFileSync(join(secrets, "nodes/node-2/node_key.json"), readFileSync(join(secrets, "nodes/node-1/node_key.json")))
    const { identities, issues } = await store.identities(spec, "cosmosvalcons")
    expect(identities).toBeUndefined()
    expect(issues).toMatchObject([
      { path: "sentries.sentry-1", message: expect.stringContaining("has no node key"), fix: "run `gonka-ha keys generate`" },
      { path: "sentries.sentry-2", message: expect.stringContaining("it is not JSON") },
      { path: "private.node-2", message: "has the same node key as node-1: the network would see one node" },
    ])
  })

  it("refuse a consensus key that is not the pinned one", async () => {
    const { store } = newStore()
    const spec = specPinning(RFC_8032_KEY.pubkey)
    await store.ensureNodeKeys(spec)
    await store.importConsensusKey("main", new Secret(COMET_VALIDATOR_KEY))
    await expect(store.identities(spec, "cosmosvalcons")).rejects.toMatchObject({ code: "KEY_CONFLICT", exit: 6 })
  })
})

describe("secretFiles", () => {
  async function storeWithTopology() {
    const { store, secrets } = newStore()
    const spec = specPinning(RFC_8032_KEY.pubkey)
    await store.ensureNodeKeys(spec)
    const { identities } = await store.identities(spec, "cosmosvalcons")
    if (!identities) throw new Error("no identities")
    return { store, secrets, topology: resolve(spec, identities) }
  }
  const nodeFiles = [
    ["sen-1", "secrets/nodes/sentry-1/node_key.json"],
    ["sen-2", "secrets/nodes/sentry-2/node_key.json"],
    ["val-1", "secrets/nodes/node-1/node_key.json"],
    ["val-1", "secrets/parking/node-1/consensus.key"],
    ["val-1", "secrets/parking/node-1/kms-identity.key"],
    ["val-2", "secrets/nodes/node-2/node_key.json"],
    ["val-2", "secrets/parking/node-2/consensus.key"],
    ["val-2", "secrets/parking/node-2/kms-identity.key"],
  ]
  const signerFiles = [
    ["sig-1", "secrets/signers/main/consensus.key"],
    ["sig-1", "secrets/signers/main/kms-identity.key"],
  ]

  it("sends the consensus key to the signer's host and nowhere else", async () => {
    const { store, topology } = await storeWithTopology()
    await store.importConsensusKey("main", new Secret(RFC_8032_KEY.seed))
    const files = await store.secretFiles(topology)
    expect(files.map(({ host, path }) => [host, path]).sort()).toEqual([...nodeFiles, ...signerFiles].sort())
    const key = files.find(({ path }) => path === "secrets/signers/main/consensus.key")
    if (!key) throw new Error("no consensus key")
    expect(key.sha256).toBe(sha256(RFC_8032_KEY.seed))
    expect((await store.readSecret(key)).expose()).toBe(RFC_8032_KEY.seed)
  })

  it("does without the consensus key on the machine of another operator", async () => {
    const { store, topology } = await storeWithTopology()
    expect((await store.secretFiles(topology)).map(({ host, path }) => [host, path]).sort()).toEqual([...nodeFiles].sort())
  })

  it("names what is missing", async () => {
    const { store, secrets, topology } = await storeWithTopology()
    rmSync(join(secrets, "parking/node-2/consensus.key"))
    await expect(store.secretFiles(topology)).rejects.toMatchObject({
      code: "KEY_MISSING",
      message: `missing keys: ${join(secrets, "parking/node-2/consensus.key")}`,
    })
  })
})
