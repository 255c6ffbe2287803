import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { sealedState } from "../../../src/core/observe/signer-state.ts"
import { settingsText } from "../../../src/core/render/settings.ts"
import { COMET_VALIDATOR, RFC_8032_KEY } from "../../support/known-keys.ts"
import { ScriptRun } from "../../support/script-run.ts"

const KEY = "secrets/consensus.key"
const STATE = "state/priv_validator_state.json"
const SIGNED_AT_120 = '{"height":"120","round":"0","step":2,"block_id":{"hash":"AB","part_set_header":{"total":1,"hash":"CD"}}}'

/** Everything in order: key, state at height 120, floor 100, aimed at node-1, marks that say nothing yet. */
function ready(): ScriptRun {
  const run = new ScriptRun("guard.sh")
  run.program("tmkms", 'echo "tmkms $*"')
  run.write("config/settings", settingsText({ validator: "main", chain_id: "lab-1", pubkey: RFC_8032_KEY.pubkey, block_ms: "5000" }))
  run.write("config/tmkms-node-1.toml", "")
  run.write("config/tmkms-node-2.toml", "")
  run.write(KEY, RFC_8032_KEY.seed)
  run.write("secrets/kms-identity.key", RFC_8032_KEY.seed)
  run.write(STATE, SIGNED_AT_120)
  run.write("control/floor", "100\n")
  run.write("control/aim", "node-1\n")
  mkdirSync(run.path("marks"))
  return run
}

/** The chain's height as it was written down this long ago, by a clock that stands still. */
const tip = (height: number, secondsAgo: number) => (run: ScriptRun) => {
  run.program("date", "echo 1700000000")
  run.write("control/tip", `${height} ${1_700_000_000 - secondsAgo}\n`)
}
/** Whatever is written there finds no room. */
const full = (path: string) => (run: ScriptRun) => symlinkSync("/dev/full", run.path(path))

type Refusal = { readonly name: string; readonly change: (run: ScriptRun) => void; readonly line: string }

const remove = (path: string) => (run: ScriptRun) => rmSync(run.path(path), { recursive: true })
const write = (path: string, content: string) => (run: ScriptRun) => run.write(path, content)
const damaged = "the signer's state ROOT/state/priv_validator_state.json is damaged: it does not hold height, round, step and block id"

