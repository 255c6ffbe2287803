import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { holding, MoveHost, SCRIPT } from "../../support/move-host.ts"

/** Real processes on a loaded machine. */
vi.setConfig({ testTimeout: 60_000 })

const STATE = { height: 1000, round: 0, step: 2 }
const REFUSAL = "guard: the signer does not start: fenced: by hand"

/** What `sh` is on other hosts, as far as this machine has it; here it is dash as a rule. */
const OTHER_SHELLS = ["busybox", "bash"].flatMap((name) => {
  const path = execFileSync("sh", ["-c", `command -v ${name} || true`], { encoding: "utf8" }).trim()
  return path === "" ? [] : [path]
})

let host: MoveHost

beforeEach(async () => {
  host = await MoveHost.running()
})

afterEach(() => {
  // Whatever happened, there was never a second process, nor one without the key's lock.
  expect(host.violations).toBe("")
})

describe("a signer that runs", () => {
  it("goes to the new node, and nothing goes on holding the lock of the section", async () => {
    const { code, stderr, move } = await host.move()
    expect([code, stderr]).toEqual([0, ""])
    expect(move).toMatchObject({ run: "op/1", at: "to", state: STATE, reason: "" })
    const { stoppedMs = 0, startedMs = 0, connectedMs = 0 } = move ?? {}
    expect(stoppedMs).toBeGreaterThan(0)
    expect(startedMs).toBeGreaterThan(stoppedMs)
    expect(connectedMs).toBeGreaterThanOrEqual(startedMs)
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2"], "node-2"])
    expect(host.isFree()).toBe(true)
  })

  it.each(OTHER_SHELLS)("goes to the new node where the host's shell is %s", async (path) => {
    symlinkSync(path, host.path("bin/sh"))
    expect((await host.move()).move).toMatchObject({ at: "to" })
    expect((await host.move({ run: "op/2", from: "node-2", to: "node-1", gate: "999", ...swapped() })).move).toMatchObject({ at: "from" })
  })

  it("leaves for the guard how far the chain was, with the time of the host's clock", async () => {
    await host.move()
    const [tip, seconds] = (host.read("tip") ?? "").split(" ")
    expect([tip, Math.abs(Number(seconds) - Date.now() / 1000) < 60]).toEqual(["1000", true])
  })

  it("is back at the old node when its state is above what the new node was seen to have", async () => {
    const { move } = await host.move({ gate: "999" })
    expect(move).toMatchObject({ at: "from", state: STATE })
    expect(move?.reason).toBe("the signer's state is at 1000/0/2, and node-2 was only seen at height 999")
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-1"], "node-1"])
  })

  it("is back at the old node when the guard refuses at the new one, with its words", async () => {
    host.engine("guard-refuses-node-2", REFUSAL)
    const { move } = await host.move()
    expect(move).toMatchObject({ at: "from", reason: `the signer did not start: ${REFUSAL}` })
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2", "kill node-2", "start node-1"], "node-1"])
  })

  it("is back at the old node when it does not reach the new one in time", async () => {
    host.cutOff("node-2")
    const { move } = await host.move({ connect_s: "1" })
    expect(move).toMatchObject({ at: "from", reason: "the signer did not reach node-2 within 1 s" })
    expect(move?.connectedMs).toBeDefined()
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2", "kill node-2", "start node-1"], "node-1"])
  })

  it("does not take a connection to the old node for one to the new", async () => {
    host.engine("port-node-2", host.seen("port-node-1"))
    expect((await host.move({ connect_s: "1" })).move).toMatchObject({ at: "from", reason: "the signer did not reach node-2 within 1 s" })
  })

  it("dials the old node when neither can be reached", async () => {
    host.cutOff("node-1")
    host.cutOff("node-2")
    const { move } = await host.move({ connect_s: "1" })
    expect(move).toMatchObject({ at: "from", connectedMs: undefined })
    expect(move?.reason).toBe("the signer did not reach node-2 within 1 s; the signer did not reach node-1 within 1 s")
    expect([host.read("aim"), host.seen("status")]).toEqual(["node-1", "running"])
  })

  it("never goes back to a node that has not seen what it signed at the other one meanwhile", async () => {
    host.cutOff("node-2")
    // It is slow to connect: what it signs comes after the deadline.
    host.engine("on-kill", `[ "$(cat "$CONTROL/aim")" = node-1 ] || sed -i 's/1000/1001/' "$CONTROL/../state/priv_validator_state.json"`)
    const { move } = await host.move({ connect_s: "1" })
    expect(move).toMatchObject({ at: "to", state: { height: 1001, round: 0, step: 2 } })
    expect(move?.reason).toContain("the signer did not reach node-2 within 1 s, but it has signed there since")
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2", "kill node-2", "start node-2"], "node-2"])
  })

  it("is stopped when the guard refuses at both nodes", async () => {
    host.engine("guard-refuses-node-1", REFUSAL)
    host.engine("guard-refuses-node-2", REFUSAL)
    const { move } = await host.move()
    expect(move).toMatchObject({ at: "stopped", state: STATE })
    expect(move?.reason).toBe(`the signer did not start: ${REFUSAL}; at node-1: the signer did not start: ${REFUSAL}`)
  })

  it("goes on through a moment in which the engine does not answer", async () => {
    host.engine("on-start", "touch mute")
    host.engine("on-inspect", '[ ! -e mute ] || { rm mute; echo "EOF" >&2; exit 1; }')
    expect((await host.move()).move).toMatchObject({ at: "to", reason: "" })
  })

  it("goes on when the engine was too busy to say that it has started it", async () => {
    host.engine("on-start", "do_start; sleep 30")
    expect((await host.move({ engine_s: "1" })).move).toMatchObject({ at: "to", reason: "" })
  })
})

