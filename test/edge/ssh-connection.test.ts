import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { execa } from "execa"
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import type { Fleet, HostAccess } from "../../src/core/ports.ts"
import { Secret } from "../../src/core/secret.ts"
import { openFleet } from "../../src/edge/fleet.ts"
import { aBoxTopology } from "../support/box-topology.ts"
import { freePort, listening, portOf, SshServer } from "../support/ssh-server.ts"

let server: SshServer
/** Where the far side reads and writes; it is the same machine. */
let far: string

beforeAll(async () => {
  server = await SshServer.start()
  far = mkdtempSync(join(tmpdir(), "gonka-ha-far-"))
})

afterAll(async () => {
  await server?.stop()
  if (far) rmSync(far, { recursive: true, force: true })
})

const fleets: Fleet[] = []

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()))
  // A client that was left over belongs to the test that has just ended.
  await eventually("every ssh client has ended", () => server.clients().length === 0)
})

function box(config = server.config, rpcPorts: readonly number[] = []): HostAccess {
  const fleet = openFleet(aBoxTopology(config, rpcPorts))
  fleets.push(fleet)
  return fleet.host("box")
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<number> {
  const begun = performance.now()
  while (!(await holds())) {
    if (performance.now() - begun > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await delay(50)
  }
  return performance.now() - begun
}

describe("run", () => {
  it("hands over every argument as it is", async () => {
    const host = box()
    const awkward = fc.array(
      fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !text.includes("\0")),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(awkward, async (args) => {
        const result = await host.run(["printf", "<%s>\\n", ...args, "end"])
        expect(result).toEqual({ code: 0, stdout: [...args, "end"].map((arg) => `<${arg}>\n`).join(""), stderr: "" })
      }),
      { numRuns: 15, examples: [[["", "a b", "it's", '"', "$HOME `id`", "-n", "*", "~", "\n", "!x", "ü 漢", "\\", "a;b", "#"]]] },
    )
  })

  it("gives code, both outputs and nothing else", async () => {
    expect(await box().run(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" })
  })

  it("hands over its input, and none when there is none", async () => {
    const host = box()
    expect(await host.run(["cat"], { stdin: "line\nlast without end" })).toMatchObject({ stdout: "line\nlast without end" })
    expect(await host.run(["cat"])).toMatchObject({ code: 0, stdout: "" })
  })

  it("runs many at a time over one connection", async () => {
    const host = box()
    const results = await Promise.all(Array.from({ length: 30 }, (_, index) => host.run(["echo", String(index)])))
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 30 }, (_, index) => index))
  })

  it("gives up on a command that takes too long", async () => {
    const begun = performance.now()
    await expect(box().run(["sleep", "30"], { timeoutMs: 500 })).rejects.toMatchObject({
      code: "HOST_UNREACHABLE",
      exit: 9,
      message: "host box cannot be reached: no answer within 0.5 s",
    })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe("push", () => {
  it("writes content, mode and directories, and leaves nothing else behind", async () => {
    const host = box()
    const dir = join(far, "push", "a b's")
    await host.push(join(dir, "secrets", "key"), new Secret("top secret ü\n"), 0o600)
    await host.push(join(dir, "public", "script.sh"), "#!/bin/sh\n", 0o755)
    expect(readFileSync(join(dir, "secrets", "key"), "utf8")).toBe("top secret ü\n")
    const modes = ["secrets", "secrets/key", "public", "public/script.sh"].map((path) =>
      (statSync(join(dir, path)).mode & 0o777).toString(8),
    )
    expect(modes).toEqual(["700", "600", "755", "755"])
    expect([readdirSync(join(dir, "secrets")), readdirSync(join(dir, "public"))]).toEqual([["key"], ["script.sh"]])
  })

  it("replaces a file with another inode, so that a reader has the old or the new one", async () => {
    const host = box()
    const path = join(far, "replaced")
    await host.push(path, "old", 0o644)
    const before = statSync(path).ino
    await host.push(path, "", 0o755)
    expect([readFileSync(path, "utf8"), (statSync(path).mode & 0o777).toString(8)]).toEqual(["", "755"])
    expect(statSync(path).ino).not.toBe(before)
  })

  it("never overwrites a secret by another one", async () => {
    const host = box()
    const path = join(far, "secret")
    await host.push(path, new Secret("first"), 0o600)
    await host.push(path, new Secret("first"), 0o600)
    await expect(host.push(path, new Secret("second"), 0o600)).rejects.toMatchObject({
      code: "REMOTE_COMMAND",
      message: expect.stringContaining("secrets are never overwritten"),
    })
    expect(readFileSync(path, "utf8")).toBe("first")
    expect(existsSync(`${path}.new`)).toBe(false)
  })

  it("leaves the old file alone when its process is killed in the middle", async () => {
    const path = join(far, "half")
    writeFileSync(path, "old")
    const child = startChild("push", path, "300")
    await said(child, "pushing")
    await eventually("the new content arrives", () => existsSync(`${path}.new`) && statSync(`${path}.new`).size > 0)
    child.kill("SIGKILL")
    await eventually("the half-written file is gone", () => !existsSync(`${path}.new`))
    expect(readFileSync(path, "utf8")).toBe("old")
  })

  it("says why it cannot write", async () => {
    mkdirSync(join(far, "directory", "inside"), { recursive: true })
    await expect(box().push("/proc/nowhere/file", "x", 0o644)).rejects.toMatchObject({ code: "REMOTE_COMMAND", exit: 7 })
  })
})

describe("hold", () => {
  const isFree = async (dir: string) => (await execa("flock", ["-n", join(dir, "lock"), "true"], { reject: false })).exitCode === 0
  const lockIn = (name: string) => {
    const dir = join(far, name)
    mkdirSync(dir, { recursive: true })
    return dir
  }
  const holding = (dir: string) => ["flock", "-n", `${dir}/lock`, "sh", "-c", "echo held; exec cat"]

  it("holds until it is released", async () => {
    const dir = lockIn("released")
    const held = await box().hold(holding(dir))
    if ("code" in held) throw new Error(`not held: ${held.stderr}`)
    expect(await isFree(dir)).toBe(false)
    await held.release()
    await eventually("the lock is free", () => isFree(dir))
  })

  it("gives the result of a command that does not hold", async () => {
    const dir = lockIn("busy")
    const host = box()
    const first = await host.hold(holding(dir))
    expect(await host.hold(["flock", "-n", "-E", "75", `${dir}/lock`, "echo", "held"])).toMatchObject({ code: 75 })
    if (!("code" in first)) await first.release()
  })

  it("is over when the process that holds is killed", async () => {
    const dir = lockIn("killed")
    const child = startChild("hold", dir)
    await said(child, "held")
    expect(await isFree(dir)).toBe(false)
    child.kill("SIGKILL")
    expect(await eventually("the lock is free", () => isFree(dir))).toBeLessThan(10_000)
  })

  it("says that it was lost when the connection breaks", async () => {
    const dir = lockIn("broken")
    const held = await box().hold(holding(dir))
    if ("code" in held) throw new Error(`not held: ${held.stderr}`)
    // The master is the one that listens for forwards; its sessions end with it.
    const master = server.clients().find(({ args }) => args.startsWith("ssh -M "))
    if (!master) throw new Error("there is no master")
    process.kill(master.pid, "SIGKILL")
    expect(await held.lost).toMatch(/\S/)
    await eventually("the lock is free", () => isFree(dir))
  })
})

describe("a host that cannot be reached", () => {
  it("is refused when its key is not known", async () => {
    await expect(box(server.strangeConfig).run(["true"])).rejects.toMatchObject({
      code: "HOST_UNREACHABLE",
      exit: 9,
      message: expect.stringMatching(/the host key of .* is not known: ED25519 SHA256:/),
      hint: expect.stringContaining(`accept it: ssh -F ${server.strangeConfig} -o StrictHostKeyChecking=ask box true`),
    })
  })

  it("costs one short try when nothing listens, however often it is asked", async () => {
    const config = join(far, "refused_config")
    writeFileSync(config, readFileSync(server.config, "utf8").replace(`Port ${server.port}`, `Port ${await freePort()}`))
    const host = box(config)
    const begun = performance.now()
    const answers = await Promise.allSettled([host.run(["true"]), host.hold(["true"]), host.containers(), host.rpc(1, "/status", 1000)])
    expect(performance.now() - begun).toBeLessThan(5000)
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: "rejected",
        reason: { code: "HOST_UNREACHABLE", exit: 9, message: expect.stringContaining("Connection refused") },
      })
    }
  })

  it("is tried anew where that is asked for, and stays open then", async () => {
    const config = join(far, "returned_config")
    const open = readFileSync(server.config, "utf8")
    writeFileSync(config, open.replace(`Port ${server.port}`, `Port ${await freePort()}`))
    const host = box(config)
    await expect(host.run(["true"])).rejects.toMatchObject({ code: "HOST_UNREACHABLE" })
    writeFileSync(config, open)
    await expect(host.run(["true"])).rejects.toMatchObject({ code: "HOST_UNREACHABLE" })
    expect(await host.run(["true"], { anew: true })).toMatchObject({ code: 0 })
    expect(await host.run(["true"])).toMatchObject({ code: 0 })
  })

  it("is tried only once", async () => {
    let tries = 0
    const tcp = await listening(
      createServer((socket) => {
        tries += 1
        socket.destroy()
      }),
    )
    const config = join(far, "closed_config")
    writeFileSync(config, readFileSync(server.config, "utf8").replace(`Port ${server.port}`, `Port ${portOf(tcp)}`))
    const host = box(config)
    for (let time = 0; time < 3; time++) await expect(host.run(["true"])).rejects.toMatchObject({ code: "HOST_UNREACHABLE" })
    await Promise.allSettled([host.run(["true"]), host.run(["true"])])
    await new Promise((resolve) => tcp.close(resolve))
    expect(tries).toBe(1)
  })
})

describe("rpc", () => {
  it("asks a server on the far side's loopback, and says so when nothing listens", async () => {
    const http = createHttpServer((request, response) => response.end(JSON.stringify({ result: { path: request.url } })))
    await listening(http)
    const silent = await freePort()
    const host = box(server.config, [portOf(http), silent])
    expect(await host.rpc(portOf(http), "/commit?height=7", 5000)).toEqual({ path: "/commit?height=7" })
    await expect(host.rpc(silent, "/status", 5000)).rejects.toMatchObject({ code: "RPC", message: "RPC /status: nothing listens" })
    await new Promise((resolve) => http.close(resolve))
  })
})

describe("close", () => {
  it("leaves no process and no file, also with a hold and a forward in use", async () => {
    const http = createHttpServer((_, response) => {
      response.write("{")
    })
    await listening(http)
    const own = mkdtempSync(join(tmpdir(), "t-"))
    vi.stubEnv("TMPDIR", own)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      rmSync(own, { recursive: true, force: true })
    })
    const fleet = openFleet(aBoxTopology(server.config, [portOf(http)]))
    const host = fleet.host("box")
    await host.hold(["sh", "-c", "echo held; exec cat"])
    const asked = host.rpc(portOf(http), "/status", 60_000).catch((error: Error) => error.message)
    await delay(300)
    expect(readdirSync(own)).toHaveLength(1)
    expect(server.clients().length).toBeGreaterThan(0)
    await fleet.close()
    expect(await eventually("every ssh client has ended", () => server.clients().length === 0)).toBeLessThan(3000)
    expect(await asked).toMatch(/^RPC \/status: /)
    expect(readdirSync(own)).toEqual([])
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })

  it("does nothing when nothing was opened, and can be repeated", async () => {
    const fleet = openFleet(aBoxTopology(server.config))
    fleet.host("box")
    await fleet.close()
    await fleet.host("box").run(["true"])
    await fleet.close()
    await fleet.close()
  })
})

function startChild(...args: readonly string[]): ChildProcess {
  const script = join(import.meta.dirname, "../support/ssh-child.ts")
  const child = spawn(process.execPath, ["--import", "tsx", script, server.config, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  return child
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      text += String(chunk)
      if (text.includes(word)) resolve()
    })
    child.once("exit", (code) => reject(new Error(`the child ended with ${code} before it said ${word}`)))
  })
}
