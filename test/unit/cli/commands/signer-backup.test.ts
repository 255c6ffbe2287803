import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { parseDocument } from "yaml"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { Fleet } from "../../../../src/core/ports.ts"
import { localFiles } from "../../../../src/edge/local-files.ts"
import { KNOWN_SETTINGS } from "../../../support/initialised.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY } from "../../../support/known-keys.ts"
import { aHost } from "../../../support/paper-deployment.ts"
import { emptyHosts, readableHosts } from "../../../support/signers-host.ts"
import { spoken } from "../../../support/spoken-command.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

// Many commands each, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000 })
afterEach(() => vi.unstubAllEnvs())

const PASSPHRASE = "correct horse battery staple"
const RECORD = `.gonka-ha/signer-records/lab-1-${COMET_VALIDATOR.address}.json`
const SPENT = `.gonka-ha/signer-records/lab-1-${COMET_VALIDATOR.address}.spent.json`
const WORD = ".gonka-ha/backups/main.json"
const STATE = '{"height":"41000","round":"0","step":2,"block_id":null}'
const MARKS = `/var/lib/gonka-ha/lab-1-${COMET_VALIDATOR.address}`
const ON_HOST = {
  "/opt/gonka-ha/box/signers/main/state/priv_validator_state.json": STATE,
  "/opt/gonka-ha/box/signers/main/control/floor": "40990\n",
  "/opt/gonka-ha/box/signers/main/control/aim": "node-2\n",
  "/opt/gonka-ha/box/signers/main/control/epoch": "7\n",
  [`${MARKS}/floor`]: "41010\n",
}

/** A deployment of this machine with its key, a record and a receipt, made by the command line itself. */
async function deployment() {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  const outside = temporaryDir()
  writeFileSync(join(outside, "key.json"), COMET_VALIDATOR_KEY)
  const settings = ["name=box", ...KNOWN_SETTINGS].flatMap((setting) => ["--set", setting])
  const imported = ["--import-consensus-key", join(outside, "key.json")]
  const made = await spoken(["init", "--preset", "ha-2", "--profile", "devnet", ...settings, ...imported, "-f", file])
  expect([made.exit, made.err]).toEqual([0, ""])
  mkdirSync(join(dir, ".gonka-ha/signer-records"), { mode: 0o700 })
  writeFileSync(join(dir, RECORD), '{"validator":"main","host":"sig-1","floor":0}\n')
  mkdirSync(join(dir, ".gonka-ha/receipts"), { mode: 0o700 })
  writeFileSync(join(dir, ".gonka-ha/receipts/0001-promote.json"), '{"missed":0}\n')
  const backup = join(outside, "box.age")
  return { dir, file, backup, outside }
}

type Made = Awaited<ReturnType<typeof deployment>>

function backUp(
  { file, backup }: Made,
  options: readonly string[] = [],
  fleet: () => Fleet = () => readableHosts(ON_HOST),
  input = `${PASSPHRASE}\n`,
) {
  return spoken(["signer", "backup", backup, "-f", file, ...options], { fleet, input })
}

function restore(backup: string, to: string, input = PASSPHRASE, options: readonly string[] = []) {
  return spoken(["signer", "restore", backup, "--to", to, ...options], { input })
}

async function filesOf(dir: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await localFiles.list(dir)).filter((path) => !path.endsWith("schema.json"))
  return new Map(paths.map((path) => [path, readFileSync(join(dir, path), "utf8")]))
}

async function keysAndVerdict(dir: string) {
  const file = join(dir, "gonka-ha.yaml")
  const keys = await spoken(["keys", "show", "--json", "-f", file])
  const verdict = await spoken(["validate", "--format", "json", "-f", file])
  return { keys, verdict: { ...verdict, out: verdict.out.replaceAll(dir, "") } }
}