describe("with no way back", () => {
  const alone = { from: undefined, from_address: undefined }

  it("goes to its node when it was stopped, and nothing is killed", async () => {
    host = await MoveHost.stopped()
    expect((await host.move(alone)).move).toMatchObject({ at: "to", state: STATE, reason: "" })
    expect(host.did).toEqual(["start node-2"])
  })

  it("stays where it was sent when it does not reach it", async () => {
    host.cutOff("node-2")
    const { move } = await host.move({ ...alone, connect_s: "1" })
    expect(move).toMatchObject({ at: "to", connectedMs: undefined, reason: "the signer did not reach node-2 within 1 s" })
    expect([host.did, host.seen("status")]).toEqual([["kill node-1", "start node-2"], "running"])
  })

  it("is stopped when the guard refuses", async () => {
    host.engine("guard-refuses-node-2", REFUSAL)
    expect((await host.move(alone)).move).toMatchObject({ at: "stopped", state: STATE, reason: `the signer did not start: ${REFUSAL}` })
  })

  it("is stopped when its state is above the gate", async () => {
    expect((await host.move({ ...alone, gate: "999" })).move).toMatchObject({ at: "stopped", state: STATE })
    expect([host.did, host.read("aim")]).toEqual([["kill node-1"], "node-1"])
  })

  it("is stopped when its container is not there", async () => {
    host = await MoveHost.stopped()
    rmSync(host.path("engine/id"))
    const { move } = await host.move(alone)
    expect(move).toMatchObject({ at: "stopped" })
    expect(move?.reason).toContain("No such container")
  })
})

