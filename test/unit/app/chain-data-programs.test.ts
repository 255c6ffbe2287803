import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { describe, expect, it, vi } from "vitest"
import { MEASURE } from "../../../src/app/chain-data.ts"
import { CARRY, KEEP_STOPPED, LIST, RECEIVE, RENEW, SEND } from "../../../src/app/chain-data-programs.ts"
import { parseChainData } from "../../../src/core/observe/chain-data.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

vi.setConfig({ testTimeout: 30_000 })

/** A node's home with everything that lies in one. */
class Home {
  readonly dir = temporaryDir()

  constructor(name: string) {
    for (const path of [
      "config/node_key.json",
      "config/addrbook.json",
      "config/priv_validator_key.json",
      "config/genesis.json",
      "data/priv_validator_state.json",
      "data/cs.wal/wal",
      "data/blockstore.db/000001.ldb",
      "data/state.db/CURRENT",
      "data/application.db/000002.ldb",
      "data/tx_index.db/LOCK",
      "data/snapshots/metadata.db/LOG",
      "data/upgrade-info.json",
      "wasm/state/ab",
      "statesync.trust",
    ])
      this.write(path, `${path} of ${name}`)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    writeFileSync(join(this.dir, path), text)
  }

  read(path: string): string | undefined {
    const file = join(this.dir, path)
    return existsSync(file) ? readFileSync(file, "utf8") : undefined
  }

  files(below: string): readonly string[] {
    return execFileSync("find", [".", "-type", "f"], { cwd: join(this.dir, below), encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(2))
      .sort()
  }
}

async function run(program: string, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa("sh", ["-c", program, "program", ...args], { reject: false, stdin: "ignore" })
  return { code: exitCode, stdout, stderr }
}

const CARRIED = [
  "data/application.db/000002.ldb",
  "data/blockstore.db/000001.ldb",
  "data/state.db/CURRENT",
  "data/tx_index.db/LOCK",
  "data/upgrade-info.json",
  "wasm/state/ab",
]

describe("a copy", () => {
  const carriers = {
    "through this machine": async (from: Home, to: Home, snapshots: string) => {
      const sent = execa("sh", ["-c", SEND, "send", from.dir, snapshots], { encoding: "buffer", stdin: "ignore" })
      await execa("sh", ["-c", RECEIVE, "receive", join(to.dir, "incoming")], { input: (await sent).stdout })
    },
    "on one host": async (from: Home, to: Home, snapshots: string) => {
      await execa("sh", ["-c", CARRY, "carry", from.dir, snapshots, join(to.dir, "incoming")], { stdin: "ignore" })
    },
  }

  it.each(Object.entries(carriers))("%s: takes blocks, states and contracts, and nothing that is the sibling's own", async (_, carry) => {
    const [from, to] = [new Home("sibling"), new Home("node")]
    to.write("incoming/data/left over", "of a copy that was interrupted")
    await carry(from, to, "without-snapshots")
    expect(to.files("incoming")).toEqual(CARRIED)
    expect(to.read("incoming/data/state.db/CURRENT")).toBe("data/state.db/CURRENT of sibling")
    const [there, here] = [await run(LIST, from.dir, "without-snapshots"), await run(LIST, join(to.dir, "incoming"), "with-snapshots")]
    expect(there).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{64} 6 \d+$/) })
    expect(here.stdout).toBe(there.stdout)
    // The node runs on as it is.
    expect(to.read("data/state.db/CURRENT")).toBe("data/state.db/CURRENT of node")
  })

  it.each(Object.entries(carriers))("%s: takes snapshots where the node is to keep some", async (_, carry) => {
    const [from, to] = [new Home("sibling"), new Home("node")]
    await carry(from, to, "with-snapshots")
    expect(to.files("incoming")).toEqual([...CARRIED, "data/snapshots/metadata.db/LOG"].sort())
  })

  it("is known by the names and sizes of its files", async () => {
    const [from, to] = [new Home("sibling"), new Home("node")]
    await carriers["on one host"](from, to, "without-snapshots")
    const incoming = join(to.dir, "incoming")
    const whole = (await run(LIST, incoming, "with-snapshots")).stdout
    writeFileSync(join(incoming, "data/blockstore.db/000001.ldb"), "cut")
    const cut = (await run(LIST, incoming, "with-snapshots")).stdout
    expect(cut.slice(0, 64)).not.toBe(whole.slice(0, 64))
  })

  it.each(["data/extra/priv_validator_state.json", "data/extra/node_key.json", "wasm/addrbook.json", "data/keyring-file/operator.info"])(
    "is refused where %s would come along",
    async (path) => {
      const from = new Home("sibling")
      from.write(path, "not to be copied")
      for (const program of [SEND, LIST]) {
        const said = await run(program, from.dir, "without-snapshots")
        expect(said).toMatchObject({ stdout: "", stderr: expect.stringContaining("is a node's own and would be carried along") })
        expect(said.code).not.toBe(0)
      }
    },
  )

  it("of nothing is refused", async () => {
    const empty = temporaryDir()
    expect(await run(SEND, empty, "with-snapshots")).toMatchObject({ code: 1, stdout: "", stderr: "there is no chain data" })
  })
})