describe("a restore drill", () => {
  it("gives in another directory the same files, keys and verdict", async () => {
    const made = await deployment()
    const { exit, out, err } = await backUp(made)
    expect([exit, err]).toEqual([0, ""])
    expect(out).toContain(`wrote ${made.backup}`)
    expect(out).toContain("state 41000/0/2 on sig-1; nothing up to height 41010 may be signed again")
    const to = temporaryDir()
    const restored = await restore(made.backup, to)
    expect([restored.exit, restored.err]).toEqual([0, ""])
    const [before, after] = [await filesOf(made.dir), await filesOf(to)]
    expect(JSON.parse(before.get(WORD) ?? "")).toMatchObject({ validator: "main", address: COMET_VALIDATOR.address, file: "box.age" })
    expect(new Map([...after].filter(([path]) => path !== SPENT))).toEqual(new Map([...before].filter(([path]) => path !== WORD)))
    expect(await keysAndVerdict(to)).toEqual(await keysAndVerdict(made.dir))
    for (const path of after.keys())
      expect([path, statSync(join(to, path)).mode & 0o077]).toEqual([path, path.startsWith(".gonka-ha/") ? 0 : 0o044])
    expect(statSync(made.backup).mode & 0o777).toBe(0o600)
  })

  it("puts no signer state back, and lets the key count as used up to the highest height that was seen", async () => {
    const made = await deployment()
    rmSync(join(made.dir, RECORD))
    await backUp(made)
    const to = temporaryDir()
    const { out } = await restore(made.backup, to)
    expect(JSON.parse(readFileSync(join(to, SPENT), "utf8"))).toMatchObject({ validator: "main", height: 41010 })
    expect(JSON.parse(readFileSync(join(to, RECORD), "utf8"))).toMatchObject({ validator: "main", host: "sig-1", deployment: "box" })
    expect((await localFiles.list(to)).filter((path) => path.endsWith("state.json"))).toEqual([])
    expect(out).toContain("its state was not put back")
    expect(out).toContain("`gonka-ha signer state seal --validator main`")
    expect(out).toContain("`gonka-ha signer replace sig-1`")
  })

  it("gives a directory from which `up` sets up no second signer, where the one that it was made from could", async () => {
    const made = await deployment()
    rmSync(join(made.dir, ".gonka-ha/signer-records"), { recursive: true })
    await backUp(made)
    const to = temporaryDir()
    await restore(made.backup, to)
    const upIn = (dir: string) => spoken(["up", "--dry-run", "-f", join(dir, "gonka-ha.yaml")], { fleet: emptyHosts })
    expect(await upIn(made.dir)).toMatchObject({ exit: 2, out: expect.stringMatching(/signer/) })
    expect(await upIn(to)).toMatchObject({ exit: 6, out: "", err: expect.stringContaining("the signer of this key was set up before") })
  })

  it("changes nothing where everything is there, and never lowers a height that is known to be spent", async () => {
    const made = await deployment()
    await backUp(made)
    writeFileSync(join(made.dir, SPENT), '{"validator":"main","height":99000}\n')
    const before = await filesOf(made.dir)
    const { exit, out } = await restore(made.backup, made.dir)
    expect([exit, out]).toEqual([0, expect.stringContaining("restored 0 files of box")])
    expect(await filesOf(made.dir)).toEqual(before)
  })

  it("finishes what was cut off", async () => {
    const made = await deployment()
    await backUp(made)
    const to = temporaryDir()
    await restore(made.backup, to)
    rmSync(join(to, "gonka-ha.yaml"))
    rmSync(join(to, ".gonka-ha/secrets/nodes"), { recursive: true })
    expect((await restore(made.backup, to)).out).toContain("restored 5 files of box")
    expect((await keysAndVerdict(to)).keys).toEqual((await keysAndVerdict(made.dir)).keys)
  })
})

