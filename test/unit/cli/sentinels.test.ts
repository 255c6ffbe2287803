import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { parseDocument } from "yaml"
import { loadTopology } from "../../../src/app/load.ts"
import { pushSecrets } from "../../../src/app/steps/install.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { bareFleet, type Heard } from "../../support/fake-connection.ts"
import { KNOWN_SETTINGS } from "../../support/initialised.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../support/known-keys.ts"
import { localPorts } from "../../support/local-ports.ts"
import { aDeployment, aRun } from "../../support/paper-deployment.ts"
import { type Spoken, spoken } from "../../support/spoken-command.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

afterEach(() => vi.unstubAllEnvs())

// Many commands each, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000 })

/** A deployment made by the command line itself, with an imported consensus key; what was said on the way, and what must never be said. */
async function deployment() {
  const dir = temporaryDir()
  const outside = temporaryDir()
  const put = (name: string, text: string) => {
    const path = join(outside, name)
    writeFileSync(path, text)
    return path
  }
  const file = join(dir, "gonka-ha.yaml")
  const said: Spoken[] = []
  const heard: Heard[] = []
  const say = async (...argv: readonly string[]) => {
    const result = await spoken([...argv, "-f", file], { fleet: () => bareFleet(heard) })
    said.push(result)
    return result
  }
  const state = put("state.json", '{"height":"41","round":0,"step":3}')
  const set = KNOWN_SETTINGS.flatMap((setting) => ["--set", setting])
  const imported = ["--import-consensus-key", put("key.json", COMET_VALIDATOR_KEY), "--import-state", state]
  const made = await say("init", "--preset", "ha-2", "--profile", "devnet", ...set, ...imported)
  expect([made.exit, made.err]).toEqual([0, ""])
  return { dir, file, said, heard, say, put }
}

type Made = Awaited<ReturnType<typeof deployment>>

/** The private values that lie below `.gonka-ha/secrets`, in the forms in which they could turn up. */
async function keysOf({ dir }: Made): Promise<readonly string[]> {
  const root = join(dir, ".gonka-ha/secrets")
  const keys = (await localFiles.list(root)).filter((path) => !path.endsWith("state.json"))
  return keys.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8").trim()
    const value = /"value":"([^"]+)"/.exec(text)?.[1] ?? text
    return formsOf(Buffer.from(value, "base64").subarray(0, 32))
  })
}

function formsOf(seed: Buffer): readonly string[] {
  // The first 42 of 43 digits also stand at the beginning of the long form, with the public key behind.
  return [
    seed.toString("base64").slice(0, 42),
    seed.toString("hex"),
    seed.toString("hex").toUpperCase(),
    seed.toString("base64url").slice(0, 42),
  ]
}

/** Nowhere in what was said, nor in what was written besides the key store and what the test itself has put there. */
async function expectNowhere(made: Made, secrets: readonly string[], ownFiles: readonly string[] = []): Promise<void> {
  const written = (await localFiles.list(made.dir)).filter((path) => !path.startsWith(".gonka-ha/secrets/") && !ownFiles.includes(path))
  const texts = [
    ...made.said.map(({ out, err }, index) => ({ at: `answer ${index}`, text: out + err })),
    ...written.map((path) => ({ at: path, text: readFileSync(join(made.dir, path), "utf8") })),
    ...made.heard.map(({ host, argv }) => ({ at: `a command on ${host}`, text: argv.join(" ") })),
  ]
  const leaks = texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)))
  expect(leaks.map(({ at }) => at)).toEqual([])
}

function edit(file: string, changes: Readonly<Record<string, unknown>>): void {
  const document = parseDocument(readFileSync(file, "utf8"))
  for (const [path, value] of Object.entries(changes)) document.setIn(path.split("."), value)
  writeFileSync(file, document.toString())
}

async function sayEverything({ say, dir }: Made): Promise<void> {
  for (const format of ["pretty", "json", "sarif"]) await say("validate", "--format", format)
  await say("validate", "--strict")
  await say("validate", "--domains")
  await say("config")
  await say("config", "--json")
  await say("render", "--check")
  await say("render")
  await say("render", "--check")
  for (const format of ["mermaid", "dot"]) await say("graph", "--format", format)
  await say("keys", "show")
  await say("keys", "show", "--json")
  await say("keys", "generate")
  await say("status")
  await say("status", "--json")
  await say("plan", "--json")
  await say("plan", "--out", join(dir, "plan.json"))
  await say("apply", join(dir, "plan.json"), "--yes")
  await say("up", "--dry-run")
  await say("up", "--yes")
}

