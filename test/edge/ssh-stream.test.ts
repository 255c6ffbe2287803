import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { readLogs } from "../../src/app/logs.ts"
import type { Fleet, HostAccess } from "../../src/core/ports.ts"
import { openFleet } from "../../src/edge/fleet.ts"
import { aBoxTopology } from "../support/box-topology.ts"
import { isRunning } from "../support/is-running.ts"
import { SshServer } from "../support/ssh-server.ts"

let server: SshServer
let far: string
const fleets: Fleet[] = []

beforeAll(async () => {
  server = await SshServer.start()
  far = mkdtempSync(join(tmpdir(), "gonka-ha-far-"))
})

afterAll(async () => {
  await server?.stop()
  if (far) rmSync(far, { recursive: true, force: true })
})

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()))
  await vi.waitFor(() => expect(server.clients()).toEqual([]), { timeout: 15_000 })
})

function box(config = server.config): HostAccess {
  const fleet = openFleet(aBoxTopology(config))
  fleets.push(fleet)
  return fleet.host("box")
}

const IGNORES = { out: async () => true, err: async () => true }

describe("stream", () => {
  it("hands on both outputs and the exit code, 255 as well", async () => {
    const said = { out: "", err: "" }
    const keep = (which: keyof typeof said) => async (piece: Uint8Array) => {
      said[which] += Buffer.from(piece).toString()
      return true
    }
    const host = box()
    expect(await host.stream(["sh", "-c", "echo 'a  b'; echo oops >&2; exit 7"], { out: keep("out"), err: keep("err") })).toBe(7)
    expect(said).toEqual({ out: "a  b\n", err: "oops\n" })
    expect(await host.stream(["sh", "-c", "exit 255"], IGNORES)).toBe(255)
  })

  it("says that the connection broke, and does not take it for the command's end", async () => {
    const host = box()
    const ended = host.stream(["sh", "-c", "echo up; exec sleep 600"], {
      err: async () => true,
      out: async () => {
        for (const { pid } of server.clients()) process.kill(pid, "SIGKILL")
        return true
      },
    })
    await expect(ended).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
  })

  it("says that a host cannot be reached", async () => {
    await expect(box(server.strangeConfig).stream(["true"], IGNORES)).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
  })
})

it("a log that is followed ends on the host, too, when it is not followed any more", async () => {
  const pidFile = join(far, "pid")
  const fleet = openFleet(aBoxTopology(server.config))
  fleets.push(fleet)
  const box = fleet.host("box")
  const interruption = new AbortController()
  // Over there a function of the shell stands in for the engine.
  const docker = `docker() { case $1 in inspect) ;; *) echo 2026-11-23T12:00:00.0Z one; exec sh -c 'echo $$ >${pidFile}; exec sleep 600';; esac; }\n`
  const standIn: HostAccess = {
    ...box,
    stream: ([sh = "", c = "", script = "", ...rest], options) => box.stream([sh, c, docker + script, ...rest], options),
  }
  const { wasInterrupted, failures } = await readLogs(
    { fleet: { host: () => standIn, close: async () => {} }, signal: interruption.signal },
    [{ source: "node-1", host: "box", container: "lab-node-1" }],
    { follow: true, since: undefined, tail: undefined },
    async () => {
      await vi.waitFor(() => expect(readFileSync(pidFile, "utf8")).not.toBe(""), { timeout: 5000 })
      interruption.abort()
      return true
    },
  )
  expect([wasInterrupted, failures]).toEqual([true, []])
  const pid = Number(readFileSync(pidFile, "utf8"))
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000 })
})

it("attach runs a command on the terminal that this process has, and gives its exit code", async () => {
  const host = box()
  expect(await host.attach(["sh", "-c", "exit 4"], false)).toBe(4)
  await expect(box(server.strangeConfig).attach(["true"], false)).rejects.toMatchObject({ code: "HOST_UNREACHABLE", exit: 9 })
})
