import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { execa } from "execa"
import { describe, expect, it, onTestFinished } from "vitest"
import { settingsText } from "../../../src/core/render/settings.ts"
import { waitUntil } from "../../lab/wait-until.ts"
import { nobody } from "../../support/fake-rpc.ts"
import { ScriptRun } from "../../support/script-run.ts"

/** A privval port of a node, and a way to dial it: the connections are real ones of this machine's kernel. */
async function privval(): Promise<{
  readonly port: string
  readonly dial: () => Promise<Socket>
  readonly hangUp: () => void
  readonly halfClose: () => void
}> {
  const accepted: Socket[] = []
  const server = createServer((socket) => accepted.push(socket))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  const hangUp = () => accepted.splice(0).map((socket) => socket.resetAndDestroy())
  const halfClose = () => accepted.map((socket) => socket.end())
  onTestFinished(() => {
    hangUp()
    server.close()
  })
  const dial = async () => {
    const isAccepted = new Promise((resolve) => server.once("connection", resolve))
    const socket = connect({ port: address.port, host: "127.0.0.1", allowHalfOpen: true })
    // What the far end does to the connection is what the tests are about.
    socket.on("error", () => undefined)
    await Promise.all([isAccepted, new Promise((resolve) => socket.once("connect", resolve))])
    return socket
  }
  return { port: `${address.port}`, dial, hangUp, halfClose }
}

function signer(settings: Readonly<Record<string, string>>): ScriptRun {
  const run = new ScriptRun("signer-health.sh")
  run.write("config/settings", settingsText({ validator: "val-1", ...settings }))
  run.write("state/priv_validator_state.json", '{"height":"120","round":"0","step":2,"block_id":null}\n')
  run.write("control/floor", "100\n")
  mkdirSync(run.path("marks"))
  return run
}

function parking(owner: string, privval_port: string): ScriptRun {
  const run = new ScriptRun("signer-health.sh")
  run.write("config/settings", settingsText({ node: "node-1", privval_port }))
  run.write("control/owner", `${owner}\n`)
  return run
}

const NOT_CONNECTED = (ports: string) =>
  `unhealthy: no connection to privval port ${ports}: the node is down or out of reach, or another signer holds its port`

describe("signer-health.sh", () => {
  it("calls a signer healthy while it is connected", async () => {
    const { port, dial, hangUp } = await privval()
    const run = signer({ privval_port: port })
    expect(await run.run()).toEqual({ code: 1, stdout: NOT_CONNECTED(port), stderr: "" })
    const socket = await dial()
    expect(await run.run()).toEqual({ code: 0, stdout: `healthy: connected to privval port ${port}`, stderr: "" })
    const closed = new Promise((resolve) => socket.once("close", resolve))
    hangUp()
    await closed
    expect(await run.run()).toEqual({ code: 1, stdout: NOT_CONNECTED(port), stderr: "" })
  })

  it("does not take a connection elsewhere for one to its node", async () => {
    const elsewhere = await privval()
    await elsewhere.dial()
    const port = new URL(await nobody()).port
    expect((await signer({ privval_port: port }).run()).stdout).toBe(NOT_CONNECTED(port))
  })

  it("does not count a connection that the node has closed and the signer has not noticed", async () => {
    const { port, dial, halfClose } = await privval()
    const socket = await dial()
    const ended = new Promise((resolve) => socket.once("end", resolve).resume())
    halfClose()
    await ended
    expect((await signer({ privval_port: port }).run()).stdout).toBe(NOT_CONNECTED(port))
  })

  it("knows several ports, since a validator's candidates may have different ones", async () => {
    const { port, dial } = await privval()
    await dial()
    const other = new URL(await nobody()).port
    expect((await signer({ privval_port: `${other} ${port}` }).run()).stdout).toBe(`healthy: connected to privval port ${port}`)
  })

  it("lets a parking signer wait while the port is not its own", async () => {
    const line = "healthy: waiting on purpose: the privval port of node-1 is the validator's signer's"
    const port = new URL(await nobody()).port
    expect(await parking("validator", port).run()).toEqual({ code: 0, stdout: line, stderr: "" })
    const run = parking("parking", port)
    expect(await run.run()).toEqual({ code: 1, stdout: NOT_CONNECTED(port), stderr: "" })
    rmSync(run.path("control"), { recursive: true })
    expect((await run.run()).stdout).toBe(line)
  })

  it("wants a connection of a validator's signer whatever an owner file says", async () => {
    const port = new URL(await nobody()).port
    const run = signer({ privval_port: port })
    run.write("control/owner", "validator\n")
    expect((await run.run()).code).toBe(1)
  })

  it.each(["", "privval", "066", "123456"])("refuses the port %j", async (privval_port) => {
    const { code, stdout } = await signer({ privval_port }).run()
    expect(code).toBe(1)
    expect(stdout).toMatch(/^unhealthy: .*privval_port/)
  })

  describe("beside a validator's signer", () => {
    const floors = (run: ScriptRun) => ["control", "marks"].map((dir) => readFileSync(run.path(dir, "floor"), "utf8"))
    const UNRECORDED =
      "unhealthy: how far the signer's state has come cannot be recorded: the disk is full or read-only, or the state or a floor is damaged"
    const port = "1"

    it("records how far the state has come, in both places, also while it is not connected", async () => {
      const run = signer({ privval_port: port })
      expect((await run.run()).stdout).toBe(NOT_CONNECTED(port))
      expect(floors(run)).toEqual(["120\n", "120\n"])
    })

    it("does not put its height over that of a check that is quicker", async () => {
      const run = signer({ privval_port: "26658" })
      const [held, go] = [run.path("held"), run.path("go")]
      // The quicker one ends once the slower one stands at the lock or is past it.
      const script = `touch ${held}; until [ -e ${go} ]; do sleep 0.05; done; sleep 0.5; echo 200 >${run.path("control/floor")}`
      const quicker = execa("flock", [run.path("control/floor.lock"), "sh", "-c", script])
      await waitUntil("the lock is held", async () => (existsSync(held) ? true : undefined), { stuckAfterMs: 20_000 })
      const slower = run.run()
      run.write("go", "")
      await slower
      expect(floors(run)).toEqual(["200\n", "120\n"])
      await quicker
    })

    it("never lowers a floor", async () => {
      const run = signer({ privval_port: port })
      run.write("control/floor", "121\n")
      run.write("marks/floor", "500\n")
      await run.run()
      expect(floors(run)).toEqual(["121\n", "500\n"])
    })

    it("does without marks in a container that was made before there were any", async () => {
      const run = signer({ privval_port: port })
      rmSync(run.path("marks"), { recursive: true })
      expect((await run.run()).stdout).toBe(NOT_CONNECTED(port))
      expect(readFileSync(run.path("control/floor"), "utf8")).toBe("120\n")
    })

    it.each([
      { name: "no room", change: (run: ScriptRun) => symlinkSync("/dev/full", run.path("marks/floor.new")) },
      { name: "no state", change: (run: ScriptRun) => rmSync(run.path("state"), { recursive: true }) },
      { name: "half a state", change: (run: ScriptRun) => run.write("state/priv_validator_state.json", '{"height":"12') },
      { name: "a floor that is no number", change: (run: ScriptRun) => run.write("marks/floor", "high\n") },
    ])("is unhealthy with $name", async ({ change }) => {
      const run = signer({ privval_port: port })
      change(run)
      expect(await run.run()).toEqual({ code: 1, stdout: UNRECORDED, stderr: "" })
    })
  })
})
