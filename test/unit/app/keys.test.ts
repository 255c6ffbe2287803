import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { generateKeys, importKeys, showKeys } from "../../../src/app/keys.ts"
import { generatedKeysText, importedKeysText, publicKeysText } from "../../../src/cli/show-keys.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { initialised } from "../../support/initialised.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { localPorts } from "../../support/local-ports.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

async function deployment() {
  const dir = temporaryDir()
  const outside = temporaryDir()
  writeFileSync(join(outside, "key.json"), COMET_VALIDATOR_KEY)
  writeFileSync(join(outside, "other.key"), RFC_8032_KEY.seed)
  writeFileSync(join(outside, "state.json"), '{"height":"41","round":0,"step":3}')
  const { file } = await initialised(dir, { keyFiles: [join(outside, "key.json")] })
  return { dir, file, outside }
}

describe("showKeys", () => {
  it("shows public halves only", async () => {
    const { dir, file } = await deployment()
    const keys = await showKeys(localPorts, { file })
    expect(keys.validators).toMatchObject([
      { name: "main", address: COMET_VALIDATOR.address, pubkey: COMET_VALIDATOR.pubkey, keyHere: true },
    ])
    expect(keys.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      "sentry-1 sentry",
      "sentry-2 sentry",
      "node-1 private",
      "node-2 private",
    ])
    const shown = `${publicKeysText(keys)}${JSON.stringify(keys)}`
    const secrets = join(dir, ".gonka-ha", "secrets")
    for (const path of await localFiles.list(secrets)) {
      const text = await localFiles.readText(join(secrets, path))
      const secret = path.endsWith("json") ? text.slice(60, 90) : text
      expect(shown).not.toContain(secret)
    }
  })

  it("fits in 80 columns", async () => {
    const { file } = await deployment()
    for (const line of publicKeysText(await showKeys(localPorts, { file })).split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("works where the consensus key is not", async () => {
    const { dir, file } = await deployment()
    rmSync(join(dir, ".gonka-ha/secrets/validators"), { recursive: true })
    const keys = await showKeys(localPorts, { file })
    expect(keys.validators).toMatchObject([{ pubkey: COMET_VALIDATOR.pubkey, keyHere: false }])
    expect(publicKeysText(keys)).toContain("not on this machine")
  })
})

describe("generateKeys", () => {
  it("makes what is missing, but no consensus key", async () => {
    const { dir, file } = await deployment()
    expect(generatedKeysText(await generateKeys(localPorts, { file }))).toBe("no key was missing\n")
    rmSync(join(dir, ".gonka-ha/secrets/validators"), { recursive: true })
    const result = await generateKeys(localPorts, { file })
    expect(result.made).toEqual([join(dir, ".gonka-ha/secrets/validators/main/kms-identity.key")])
  })
})

describe("importKeys", () => {
  it("puts a lost key back, and its state", async () => {
    const { dir, file, outside } = await deployment()
    rmSync(join(dir, ".gonka-ha/secrets/validators"), { recursive: true })
    const request = { source: { file }, validator: "main", keyFile: join(outside, "key.json"), stateFile: join(outside, "state.json") }
    const first = await importKeys(localPorts, request)
    expect(importedKeysText(first)).toBe(
      `validator main: imported the key ${COMET_VALIDATOR.pubkey}\nvalidator main: sealed at height 42\n`,
    )
    const second = await importKeys(localPorts, request)
    expect(importedKeysText(second)).toBe(
      `validator main: already has the key ${COMET_VALIDATOR.pubkey}\nvalidator main: already sealed at height 42\n`,
    )
  })

  it("stores neither when the key is not the pinned one", async () => {
    const { dir, file, outside } = await deployment()
    rmSync(join(dir, ".gonka-ha/secrets/validators"), { recursive: true })
    const request = { source: { file }, keyFile: join(outside, "other.key"), stateFile: join(outside, "state.json") }
    await expect(importKeys(localPorts, request)).rejects.toMatchObject({ code: "KEY_CONFLICT", exit: 6 })
    const store = localPorts.keyStore({ stateDir: join(dir, ".gonka-ha"), specDir: dir })
    expect(await store.consensusIdentity("main")).toBeUndefined()
    expect(await store.importedState("main")).toBeUndefined()
  })

  it.each([
    { name: "nothing", request: {}, message: "nothing to import" },
    { name: "an unknown validator", request: { validator: "mian", keyFile: "x" }, message: "there is no validator mian" },
  ])("refuses $name", async ({ request, message }) => {
    const { file } = await deployment()
    await expect(importKeys(localPorts, { source: { file }, ...request })).rejects.toMatchObject({ code: "USAGE", exit: 64, message })
  })
})