describe("signer backup", () => {
  it("says what could not be read, and is made all the same", async () => {
    const made = await deployment()
    const lost = aHost({ run: () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "sig-1 does not answer")) })
    const { exit, err } = await backUp(made, [], () => ({ host: () => lost, close: async () => {} }))
    expect([exit, err]).toEqual([0, "warning: the signer state of main is not in the backup: sig-1 does not answer\n"])
    const list = await restore(made.backup, temporaryDir(), PASSPHRASE, ["--list", "--json"])
    expect(JSON.parse(list.out).data.validators).toMatchObject([
      { name: "main", state: { kind: "unknown", reason: "sig-1 does not answer" } },
    ])
    const to = temporaryDir()
    await restore(made.backup, to)
    // No height is known, and still the key is one that a signer was set up for.
    expect([...(await filesOf(to)).keys()].filter((path) => path.includes("signer-records"))).toEqual([RECORD])
  })

  it("never overwrites a file", async () => {
    const made = await deployment()
    writeFileSync(made.backup, "precious")
    expect(await backUp(made)).toMatchObject({ exit: 6, err: expect.stringContaining(`${made.backup} exists already`) })
    expect(readFileSync(made.backup, "utf8")).toBe("precious")
  })

  it("leaves word of each key in it, here and on the signer's host: no secret, and a digest by which the file is known again", async () => {
    const made = await deployment()
    const ran: (readonly string[])[] = []
    const { host } = readableHosts(ON_HOST)
    const fleet = () => ({
      host: (name: string) => ({
        ...host(name),
        run: (argv: readonly string[]) => {
          ran.push([name, ...argv])
          return host(name).run(argv)
        },
      }),
      close: async () => {},
    })
    await backUp(made, [], fleet)
    const sha256 = createHash("sha256").update(readFileSync(made.backup)).digest("hex")
    const text = readFileSync(join(made.dir, WORD), "utf8")
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(["address", "by", "file", "schema", "sha256", "time", "validator"])
    expect(JSON.parse(text)).toMatchObject({ address: COMET_VALIDATOR.address, file: "box.age", sha256 })
    expect(text).not.toContain(COMET_VALIDATOR.seed)
    const lines = ran.filter((argv) => argv[4] === "audit")
    expect(lines).toEqual([["sig-1", ...Array(4).fill(expect.any(String)), "/opt/gonka-ha/box/audit.log", expect.any(String)]])
    expect(lines[0]?.at(-1)).toMatch(new RegExp(` signer backup of main: its key is in box.age, sha256 ${sha256}$`))
  })

  it("is there all the same where no word of it can be left", async () => {
    const made = await deployment()
    writeFileSync(join(made.dir, ".gonka-ha/backups"), "a file where a directory belongs")
    const { exit, err } = await backUp(made)
    expect([exit, err]).toEqual([0, expect.stringContaining("that a backup of main was made could not be recorded")])
    expect(await localFiles.exists(made.backup)).toBe(true)
  })

  it("leaves nothing behind when it cannot write", async () => {
    const made = await deployment()
    const nowhere = join(made.outside, "nowhere", "box.age")
    expect(await backUp({ ...made, backup: nowhere })).toMatchObject({
      exit: 64,
      err: expect.stringContaining("there is no such directory"),
    })
    expect(await localFiles.list(made.outside)).toEqual(["key.json"])
    expect(await localFiles.exists(join(made.dir, WORD))).toBe(false)
  })

  it("leaves secrets by reference out, and says so, unless they are wanted", async () => {
    vi.stubEnv("BOX_KEY", COMET_VALIDATOR_KEY)
    const made = await deployment()
    rmSync(join(made.dir, ".gonka-ha/secrets/validators/main/consensus.key"))
    const spec = parseDocument(readFileSync(made.file, "utf8"))
    spec.setIn(["validators", "main", "signer", "key"], spec.createNode({ env: "BOX_KEY" }))
    writeFileSync(made.file, String(spec))
    const without = await backUp(made)
    expect([without.exit, without.err]).toEqual([
      0,
      "not in the backup: consensus.key: the environment variable BOX_KEY (--with-references takes it in)\n",
    ])
    expect(await localFiles.exists(join(made.dir, WORD))).toBe(false)
    const bare = temporaryDir()
    await restore(made.backup, bare)
    expect((await localFiles.list(bare)).filter((path) => path.endsWith("validators/main/consensus.key"))).toEqual([])
    const whole = { ...made, backup: join(made.outside, "whole.age") }
    expect((await backUp(whole, ["--with-references"])).err).toBe("")
    expect(JSON.parse(readFileSync(join(made.dir, WORD), "utf8"))).toMatchObject({ file: "whole.age" })
    vi.stubEnv("BOX_KEY", undefined)
    const to = temporaryDir()
    await restore(whole.backup, to)
    expect(readFileSync(join(to, ".gonka-ha/secrets/validators/main/consensus.key"), "utf8").trim()).toBe(COMET_VALIDATOR.seed)
    expect((await keysAndVerdict(to)).keys.out).toContain('"keyHere": true')
  })

  it("wants a passphrase that is worth something, and says nothing of it", async () => {
    const made = await deployment()
    const short = await backUp(made, [], undefined, "hunter2\n")
    expect(short).toMatchObject({ exit: 64, out: "", err: expect.stringContaining("it takes at least 12") })
    expect(short.err).not.toContain("hunter2")
    expect(await localFiles.exists(made.backup)).toBe(false)
  })
})

