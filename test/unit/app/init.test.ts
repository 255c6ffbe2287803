import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type InitRequest, initDeployment } from "../../../src/app/init.ts"
import { loadTopology } from "../../../src/app/load.ts"
import { initText } from "../../../src/cli/show-init.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { initialised, KNOWN_SETTINGS } from "../../support/initialised.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { localPorts } from "../../support/local-ports.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

describe("initDeployment", () => {
  it("makes a deployment that resolves at once when everything is given", async () => {
    const dir = temporaryDir()
    const result = await initialised(dir, { name: "lab" })
    expect(result).toMatchObject({ deployment: "lab", placeholders: [], validators: [{ name: "main", key: "made" }] })
    expect(await localFiles.list(dir)).toEqual([
      ".gitignore",
      ".gonka-ha/gonka-ha.schema.json",
      ".gonka-ha/secrets/nodes/node-1/node_key.json",
      ".gonka-ha/secrets/nodes/node-2/node_key.json",
      ".gonka-ha/secrets/nodes/sentry-1/node_key.json",
      ".gonka-ha/secrets/nodes/sentry-2/node_key.json",
      ".gonka-ha/secrets/parking/node-1/consensus.key",
      ".gonka-ha/secrets/parking/node-1/kms-identity.key",
      ".gonka-ha/secrets/parking/node-2/consensus.key",
      ".gonka-ha/secrets/parking/node-2/kms-identity.key",
      ".gonka-ha/secrets/validators/main/consensus.key",
      ".gonka-ha/secrets/validators/main/kms-identity.key",
      "gonka-ha.yaml",
    ])
    const { topology, issues } = await loadTopology(localPorts, { file: result.file })
    expect(issues).toEqual([])
    expect(topology.validators[0]?.pubkey).toBe(result.validators[0]?.pubkey)
    const text = readFileSync(result.file, "utf8")
    expect(text).toContain("# The only nodes that the network sees.")
    expect(text).not.toContain("CHANGE-ME")
  })

  it("names what is still to be filled in, with its place", async () => {
    const dir = temporaryDir()
    const result = await initialised(dir, {
      settings: KNOWN_SETTINGS.filter((setting) => !setting.startsWith("chain.id") && !setting.includes("sig-1")),
    })
    expect(result.placeholders.map(({ path }) => path.join("."))).toEqual(["chain.id", "hosts.sig-1.ssh", "hosts.sig-1.private"])
    const line =
      readFileSync(result.file, "utf8")
        .split("\n")
        .findIndex((text) => text.includes("id: CHANGE-ME")) + 1
    expect(result.placeholders[0]?.place).toEqual({ file: result.file, line, column: 3 })
    await expect(loadTopology(localPorts, { file: result.file })).rejects.toMatchObject({ code: "SPEC_INVALID", exit: 3 })
  })

  it("does not overwrite a spec", async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, "gonka-ha.yaml"), "mine")
    await expect(initialised(dir)).rejects.toMatchObject({ code: "FILE_EXISTS", exit: 6 })
    expect(await localFiles.list(dir)).toEqual(["gonka-ha.yaml"])
  })

  it.each([
    {
      name: "an unknown preset",
      request: { preset: "ha-9" },
      error: { code: "USAGE", exit: 64, hint: "one of: compact, ha-2, ha-3, multi-validator, solo" },
    },
    { name: "an unknown profile", request: { profile: "venus" }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "a setting without a value", request: { settings: ["chain.id"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a setting that the spec does not know", request: { settings: ["chain.idd=x"] }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "a setting below a value", request: { settings: ["chain.id.x=y"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a name that is none", request: { name: "My Lab" }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "no validator", request: { settings: ["validators.main=null"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a key file that is not there", request: { keyFiles: ["/nowhere/key"] }, error: { code: "FILE_UNREADABLE", exit: 64 } },
  ])("writes nothing with $name", async ({ request, error }) => {
    const dir = temporaryDir()
    await expect(initialised(dir, request)).rejects.toMatchObject(error)
    expect(await localFiles.list(dir)).toEqual([])
  })

  it("writes nothing when the state to import is damaged, though the key is good", async () => {
    const dir = temporaryDir()
    const outside = temporaryDir()
    writeFileSync(join(outside, "key.json"), COMET_VALIDATOR_KEY)
    writeFileSync(join(outside, "state.json"), "{")
    const request = { keyFiles: [join(outside, "key.json")], stateFiles: [join(outside, "state.json")] }
    await expect(initialised(dir, request)).rejects.toMatchObject({ code: "KEY_INVALID" })
    expect(await localFiles.list(dir)).toEqual([])
  })

  it("imports a key and a state", async () => {
    const dir = temporaryDir()
    const outside = temporaryDir()
    writeFileSync(join(outside, "key.json"), COMET_VALIDATOR_KEY)
    writeFileSync(join(outside, "state.json"), '{"height":"41","round":0,"step":3}')
    const result = await initialised(dir, { keyFiles: [join(outside, "key.json")], stateFiles: [join(outside, "state.json")] })
    expect(result).toMatchObject({ validators: [{ key: "imported", pubkey: COMET_VALIDATOR.pubkey, sealedAt: 42 }] })
    const { topology } = await loadTopology(localPorts, { file: result.file })
    expect(topology.validators[0]?.address).toBe(COMET_VALIDATOR.address)
  })

  it("goes on with the keys of an init that did not finish", async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, "key"), RFC_8032_KEY.seed)
    await initialised(join(dir, "deployment"), { keyFiles: [join(dir, "key")] })
    const other = join(dir, "deployment", "second.yaml")
    const result = await initDeployment(localPorts, { file: other, preset: "ha-2", profile: "devnet", settings: KNOWN_SETTINGS })
    expect(result.validators).toEqual([{ name: "main", key: "kept", pubkey: RFC_8032_KEY.pubkey, sealedAt: undefined }])
    expect(result.made).toEqual([other])
  })

  it.each([
    ["", ".gonka-ha/\n"],
    ["node_modules/\n", "node_modules/\n.gonka-ha/\n"],
    ["node_modules/", "node_modules/\n.gonka-ha/\n"],
    ["/.gonka-ha/\nx", "/.gonka-ha/\nx"],
  ])("keeps the lines of .gitignore: %j", async (before, after) => {
    const dir = temporaryDir()
    if (before !== "") writeFileSync(join(dir, ".gitignore"), before)
    await initialised(dir)
    expect(readFileSync(join(dir, ".gitignore"), "utf8")).toBe(after)
  })
})