describe("is never started when it is not seen to be gone:", () => {
  const gone: readonly { readonly name: string; readonly files: Readonly<Record<string, string>>; readonly reason: string }[] = [
    { name: "a kill does nothing", files: { "on-kill": "exit 0" }, reason: "its container is running after SIGKILL" },
    {
      name: "it comes back by itself",
      files: { "on-kill": "do_kill; echo restarting >status; exit 0" },
      reason: "its container is restarting after SIGKILL",
    },
    { name: "its process is left", files: { "on-kill": "echo exited >status; exit 0" }, reason: "tmkms still runs as process PID" },
    {
      name: "the engine falls silent",
      files: { "on-kill": "do_kill; touch silent; exit 0", "on-inspect": '[ ! -e silent ] || { echo "EOF" >&2; exit 1; }' },
      reason: "the engine does not say how lab-main-signer is: EOF",
    },
  ]

  it.each(gone)("$name", async ({ files, reason }) => {
    for (const [name, text] of Object.entries(files)) host.engine(name, text)
    const { move } = await host.move()
    expect(move).toMatchObject({ at: "unclear", state: undefined, reason: reason.replace("PID", host.seen("pid")) })
    expect([host.did, host.read("aim")]).toEqual([["kill node-1"], "node-1"])
  })

  it("the process of a container that the engine calls exited is alive", async () => {
    host.engine("status", "exited")
    expect((await host.move()).move).toMatchObject({ at: "untouched", reason: `tmkms still runs as process ${host.seen("pid")}` })
    expect(host.did).toEqual([])
  })

  it.each(["marks", "deployment/signers/main/control"])("another process on its host holds the lock of its key in %s", async (dir) => {
    host = await MoveHost.stopped()
    await holding(host.path(dir, "running.lock"))
    expect((await host.move()).move).toMatchObject({ at: "untouched", reason: "another process on this host signs with this key" })
    expect(host.did).toEqual([])
  })

  it("it does not die at the new node", async () => {
    host.cutOff("node-2")
    host.engine("on-kill", '[ "$(cat "$CONTROL/aim")" = node-1 ] || exit 0')
    const { move } = await host.move({ connect_s: "1" })
    expect(move).toMatchObject({ at: "unclear", state: STATE })
    expect(move?.reason).toBe("the signer did not reach node-2 within 1 s; its container is running after SIGKILL")
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2", "kill node-2"], "node-2"])
  })
})

describe("an engine that does not answer", () => {
  it.each([
    ["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", 1],
    ["error during connect: dial unix /var/run/docker.sock: connect: no such file or directory", 1],
    ["error during connect: lookup engine: no such host", 1],
    ["timeout: failed to run command 'docker': No such file or directory", 127],
    ["Error: No such container: lab-main-signer", 125],
    ["permission denied while trying to connect to the Docker daemon socket", 1],
    ["", 0],
  ])("is never taken for a missing signer: %s", async (said, code) => {
    host.engine("on-inspect", `echo "${said}" >&2; exit ${code}`)
    const { move } = await host.move()
    expect(move).toMatchObject({ at: "untouched", state: undefined, stoppedMs: undefined })
    expect(move?.reason).toContain("the engine does not say how lab-main-signer is")
    expect([host.did, host.read("aim")]).toEqual([[], "node-1"])
  })

  it("is not waited for longer than its deadline, even when it ignores being told to end", async () => {
    host.engine("on-inspect", "trap '' TERM; sleep 60")
    expect((await host.move({ engine_s: "1" })).move).toMatchObject({
      at: "untouched",
      reason: expect.stringMatching(/^the engine does not say how lab-main-signer is: (no answer|Killed)/),
    })
  })
})

describe("a state that is", () => {
  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["cut off", '{"height":"1000","round":"0","st'],
    ["without its block", '{"height":"1000","round":"0","step":2}'],
    ["of numbers", '{"height":1000,"round":"0","step":2,"block_id":null}'],
    ["two", '{"height":"1000","round":"0","step":2,"block_id":null}x'],
  ])("%s leaves the signer stopped", async (_, text) => {
    host.stateText(text)
    const { move } = await host.move()
    expect(move).toMatchObject({ at: "stopped", state: undefined, reason: "the signer's state is missing or damaged" })
    expect([host.did, host.read("aim")]).toEqual([["kill node-1"], "node-1"])
  })

  it("written over many lines is read", async () => {
    host.stateText('{\n  "height": "999",\n  "round": "12",\n  "step": 1,\n  "block_id": null\n}\n')
    expect((await host.move()).move).toMatchObject({ at: "to", state: { height: 999, round: 12, step: 1 } })
  })
})