describe("new data", () => {
  const own = ["config/addrbook.json", "config/genesis.json", "config/node_key.json", "config/priv_validator_key.json"]

  it("is none: what was there lies aside, whole, and the node's own files are where they were", async () => {
    const home = new Home("node")
    const aside = join(home.dir, "set-aside/op-1")
    expect(await run(RENEW, home.dir, aside, "bare", join(home.dir, "incoming"))).toEqual({ code: 0, stdout: "", stderr: "" })
    expect(home.files("data")).toEqual(["priv_validator_state.json"])
    expect(home.read("data/priv_validator_state.json")).toBe("data/priv_validator_state.json of node")
    expect(readdirSync(home.dir).sort()).toEqual(["config", "data", "set-aside"])
    for (const path of own) expect(home.read(path)).toBe(`${path} of node`)
    expect(home.files("set-aside/op-1")).toEqual(
      [...CARRIED, "data/cs.wal/wal", "data/priv_validator_state.json", "data/snapshots/metadata.db/LOG", "statesync.trust"].sort(),
    )
  })

  it("is the copy, with the node's own state of its local key, and without a word of an earlier state sync", async () => {
    const [from, home] = [new Home("sibling"), new Home("node")]
    const incoming = join(home.dir, "incoming")
    await run(CARRY, from.dir, "without-snapshots", incoming)
    expect((await run(RENEW, home.dir, join(home.dir, "set-aside/op-1"), "copied", incoming)).code).toBe(0)
    expect(home.read("data/state.db/CURRENT")).toBe("data/state.db/CURRENT of sibling")
    expect(home.read("wasm/state/ab")).toBe("wasm/state/ab of sibling")
    expect(home.read("data/priv_validator_state.json")).toBe("data/priv_validator_state.json of node")
    expect(readdirSync(home.dir).sort()).toEqual(["config", "data", "set-aside", "wasm"])
    expect(existsSync(join(home.dir, "data/cs.wal"))).toBe(false)
    for (const path of own) expect(home.read(path)).toBe(`${path} of node`)
    expect(home.read("set-aside/op-1/data/state.db/CURRENT")).toBe("data/state.db/CURRENT of node")
  })

  it.each([
    { what: "there is no whole copy", leave: (_: Home) => {} },
    {
      what: "the place for the old data is taken",
      leave: (home: Home) => {
        home.write("incoming/data/blockstore.db/1", "")
        home.write("incoming/data/state.db/1", "")
        home.write("set-aside/op-1/data/older", "")
      },
    },
  ])("is refused, and nothing is moved, when $what", async ({ leave }) => {
    const home = new Home("node")
    leave(home)
    const said = await run(RENEW, home.dir, join(home.dir, "set-aside/op-1"), "copied", join(home.dir, "incoming"))
    expect(said.code).toBe(1)
    expect(home.read("data/state.db/CURRENT")).toBe("data/state.db/CURRENT of node")
    expect(home.read("wasm/state/ab")).toBe("wasm/state/ab of node")
  })
})

describe("the measure of a home", () => {
  it("tells sizes, room and program, and that of a new one", async () => {
    const home = new Home("node")
    home.write("set-aside/op-1/data/blocks", "x".repeat(100_000))
    home.write("cosmovisor/genesis/bin/chaind", "a program")
    symlinkSync("genesis", join(home.dir, "cosmovisor/current"))
    const data = parseChainData((await run(MEASURE, home.dir)).stdout)
    expect(data).toMatchObject({ place: "ordinary", program: expect.stringMatching(/^[0-9a-f]{64}$/), incomingBytes: 0 })
    expect(data?.dataBytes).toBeGreaterThan(0)
    expect(data?.asideBytes).toBeGreaterThanOrEqual(100_000)
    expect(data?.disk.kind).toBe("seen")
    const empty = temporaryDir()
    expect(parseChainData((await run(MEASURE, empty)).stdout)).toMatchObject({ place: "ordinary", program: "image", dataBytes: 0 })
  })

  it("sees that data is a link", async () => {
    const dir = temporaryDir()
    symlinkSync("/elsewhere", join(dir, "data"))
    expect(parseChainData((await run(MEASURE, dir)).stdout)?.place).toBe("link")
  })
})

describe("a container that is kept stopped", () => {
  /** An engine that notes what it is told. */
  function engine(body = "") {
    const dir = temporaryDir()
    writeFileSync(join(dir, "docker"), `#!/bin/sh\necho "$*" >> "${dir}/calls"\n${body}\n`)
    chmodSync(join(dir, "docker"), 0o755)
    const calls = () => (existsSync(join(dir, "calls")) ? readFileSync(join(dir, "calls"), "utf8").trim().split("\n") : [])
    const start = (seconds: string) =>
      execa("sh", ["-c", KEEP_STOPPED, "keep", "lab-node-2", seconds], {
        env: { PATH: `${dir}:${process.env.PATH}` },
        reject: false,
        stdin: "pipe",
      })
    return { calls, start }
  }

  it("is started again when whoever holds on lets go", async () => {
    const { calls, start } = engine()
    const child = start("600")
    await vi.waitFor(() => expect(calls()).toEqual(["stop lab-node-2"]), { timeout: 10_000 })
    child.stdin.write("..")
    child.stdin.end()
    expect((await child).stdout).toBe("held")
    expect(calls()).toEqual(["stop lab-node-2", "start lab-node-2"])
  })

  it("is started again when nothing is heard any more, and although the session is hung up", async () => {
    const { calls, start } = engine()
    const child = start("1")
    await vi.waitFor(() => expect(calls()).toHaveLength(1), { timeout: 10_000 })
    child.kill("SIGHUP")
    expect((await child).exitCode).toBe(0)
    expect(calls()).toEqual(["stop lab-node-2", "start lab-node-2"])
  })

  it("is not left half stopped when the engine fails", async () => {
    const { calls, start } = engine('[ "$1" != stop ] || exit 3')
    expect((await start("600")).exitCode).toBe(3)
    expect(calls()).toEqual(["stop lab-node-2", "start lab-node-2"])
  })
})