it("keys are said and written nowhere, and reach hosts by standard input alone", async () => {
  const made = await deployment()
  await sayEverything(made)
  await made.say("graph", "--format", "svg")
  const keys = await keysOf(made)
  // Four nodes, two parking signers with two keys each, one signer with two keys; four forms of each.
  expect(keys).toHaveLength(10 * 4)
  await expectNowhere(made, keys)
  // It was no empty talk: files were rendered, a plan was kept, journals were begun, and secrets went to hosts.
  const written = await localFiles.list(made.dir)
  expect(written).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^rendered\/.*compose\.yaml$/),
      expect.stringMatching(/journal\/.*-apply\.jsonl$/),
      expect.stringMatching(/journal\/.*-up\.jsonl$/),
      "plan.json",
    ]),
  )
  const pushes = made.heard.filter(({ argv }) => argv.some((word) => word.includes("/secrets/")))
  expect(pushes.length).toBeGreaterThan(0)
  for (const { stdin } of pushes) expect(keys.some((key) => stdin?.includes(key))).toBe(true)
})

it("whatever a deployment holds, references included, goes to its host by standard input alone", async () => {
  const made = await deployment()
  rmSync(join(made.dir, ".gonka-ha/secrets/validators/main/consensus.key"))
  vi.stubEnv("GONKA_HA_TEST_KEY", COMET_VALIDATOR.seed)
  edit(made.file, { "validators.main.signer.key": { env: "GONKA_HA_TEST_KEY" } })
  const { topology, keys } = await loadTopology(localPorts, { file: made.file })
  const secrets = await keys.secretFiles(topology)
  const run = aRun(aDeployment({}, { topology, secrets, keys, fleet: bareFleet(made.heard) }))
  for (const { host, path } of secrets) await pushSecrets({ kind: "secrets.push", args: { host, paths: [path] }, cause: "a test" }, run)
  expect(made.heard).toHaveLength(10)
  const values = [...(await keysOf(made)), ...formsOf(Buffer.from(COMET_VALIDATOR.seed, "base64"))]
  for (const { stdin } of made.heard) expect(values.some((value) => stdin?.includes(value))).toBe(true)
  await expectNowhere(made, values)
})

it("wrong files are refused without a word of what is in them", async () => {
  const made = await deployment()
  const seed = Buffer.from(RFC_8032_KEY.seed, "base64")
  const wrong = {
    other: RFC_8032_KEY.seed,
    long: RFC_8032_KEY.seedAndPublic,
    hex: seed.toString("hex"),
    cut: RFC_8032_KEY.seed.slice(0, -2),
    json: COMET_VALIDATOR_KEY.replace("EVkqJO", "FVkqJO"),
    broken: COMET_VALIDATOR_KEY.slice(0, -20),
    strange: `{"priv_key":"${RFC_8032_KEY.seed}"}`,
    state: `{"height":"${RFC_8032_KEY.seed}"}`,
  }
  for (const [name, text] of Object.entries(wrong)) {
    const option = name === "state" ? "--state" : "--key"
    const refused = await made.say("keys", "import", option, made.put(name, text))
    expect([name, refused.exit, refused.out]).toEqual([name, 6, ""])
    // The other way round, too: a key where a state belongs.
    expect((await made.say("keys", "import", option === "--key" ? "--state" : "--key", made.put(name, text))).exit).toBe(6)
  }
  const secrets = [...formsOf(seed), ...formsOf(Buffer.from(COMET_VALIDATOR.seed, "base64")), "FVkqJO/jIXp3rkASXfh9YnyToYXRXhBr6g9cQVxPFnQ"]
  await expectNowhere(made, secrets)
})