describe("nothing is touched", () => {
  const untouched: readonly { readonly name: string; readonly make: () => unknown; readonly reason: string }[] = [
    {
      name: "when the lock on the signer is not held",
      make: () => host.letGoOfLock(),
      reason: "the lock on this signer was lost meanwhile",
    },
    { name: "when the epoch has moved on", make: () => host.write("epoch", "5"), reason: "another operation has begun since" },
    { name: "when there is no epoch", make: () => rmSync(`${host.control}/epoch`), reason: "another operation has begun since" },
    { name: "when it is fenced", make: () => host.write("fence", "by hand:\nold disk"), reason: "the signer is fenced: by hand: old disk" },
    {
      name: "when its key is fenced on this host",
      make: () => writeFileSync(host.path("marks/fence"), "replaced by sig-2\n"),
      reason: "the signer is fenced: replaced by sig-2",
    },
  ]

  it.each(untouched)("$name", async ({ make, reason }) => {
    await make()
    const { code, move } = await host.move()
    expect([code, move]).toMatchObject([0, { at: "untouched", reason, state: undefined, stoppedMs: undefined }])
    expect([host.did, host.read("aim"), host.seen("status")]).toEqual([[], "node-1", "running"])
  })

  it("while another section is at work, which goes on", async () => {
    host.engine("on-kill", "touch killed; sleep 1")
    const first = host.launch()
    await host.until("killed")
    const second = await host.move({ run: "op/2", to: "node-1", from: undefined })
    expect(second).toMatchObject({ code: 75, stderr: "move-signer: another move is at work", move: undefined })
    expect((await first).stdout).toContain("at=to")
    expect(host.did).toEqual(["kill node-1", "start node-2"])
  })

  it.each([
    ["the record", "move.new"],
    ["the script", "move.sh.new"],
  ])("when the disk has no room for %s", async (_, file) => {
    symlinkSync("/dev/full", `${host.control}/${file}`)
    const { code, stderr, move } = await host.move()
    expect([code, move]).toEqual([73, undefined])
    expect(stderr).not.toBe("")
    expect([host.did, host.seen("status")]).toEqual([[], "running"])
  })

  it.each([
    ["an unknown argument", { pace: "fast" }],
    ["no node", { to: undefined }],
    ["no address to see it connected at", { to_address: undefined }],
    ["a way back without an address", { from_address: undefined }],
    ["no gate", { gate: undefined }],
    ["a gate that is not a number", { gate: "-5" }],
    ["no epoch", { epoch: "" }],
  ])("with %s", async (_, args) => {
    expect(await host.move(args)).toMatchObject({ code: 64, move: undefined })
    expect(host.did).toEqual([])
  })

  it("by a script that did not arrive whole, wherever it was cut off", async () => {
    const cuts = [...Array.from({ length: 24 }, (_, index) => Math.floor((index * SCRIPT.length) / 24)), ...lastBytes(12)]
    for (const length of cuts) {
      const { move } = await host.move({}, SCRIPT.slice(0, length))
      expect([length, move, host.did, host.seen("status")]).toEqual([length, undefined, [], "running"])
    }
  })
})