const refusals: readonly Refusal[] = [
  ...["openssl", "base64", "flock", "sed", "tr", "cut", "cat", "date", "mv", "rm", "sync", "tail", "wc", "tmkms"].map((tool) => ({
    name: `no ${tool}`,
    change: (run: ScriptRun) => run.withoutProgram(tool),
    line: `this image has no ${tool}, which the guard needs`,
  })),
  {
    name: "no settings",
    change: remove("config/settings"),
    line: "ROOT/config/settings is missing: render and install the configuration again",
  },
  {
    name: "settings without a key",
    change: write("config/settings", "validator=main\n"),
    line: "ROOT/config/settings does not name the validator and its public key",
  },
  {
    name: "a fence",
    change: write("control/fence", "moved to sig-2\nby ann@desk\n"),
    line: "fenced: moved to sig-2 by ann@desk ",
  },
  { name: "an empty fence", change: write("control/fence", ""), line: "fenced: " },
  { name: "a fence among the marks", change: write("marks/fence", "replaced by sig-2\n"), line: "fenced: replaced by sig-2 " },
  { name: "no control directory", change: remove("control"), line: "ROOT/control is missing" },
  {
    name: "marks that cannot be written",
    change: (run) => mkdirSync(run.path("marks/running.lock")),
    line: "ROOT/marks cannot be written: the disk is full or read-only",
  },
  { name: "no key", change: remove(KEY), line: "the consensus key ROOT/secrets/consensus.key is missing or empty" },
  { name: "an empty key", change: write(KEY, ""), line: "the consensus key ROOT/secrets/consensus.key is missing or empty" },
  { name: "a key that is not base64", change: write(KEY, "not a key!"), line: "the consensus key is not the base64 of 32 bytes" },
  { name: "a key of 64 bytes", change: write(KEY, RFC_8032_KEY.seedAndPublic), line: "the consensus key is not the base64 of 32 bytes" },
  {
    name: "an openssl that knows no Ed25519",
    change: (run) => run.program("openssl", "exit 1"),
    line: "the consensus key cannot be read as an Ed25519 key",
  },
  {
    name: "a swapped key",
    change: write(KEY, COMET_VALIDATOR.seed),
    line: `the key file belongs to another validator: its public key is ${COMET_VALIDATOR.pubkey}, the pinned one is ${RFC_8032_KEY.pubkey}`,
  },
  {
    name: "no connection key",
    change: remove("secrets/kms-identity.key"),
    line: "kms-identity.key is missing: tmkms would run and never connect",
  },
  {
    name: "no state",
    change: remove(STATE),
    line: "the signer's state ROOT/state/priv_validator_state.json is missing: never start without it; seal a floor above the tip instead",
  },
  { name: "an empty state", change: write(STATE, ""), line: damaged },
  { name: "half a state", change: write(STATE, SIGNED_AT_120.slice(0, 40)), line: damaged },
  { name: "a state without block id", change: write(STATE, '{"height":"120","round":"0","step":2}'), line: damaged },
  { name: "a node's own state", change: write(STATE, '{"height":"120","round":0,"step":3,"block_id":null}'), line: damaged },
  { name: "a negative height", change: write(STATE, SIGNED_AT_120.replace("120", "-120")), line: damaged },
  {
    name: "a missing floor",
    change: remove("control/floor"),
    line: "the recorded floor ROOT/control/floor is missing: an older state could not be told from a current one",
  },
  {
    name: "a floor that is no number",
    change: write("control/floor", "high\n"),
    line: "the recorded floor ROOT/control/floor is not a number: high",
  },
  { name: "an empty floor", change: write("control/floor", ""), line: "the recorded floor ROOT/control/floor is not a number: " },
  {
    name: "a mark that is no number",
    change: write("marks/floor", "1e9\n"),
    line: "the recorded floor ROOT/marks/floor is not a number: 1e9",
  },
  {
    name: "a directory that came back from a backup, state and floor together",
    change: write("marks/floor", "130\n"),
    line: "the signer's state is at height 120, below the recorded floor 130: it was rolled back",
  },
  {
    name: "a state that the chain cannot have reached",
    change: tip(114, 0),
    line: "the signer's state is at height 120, but the chain was at 114 0 s ago and cannot be above 119: it is the state of another chain or of another signer",
  },
  {
    name: "a tip that says nothing",
    change: write("control/tip", "soon\n"),
    line: "ROOT/control/tip does not hold a height and a time: remove it, it is written again",
  },
  {
    name: "no room for the state",
    change: full("state/guard.trial"),
    line: "ROOT/state cannot be written: the disk is full or read-only",
  },
  {
    name: "no room for the floor",
    change: full("control/floor.new"),
    line: "the floor in ROOT/control cannot be written: the disk is full or read-only",
  },
  {
    name: "no room for the floor among the marks",
    change: (run) => {
      run.write("control/floor", "120\n")
      full("marks/floor.new")(run)
    },
    line: "the floor in ROOT/marks cannot be written: the disk is full or read-only",
  },
  {
    name: "a state that was rolled back",
    change: write("control/floor", "121\n"),
    line: "the signer's state is at height 120, below the recorded floor 121: it was rolled back",
  },
  { name: "no aim", change: remove("control/aim"), line: "ROOT/control/aim does not say which node to serve" },
  {
    name: "an aim that leads elsewhere",
    change: write("control/aim", "../node-1\n"),
    line: "ROOT/control/aim does not hold the name of a node",
  },
  {
    name: "an aim at a stranger",
    change: write("control/aim", "node-9\n"),
    line: "node-9 is not a candidate of this validator: ROOT/config/tmkms-node-9.toml is missing",
  },
]