describe("a backup that cannot be restored", () => {
  let good: Buffer | undefined
  /** One backup for all of these tests, since none of them changes it. */
  async function made(): Promise<{ readonly backup: string; readonly outside: string }> {
    if (good === undefined) {
      const from = await deployment()
      await backUp(from)
      good = readFileSync(from.backup)
    }
    const outside = temporaryDir()
    const backup = join(outside, "box.age")
    writeFileSync(backup, good)
    return { backup, outside }
  }

  const cases: readonly {
    readonly name: string
    readonly spoil: (bytes: Buffer) => Buffer
    readonly passphrase?: string
    readonly says: string
  }[] = [
    {
      name: "the passphrase is another one",
      spoil: (bytes) => bytes,
      passphrase: "correct horse battery stable",
      says: "the passphrase is not the one",
    },
    ...[1, 100, 5000].map((bytes) => ({
      name: `the last ${bytes} bytes are gone`,
      spoil: (all: Buffer) => all.subarray(0, -bytes),
      says: "cut off or changed",
    })),
    { name: "only its header is left", spoil: (bytes) => bytes.subarray(0, 60), says: "cut off or changed" },
    { name: "it is empty", spoil: () => Buffer.alloc(0), says: "it does not begin as age's files do" },
    { name: "it is something else", spoil: () => Buffer.from("a letter\n"), says: "it does not begin as age's files do" },
    { name: "there is more behind it", spoil: (bytes) => Buffer.concat([bytes, Buffer.from("x")]), says: "cut off or changed" },
  ]

  it.each(cases)("is refused in one message when $name, and nothing is written", async ({ spoil, passphrase, says }) => {
    const { backup, outside } = await made()
    const spoiled = join(outside, "spoiled.age")
    writeFileSync(spoiled, spoil(readFileSync(backup)))
    for (const options of [[], ["--list"]]) {
      const to = temporaryDir()
      const { exit, out, err } = await restore(spoiled, to, passphrase, options)
      expect([exit, out, err]).toEqual([6, "", expect.stringContaining(says)])
      expect(err.trim().split("\n")).toHaveLength(2)
      expect(await localFiles.list(to)).toEqual([])
    }
  })

  it("is refused wherever one byte was changed", async () => {
    const { backup } = await made()
    const bytes = readFileSync(backup)
    const places = Array.from({ length: 60 }, (_, index) => Math.floor((index * (bytes.length - 1)) / 59))
    for (const at of places) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      writeFileSync(`${backup}-${at}`, changed)
      const { exit, out, err } = await restore(`${backup}-${at}`, "/nonexistent")
      expect([at, exit, out, err]).toEqual([at, 6, "", expect.stringContaining(`${backup}-${at} cannot be restored`)])
    }
  })

  it("takes back what it has written when a file cannot be", async () => {
    const { backup } = await made()
    const to = temporaryDir()
    mkdirSync(join(to, ".gonka-ha"))
    writeFileSync(join(to, ".gonka-ha/secrets"), "a file where a directory belongs")
    const { exit, err } = await restore(backup, to)
    expect([exit, err]).toEqual([64, expect.stringContaining("a part of the path is a file, not a directory")])
    // The height stays: it can only forbid. So does git's word to look away.
    expect(await localFiles.list(to)).toEqual([".gitignore", ".gonka-ha/secrets", SPENT])
  })

  it("names every file that is in the way, and writes none", async () => {
    const { backup } = await made()
    const to = temporaryDir()
    writeFileSync(join(to, "gonka-ha.yaml"), "name: other\n")
    mkdirSync(join(to, ".gonka-ha/secrets/nodes/node-1"), { recursive: true })
    writeFileSync(join(to, ".gonka-ha/secrets/nodes/node-1/node_key.json"), "{}")
    const before = await localFiles.list(to)
    const { exit, err } = await restore(backup, to)
    expect(exit).toBe(6)
    for (const path of before) expect(err).toContain(`${join(to, path)}: is there already and says something else`)
    expect(await localFiles.list(to)).toEqual(before)
  })
})