describe("the keys of several validators", () => {
  /** Files of two keys, the state of one, and a directory for the deployment. */
  function keyFiles() {
    const outside = temporaryDir()
    const write = (name: string, text: string) => {
      writeFileSync(join(outside, name), text)
      return join(outside, name)
    }
    return {
      comet: write("comet.json", COMET_VALIDATOR_KEY),
      softsign: write("soft=sign.key", RFC_8032_KEY.seed),
      state: write("state.json", '{"height":"41","round":0,"step":3}'),
      damaged: write("damaged.json", "{"),
    }
  }

  function twoValidators(dir: string, request: Partial<InitRequest>) {
    return initDeployment(localPorts, { file: join(dir, "gonka-ha.yaml"), preset: "multi-validator", settings: [], ...request })
  }

  it("are made one by one, and differ", async () => {
    const { validators } = await twoValidators(temporaryDir(), {})
    expect(validators.map(({ name, key }) => [name, key])).toEqual([
      ["a", "made"],
      ["b", "made"],
    ])
    expect(new Set(validators.map(({ pubkey }) => pubkey)).size).toBe(2)
  })

  it("are imported by the validator's name, each with its state", async () => {
    const { comet, softsign, state } = keyFiles()
    const request = { keyFiles: [`b=${comet}`, `a=${softsign}`], stateFiles: [`b=${state}`] }
    const { validators } = await twoValidators(temporaryDir(), request)
    expect(validators).toEqual([
      { name: "a", key: "imported", pubkey: RFC_8032_KEY.pubkey, sealedAt: undefined },
      { name: "b", key: "imported", pubkey: COMET_VALIDATOR.pubkey, sealedAt: 42 },
    ])
  })

  it("are made where none is imported", async () => {
    const { validators } = await twoValidators(temporaryDir(), { keyFiles: [`b=${keyFiles().comet}`] })
    expect(validators.map(({ key }) => key)).toEqual(["made", "imported"])
  })

  it("take a name also where there is only one validator, and a file with an equals sign in its name", async () => {
    const { softsign, comet } = keyFiles()
    const one = await initialised(temporaryDir(), { keyFiles: [softsign] })
    const named = await initialised(temporaryDir(), { keyFiles: [`main=${comet}`] })
    expect([one, named].map(({ validators }) => validators[0]?.pubkey)).toEqual([RFC_8032_KEY.pubkey, COMET_VALIDATOR.pubkey])
  })

  it.each([
    {
      name: "a file of nobody",
      request: ({ comet }: Files) => ({ keyFiles: [comet] }),
      error: { code: "USAGE", exit: 64, hint: "write --import-consensus-key a=FILE --import-consensus-key b=FILE" },
    },
    { name: "a validator that is none", request: ({ comet }: Files) => ({ keyFiles: [`c=${comet}`] }), error: { code: "USAGE", exit: 64 } },
    { name: "a state of nobody", request: ({ state }: Files) => ({ stateFiles: [state] }), error: { code: "USAGE", exit: 64 } },
    {
      name: "two files for one validator",
      request: ({ comet, softsign }: Files) => ({ keyFiles: [`a=${comet}`, `a=${softsign}`] }),
      error: { code: "USAGE", exit: 64, message: "--import-consensus-key names two files for validator a" },
    },
    {
      name: "one key for both",
      request: ({ comet }: Files) => ({ keyFiles: [`a=${comet}`, `b=${comet}`] }),
      error: { code: "SPEC_INVALID", exit: 3, issues: [expect.objectContaining({ path: "validators.b.pubkey", severity: "error" })] },
    },
    {
      name: "one good key and one damaged state",
      request: ({ comet, damaged }: Files) => ({ keyFiles: [`a=${comet}`], stateFiles: [`b=${damaged}`] }),
      error: { code: "KEY_INVALID" },
    },
    {
      name: "a public key that is not the imported one's",
      request: ({ comet }: Files) => ({ keyFiles: [`a=${comet}`], settings: [`validators.a.pubkey=${RFC_8032_KEY.pubkey}`] }),
      error: { code: "KEY_CONFLICT", exit: 6 },
    },
    {
      name: "a public key whose private half would have to be made",
      request: () => ({ settings: [`validators.a.pubkey=${RFC_8032_KEY.pubkey}`] }),
      error: { code: "KEY_CONFLICT", exit: 6 },
    },
  ])("are refused with $name, and nothing is written", async ({ request, error }) => {
    const dir = temporaryDir()
    await expect(twoValidators(dir, request(keyFiles()))).rejects.toMatchObject(error)
    expect(await localFiles.list(dir)).toEqual([])
  })

  it("are neither made nor imported when they are in a device or behind a reference", async () => {
    const { softsign } = keyFiles()
    const settings = [`validators.a.signer.key.file=${softsign}`, `validators.a.pubkey=${RFC_8032_KEY.pubkey}`]
    const dir = temporaryDir()
    const { validators } = await twoValidators(dir, { settings })
    expect(validators).toMatchObject([
      { name: "a", key: "elsewhere", pubkey: RFC_8032_KEY.pubkey },
      { name: "b", key: "made" },
    ])
    expect(await localFiles.list(dir)).not.toContain(".gonka-ha/secrets/validators/a/consensus.key")
    const imported = twoValidators(temporaryDir(), { settings, keyFiles: [`a=${softsign}`] })
    await expect(imported).rejects.toMatchObject({ code: "USAGE", exit: 64 })
    const unpinned = twoValidators(temporaryDir(), { settings: settings.slice(0, 1) })
    await expect(unpinned).rejects.toMatchObject({
      code: "SPEC_INVALID",
      issues: [expect.objectContaining({ path: "validators.a.pubkey" })],
    })
  })

  type Files = ReturnType<typeof keyFiles>
})