describe("guard.sh", () => {
  it.each(refusals)("refuses: $name", async ({ change, line }) => {
    const run = ready()
    change(run)
    const before = contentsOf(run)
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: `guard: the signer does not start: ${line}` })
    expect(contentsOf(run)).toEqual(before)
  })

  it("Z4: starts tmkms for the node that it is aimed at and raises the floor", async () => {
    const run = ready()
    expect(await run.run()).toEqual({
      code: 0,
      stdout: "guard: starting the signer of main for node-1, state at height 120\ntmkms start -c ROOT/config/tmkms-node-1.toml",
      stderr: "",
    })
    expect(readFileSync(run.path("control/floor"), "utf8")).toBe("120\n")
    expect(existsSync(run.path("control/floor.new"))).toBe(false)
    run.write("control/aim", "node-2")
    expect((await run.run()).stdout).toContain("tmkms start -c ROOT/config/tmkms-node-2.toml")
  })

  it("records the floor a second time, outside of the deployment, and each record where it is missing", async () => {
    const run = ready()
    await run.run()
    expect(readFileSync(run.path("marks/floor"), "utf8")).toBe("120\n")
    rmSync(run.path("control/floor"))
    expect((await run.run()).code).toBe(0)
    expect(readFileSync(run.path("control/floor"), "utf8")).toBe("120\n")
  })

  it("starts in a container that was made before there were marks", async () => {
    const run = ready()
    rmSync(run.path("marks"), { recursive: true })
    expect((await run.run()).code).toBe(0)
    expect(readFileSync(run.path("control/floor"), "utf8")).toBe("120\n")
    expect(existsSync(run.path("control/running.lock"))).toBe(true)
    expect(existsSync(run.path("marks"))).toBe(false)
  })

  it.each([
    { name: "a state that is a few blocks ahead of a block just seen", change: tip(115, 0) },
    { name: "a state that the chain may have reached since", change: tip(60, 100) },
    { name: "a clock that went back since the tip was written", change: tip(10, -3600) },
    {
      name: "settings of an earlier version, without a block time",
      change: (run: ScriptRun) => {
        run.write("config/settings", settingsText({ validator: "main", chain_id: "lab-1", pubkey: RFC_8032_KEY.pubkey }))
        tip(10, 0)(run)
      },
    },
  ])("does not mind $name", async ({ change }) => {
    const run = ready()
    change(run)
    expect(await run.run()).toMatchObject({ code: 0, stderr: "" })
  })

  it("leaves nothing of its trial behind, with room and without", async () => {
    const run = ready()
    await run.run()
    full("state/guard.trial")(run)
    await run.run()
    expect(readdirSync(run.path("state"))).toEqual(["priv_validator_state.json"])
  })

  it("takes a sealed state and one that spans lines", async () => {
    const run = ready()
    run.write(STATE, sealedState(500))
    expect(await run.run()).toMatchObject({ code: 0, stdout: expect.stringContaining("state at height 500") })
    run.write(STATE, `${JSON.stringify(JSON.parse(SIGNED_AT_120.replace("120", "501")), undefined, 2)}\n`)
    expect(await run.run()).toMatchObject({ code: 0, stdout: expect.stringContaining("state at height 501") })
  })

  it("does not let an older state pass that it has seen newer", async () => {
    const run = ready()
    await run.run()
    run.write(STATE, SIGNED_AT_120.replace("120", "119"))
    expect((await run.run()).stderr).toBe(
      "guard: the signer does not start: the signer's state is at height 119, below the recorded floor 120: it was rolled back",
    )
    expect(readFileSync(run.path("control/floor"), "utf8")).toBe("120\n")
  })

  it("starts no second signer while the first one lives, and one again after that", async () => {
    const run = ready()
    run.program("tmkms", 'echo "tmkms $*"; exec sleep 60')
    const first = run.start()
    await new Promise<void>((resolve) => {
      let output = ""
      first.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes("tmkms start")) resolve()
      })
    })
    // Another deployment of the same key has directories of its own; only the marks are the same.
    rmSync(run.path("control/running.lock"), { force: true })
    expect(await run.run()).toEqual({
      code: 1,
      stdout: "",
      stderr: "guard: the signer does not start: another process on this host already signs with this key",
    })
    first.kill("SIGKILL")
    await first
    run.program("tmkms", 'echo "tmkms $*"')
    expect((await run.run()).code).toBe(0)
  })

  it("says beside a running signer what it would say at a start, and changes nothing", async () => {
    const run = ready()
    const before = contentsOf(run)
    expect(await run.run("check")).toEqual({ code: 0, stdout: "guard: ok, state at height 120", stderr: "" })
    expect(contentsOf(run)).toEqual(before)
    expect(existsSync(run.path("marks/running.lock"))).toBe(false)
    rmSync(run.path(STATE))
    expect(await run.run("check")).toMatchObject({ code: 1, stderr: expect.stringContaining("is missing: never start without it") })
  })

  it("never shows the key", async () => {
    const { stdout, stderr } = await ready().run()
    expect(`${stdout}${stderr}`).not.toContain(RFC_8032_KEY.seed)
  })
})

/** What a refusal must leave as it was: everything but the lock file, which holds nothing. */
function contentsOf(run: ScriptRun): Record<string, string> {
  const files = readdirSync(run.root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== "running.lock",
  )
  return Object.fromEntries(
    files.map((entry) => [`${entry.parentPath}/${entry.name}`, readFileSync(`${entry.parentPath}/${entry.name}`, "utf8")]),
  )
}