describe("whoever started it may go away", () => {
  it("with its whole process group, its connection and its lock", async () => {
    host.engine("on-kill", "touch killed; sleep 1")
    const launcher = host.launch()
    await host.until("killed")
    process.kill(-(launcher.pid ?? 0), "SIGKILL")
    await launcher
    await host.letGoOfLock()
    expect(host.read("move")).toBeUndefined()
    await vi.waitUntil(() => host.read("move"), { timeout: 30_000 })
    expect(host.read("move")).toContain("at=to")
    expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-2"], "node-2"])
    await vi.waitUntil(() => host.isFree())
  })

  it.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)("and neither can it be stopped half-way by %s", async (signal) => {
    host.engine("on-kill", "touch killed; sleep 1")
    const launcher = host.launch()
    await host.until("killed")
    const children = readFileSync(`/proc/${launcher.pid}/task/${launcher.pid}/children`, "utf8").trim().split(" ")
    for (const pid of children) process.kill(-Number(pid), signal)
    expect((await launcher).stdout).toContain("at=to")
  })
})

describe("a record", () => {
  it("of an earlier move is never taken for one of a section that was killed", async () => {
    host.write("move", "run=op/0\nat=to\nreason=")
    host.engine("on-kill", "touch killed; sleep 5")
    const launcher = host.launch()
    await host.until("killed")
    const children = readFileSync(`/proc/${launcher.pid}/task/${launcher.pid}/children`, "utf8").trim().split(" ")
    for (const pid of children) process.kill(-Number(pid), "SIGKILL")
    expect(await launcher).toMatchObject({ exitCode: 137, stdout: "" })
    expect(host.isFree()).toBe(true)
  })

  it("that cannot be written any more is told, and the signer is where it should be", async () => {
    host.engine("on-start", 'rm "$CONTROL/move.new"; mkdir "$CONTROL/move.new"')
    const { code, stderr } = await host.move()
    expect([code, stderr]).toEqual([
      74,
      expect.stringContaining("it ended (to), and ROOT/deployment/signers/main/control cannot be written"),
    ])
    expect([host.did, host.seen("status")]).toEqual([["kill node-1", "start node-2"], "running"])
  })

  it("cannot be forged by what a program says", async () => {
    host.engine("on-start", `[ "$(cat "$CONTROL/aim")" = node-1 ] || { printf 'no\\nat=to\\\\nreason=\\n' >&2; exit 1; }`)
    expect((await host.move()).move).toMatchObject({ at: "from", reason: expect.stringContaining("the engine did not start it: no at=to") })
  })
})

it("leaves an aim that cannot be written as it is, and starts there", async () => {
  mkdirSync(`${host.control}/aim.new`)
  expect((await host.move()).move).toMatchObject({ at: "from", reason: "the aim could not be written" })
  expect([host.did, host.read("aim")]).toEqual([["kill node-1", "start node-1"], "node-1"])
})

describe("a container that is older than what is rendered", () => {
  it("is made anew while it stands still, from what is there", async () => {
    const { move } = await host.move({ recreate: "yes" })
    expect(move).toMatchObject({ at: "to", reason: "" })
    expect(host.did).toEqual(["kill node-1", "compose node-1", "start node-2"])
    expect(host.seen("composed")).toBe(`compose --file ${host.path("deployment")}/compose.yaml create --no-build --pull never main-signer`)
    expect(host.seen("id")).toBe("b".repeat(64))
  })

  it("goes on as it was when it cannot be made anew", async () => {
    host.engine("on-compose", 'echo "Error: no such image" >&2; exit 1')
    expect((await host.move({ recreate: "yes" })).move).toMatchObject({ at: "to", reason: "" })
    expect([host.did, host.seen("id")]).toEqual([["kill node-1", "compose node-1", "start node-2"], "a".repeat(64)])
    expect(host.read("move.log")).toBe("move-signer: lab-main-signer stays as it was: Error: no such image")
  })
})

/** Addresses of a move in the other direction. */
function swapped(): Readonly<Record<string, string>> {
  const all = new Map(host.args().map((arg) => [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)]))
  return { to_address: all.get("from_address") ?? "", from_address: all.get("to_address") ?? "" }
}

/** The lengths at which only the end of the script is missing; its last newline is nothing. */
function lastBytes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => SCRIPT.trimEnd().length - 1 - index)
}