describe("initText", () => {
  it("says what was made and what comes next", async () => {
    const dir = temporaryDir()
    const result = await initialised(dir)
    expect(initText(result).replaceAll(dir, "DIR")).toBe(`deployment gonka
  wrote DIR/.gitignore
  wrote DIR/.gonka-ha/gonka-ha.schema.json
  wrote DIR/gonka-ha.yaml
  wrote 9 node and parking keys below .gonka-ha/secrets
validator main: a new consensus key was made
  public key ${result.validators[0]?.pubkey}
Keep a copy of .gonka-ha/secrets/validators offline: a consensus key cannot be made again.
Next:
  gonka-ha validate -f DIR/gonka-ha.yaml    every mistake at once
  gonka-ha render -f DIR/gonka-ha.yaml      what every host will get, without secrets
  gonka-ha up -f DIR/gonka-ha.yaml          shows a plan, asks, and makes it so
`)
  })

  it("lists what is still missing", async () => {
    const text = initText(await initialised(temporaryDir(), { settings: [] }))
    expect(text).toContain("Still to be filled in:\n")
    expect(text).toMatch(/gonka-ha\.yaml:\d+: chain\.id\n/)
    expect(text).toMatch(/\nNext:\n {2}edit .*gonka-ha\.yaml\n/)
  })
})
