import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { initDeployment } from "../../../src/app/init.ts"
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
    expect(result).toMatchObject({ deployment: "lab", placeholders: [], warnings: [], validator: { name: "main", key: "made" } })
    expect(await localFiles.list(dir)).toEqual([
      ".gitignore",
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
    expect(topology.validators[0]?.pubkey).toBe(result.validator.pubkey)
    const text = readFileSync(result.file, "utf8")
    expect(text).toContain("# The only nodes that the network sees.")
    expect(text).not.toContain("CHANGE-ME")
  })

  it("names what is still to be filled in, with its place", async () => {
    const dir = temporaryDir()
    const result = await initialised(dir, {
      settings: KNOWN_SETTINGS.filter((setting) => !setting.startsWith("chain.id") && !setting.includes("sig-1")),
    })
    expect(result.placeholders.map(({ path }) => path)).toEqual(["chain.id", "hosts.sig-1.ssh", "hosts.sig-1.private"])
    const line =
      readFileSync(result.file, "utf8")
        .split("\n")
        .findIndex((text) => text.includes("id: CHANGE-ME")) + 1
    expect(result.placeholders[0]?.place).toEqual({ file: result.file, line, column: 3 })
    await expect(loadTopology(localPorts, { file: result.file })).rejects.toMatchObject({ code: "SPEC_INVALID", exit: 3 })
  })

  it("has no complaint about the bare preset but its placeholders", async () => {
    const result = await initialised(temporaryDir(), { settings: [] })
    expect(result.warnings).toEqual([])
    expect(result.placeholders).toHaveLength(16)
  })

  it("does not overwrite a spec", async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, "gonka-ha.yaml"), "mine")
    await expect(initialised(dir)).rejects.toMatchObject({ code: "FILE_EXISTS", exit: 6 })
    expect(await localFiles.list(dir)).toEqual(["gonka-ha.yaml"])
  })

  it.each([
    { name: "an unknown preset", request: { preset: "ha-9" }, error: { code: "USAGE", exit: 64, hint: "one of: ha-2" } },
    { name: "an unknown profile", request: { profile: "venus" }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "a setting without a value", request: { settings: ["chain.id"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a setting that the spec does not know", request: { settings: ["chain.idd=x"] }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "a setting below a value", request: { settings: ["chain.id.x=y"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a name that is none", request: { name: "My Lab" }, error: { code: "SPEC_INVALID", exit: 3 } },
    { name: "no validator", request: { settings: ["validators.main=null"] }, error: { code: "USAGE", exit: 64 } },
    { name: "a key file that is not there", request: { consensusKeyFile: "/nowhere/key" }, error: { code: "FILE_UNREADABLE", exit: 64 } },
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
    const request = { consensusKeyFile: join(outside, "key.json"), stateFile: join(outside, "state.json") }
    await expect(initialised(dir, request)).rejects.toMatchObject({ code: "KEY_INVALID" })
    expect(await localFiles.list(dir)).toEqual([])
  })

  it("imports a key and a state", async () => {
    const dir = temporaryDir()
    const outside = temporaryDir()
    writeFileSync(join(outside, "key.json"), COMET_VALIDATOR_KEY)
    writeFileSync(join(outside, "state.json"), '{"height":"41","round":0,"step":3}')
    const result = await initialised(dir, { consensusKeyFile: join(outside, "key.json"), stateFile: join(outside, "state.json") })
    expect(result).toMatchObject({ validator: { key: "imported", pubkey: COMET_VALIDATOR.pubkey }, sealedAt: 42 })
    const { topology } = await loadTopology(localPorts, { file: result.file })
    expect(topology.validators[0]?.address).toBe(COMET_VALIDATOR.address)
  })

  it("goes on with the keys of an init that did not finish", async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, "key"), RFC_8032_KEY.seed)
    await initialised(join(dir, "deployment"), { consensusKeyFile: join(dir, "key") })
    const other = join(dir, "deployment", "second.yaml")
    const result = await initDeployment(localPorts, { file: other, preset: "ha-2", settings: KNOWN_SETTINGS })
    expect(result.validator).toEqual({ name: "main", key: "kept", pubkey: RFC_8032_KEY.pubkey })
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

describe("initText", () => {
  it("says what was made and what comes next", async () => {
    const dir = temporaryDir()
    const result = await initialised(dir)
    expect(initText(result).replaceAll(dir, "DIR")).toBe(`deployment gonka
  wrote DIR/.gitignore
  wrote DIR/gonka-ha.yaml
  wrote 9 node and parking keys below .gonka-ha/secrets
validator main: a new consensus key was made
  public key ${result.validator.pubkey}
Keep a copy of .gonka-ha/secrets/validators offline: this key cannot be made again.
Next: gonka-ha validate -f DIR/gonka-ha.yaml
`)
  })

  it("lists what is still missing", async () => {
    const text = initText(await initialised(temporaryDir(), { settings: [] }))
    expect(text).toContain("Still to be filled in:\n")
    expect(text).toMatch(/gonka-ha\.yaml:\d+: chain\.id\n/)
    expect(text).toMatch(/Next: edit .*gonka-ha\.yaml, then gonka-ha validate -f .*gonka-ha\.yaml\n$/)
  })
})