describe("a reference to a secret", () => {
  const SENTINEL = "correct-horse-battery-staple"

  it.each([
    { name: "a file", password: { file: "yubihsm.password" } },
    { name: "the environment", password: { env: "GONKA_HA_TEST_PASSWORD" } },
    { name: "a command", password: { command: `printf %s ${SENTINEL.split("-").join("; printf -- -; printf %s ")}` } },
  ])("to $name shows the way at most", async ({ password }) => {
    const made = await deployment()
    writeFileSync(join(made.dir, "yubihsm.password"), `${SENTINEL}\n`)
    vi.stubEnv("GONKA_HA_TEST_PASSWORD", SENTINEL)
    edit(made.file, {
      "validators.main.signer.provider": "yubihsm",
      "validators.main.signer.yubihsm": { adapter: "usb", authKey: 1, signingKey: 2, password },
    })
    await sayEverything(made)
    expect((await made.say("validate")).exit).toBe(0)
    await expectNowhere(made, [SENTINEL], ["yubihsm.password"])
  })

  it.each([
    { name: "a file", key: { file: "elsewhere.key" } },
    { name: "the environment", key: { env: "GONKA_HA_TEST_KEY" } },
    { name: "a command", key: { command: "cat elsewhere.key" } },
  ])("of a consensus key to $name shows the way at most, also when it leads to another key", async ({ key }) => {
    const made = await deployment()
    writeFileSync(join(made.dir, "elsewhere.key"), RFC_8032_KEY.seed)
    vi.stubEnv("GONKA_HA_TEST_KEY", RFC_8032_KEY.seed)
    edit(made.file, { "validators.main.signer.key": key })
    await sayEverything(made)
    await expectNowhere(made, [...(await keysOf(made)), ...formsOf(Buffer.from(RFC_8032_KEY.seed, "base64"))], ["elsewhere.key"])
  })

  it.each([
    { name: "a file", key: { file: "nowhere.key" }, says: "there is no such file" },
    { name: "a variable", key: { env: "GONKA_HA_TEST_NOT_SET" }, says: "it is not set" },
    { name: "a command", key: { command: `: ${SENTINEL}; exit 3` }, says: "it ended with 3" },
  ])("to $name that is not there is refused before anything is changed", async ({ key, says }) => {
    const made = await deployment()
    rmSync(join(made.dir, ".gonka-ha/secrets/validators/main/consensus.key"))
    edit(made.file, { "validators.main.signer.key": key })
    const refused = await made.say("up", "--yes")
    expect([refused.exit, refused.err]).toEqual([64, expect.stringContaining(says)])
    expect(made.heard.filter(({ argv }) => argv[1] !== "-s")).toEqual([])
    expect(await localFiles.list(join(made.dir, ".gonka-ha/journal"))).toEqual([])
    await expectNowhere(made, [SENTINEL], ["gonka-ha.yaml"])
  })
})

describe("a secret in the topology file itself", () => {
  const SEED = RFC_8032_KEY.seed
  const MNEMONIC = "abandon ability able about above absent absorb abstract absurd abuse access accident"

  it.each([
    { name: "a base64 key", secret: SEED, changes: { "compose.node-1.environment": { SETTING: SEED } } },
    {
      name: "a hex key",
      secret: "9d61b19deffd5a60",
      changes: { "compose.node-1.environment": { SETTING: Buffer.from(SEED, "base64").toString("hex") } },
    },
    { name: "a mnemonic", secret: MNEMONIC, changes: { "compose.node-1.environment": { SETTING: MNEMONIC } } },
    {
      name: "a PEM block",
      secret: "b3BlbnNzaC1rZXk",
      changes: {
        "compose.node-1.environment": {
          SETTING: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n",
        },
      },
    },
    {
      name: "a list of an environment",
      secret: "hunter2hunter2",
      changes: { "compose.node-1.environment": ["DB_PASSWORD=hunter2hunter2"] },
    },
    {
      name: "a name that means a secret",
      secret: "hunter2hunter2",
      changes: { "compose.node-1.environment": { API_KEY: "hunter2hunter2" } },
    },
    {
      name: "a URL of the genesis servers",
      secret: "hunter2hunter2",
      changes: { "chain.genesis.rpc": ["https://anna:hunter2hunter2@rpc.one.example/", "https://anna:hunter2hunter2@rpc.one.example/"] },
    },
    { name: "the place of a reference", secret: SEED, changes: { "validators.main.signer.key": SEED } },
    { name: "the name of a file", secret: SEED, changes: { "validators.main.signer.key": { file: SEED } } },
    {
      name: "a password of a device",
      secret: "hunter2hunter2",
      changes: { "validators.main.signer.yubihsm": { password: "hunter2hunter2" } },
    },
    { name: "a node's patch", secret: "hunter2hunter2", changes: { "private.node-1.config": { db_password: "hunter2hunter2" } } },
    { name: "a note", secret: "hunter2hunter2", changes: { "x-note": { token: "hunter2hunter2" } } },
  ])("as $name is an error from every command that reads it, and is not repeated", async ({ secret, changes }) => {
    const made = await deployment()
    edit(made.file, changes)
    const before = await localFiles.list(made.dir)
    await sayEverything(made)
    for (const { exit } of made.said.slice(1)) expect(exit).toBe(3)
    await expectNowhere(made, [secret], ["gonka-ha.yaml"])
    expect(await localFiles.list(made.dir)).toEqual(before)
    expect(made.heard).toEqual([])
  })
})
