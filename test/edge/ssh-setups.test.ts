import { execFileSync, spawn } from "node:child_process"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import { execa } from "execa"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import type { Fleet, HostAccess } from "../../src/core/ports.ts"
import { openFleet } from "../../src/edge/fleet.ts"
import { aBoxTopology } from "../support/box-topology.ts"
import { listening, portOf, SshServer } from "../support/ssh-server.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const fleets: Fleet[] = []

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((fleet) => fleet.close()))
})

async function serve(...settings: readonly string[]): Promise<SshServer> {
  const server = await SshServer.start(settings)
  onTestFinished(() => server.stop())
  return server
}

function box(config: string, rpcPorts: readonly number[] = []): HostAccess {
  const fleet = openFleet(aBoxTopology(config, rpcPorts))
  fleets.push(fleet)
  return fleet.host("box")
}

async function refusal(config: string): Promise<{ readonly message: string; readonly hint: string }> {
  const error: unknown = await box(config)
    .run(["true"])
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: "HOST_UNREACHABLE", exit: 9, message: expect.any(String), hint: expect.any(String) })
  return error as { message: string; hint: string }
}

/** What `ssh-keygen -l` tells of a public key. */
const fingerprintOf = (file: string) => execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1] ?? ""

/** Types a word at every question of an ssh that has no terminal. */
async function answering(word: string, command: string): Promise<void> {
  const askpass = join(temporaryDir(), "askpass")
  writeFileSync(askpass, `#!/bin/sh\necho ${word}\n`, { mode: 0o755 })
  await execa("setsid", ["--wait", "sh", "-c", command], {
    env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" },
    stdin: "ignore",
  })
}

describe("a host key", () => {
  it("that is not known is refused with its fingerprint, and with the very command that accepts it", async () => {
    const server = await serve()
    const { message, hint } = await refusal(server.strangeConfig)
    const print = fingerprintOf(join(server.dir, "host.pub"))
    expect(message).toBe(`host box cannot be reached: the host key of [127.0.0.1]:${server.port} is not known: ED25519 ${print}`)
    const command = hint.split("accept it: ")[1] ?? ""
    expect(command).toBe(`ssh -F ${server.strangeConfig} -o StrictHostKeyChecking=ask box true`)
    await answering("yes", command)
    expect(await box(server.strangeConfig).run(["true"])).toMatchObject({ code: 0 })
  })

  it("that has changed is refused, with the line that knows another one", async () => {
    const server = await serve()
    const known = join(server.dir, "known_hosts")
    const operator = readFileSync(join(server.dir, "operator.pub"), "utf8")
    writeFileSync(known, `# somebody's\n[127.0.0.1]:${server.port} ${operator}`)
    const { message, hint } = await refusal(server.config)
    expect(message).toContain(`but ${known}:2 knows another one; somebody may be answering in its place`)
    expect(message).toContain(fingerprintOf(join(server.dir, "host.pub")))
    expect(hint).toContain("find out why it has changed before you do anything about it")
    expect(hint).toContain(`ssh-keygen -f ${known} -R '[127.0.0.1]:${server.port}'`)
    expect(readFileSync(known, "utf8")).toContain(operator)
  })
})

it("a user that is not let in is named, with what the host takes", async () => {
  const server = await serve()
  const { message, hint } = await refusal(server.configWith("wrong", (text) => text.replace(/User .*/, "User nobody-here")))
  expect(message).toBe("host box cannot be reached: 127.0.0.1 does not let nobody-here in: permission denied (it takes publickey)")
  expect(hint).toContain(`ssh -F ${server.dir}/wrong_config -v box true`)
})

it("settings that would undo ours are overruled", async () => {
  const server = await serve()
  const more = "  LogLevel QUIET\n  ClearAllForwardings yes\n  RemoteCommand uptime\n  ControlMaster auto\n  ControlPath /nowhere/%h\n"
  const http = await listening(createHttpServer((_, response) => response.end('{"result":7}')))
  onTestFinished(() => void http.close())
  const host = box(
    server.configWith("headstrong", (text) => text + more),
    [portOf(http)],
  )
  expect(await host.run(["echo", "hi"])).toMatchObject({ stdout: "hi\n" })
  expect(await host.rpc(portOf(http), "/status", 5000)).toBe(7)
  const quiet = server.configWith("quiet", (text) => `${text.replace("known_hosts", "no_hosts")}  LogLevel QUIET\n`)
  expect((await refusal(quiet)).message).toContain("is not known")
})

describe("a jump host", () => {
  async function behind() {
    const [jump, far] = await Promise.all([serve(), serve("AllowTcpForwarding no")])
    const config = join(far.dir, "by_jump")
    const jumpText = readFileSync(jump.config, "utf8").replace("Host box", "Host jump")
    writeFileSync(config, `${jumpText}${readFileSync(far.config, "utf8")}  ProxyJump jump\n`)
    return { jump, far, config }
  }

  it("is gone through, and everything works behind it", async () => {
    const { config } = await behind()
    const host = box(config)
    expect(await host.containers()).toBeInstanceOf(Array)
    const path = join(temporaryDir(), "pushed")
    await host.push(path, "x", 0o644)
    expect(readFileSync(path, "utf8")).toBe("x")
  })

  it("whose key is not known is refused without a question, and accepted by the command that is told", async () => {
    const { jump, config } = await behind()
    const unknown = `${config}_unknown`
    writeFileSync(unknown, readFileSync(config, "utf8").replace(join(jump.dir, "known_hosts"), join(jump.dir, "no_hosts")))
    const { message, hint } = await refusal(unknown)
    expect(message).toBe(
      `host box cannot be reached: the host key of a host on the way to it is not known: ${fingerprintOf(join(jump.dir, "host.pub"))}`,
    )
    await answering("yes", hint.split("accept it: ")[1] ?? "")
    expect(await box(unknown).run(["true"])).toMatchObject({ code: 0 })
  })

  it("that forwards nothing is named as the cause", async () => {
    const [jump, far] = await Promise.all([serve("DisableForwarding yes"), serve()])
    const jumpText = readFileSync(jump.config, "utf8").replace("Host box", "Host jump")
    const config = far.configWith("by_jump", (text) => `${jumpText}${text}  ProxyJump jump\n`)
    expect((await refusal(config)).message).toContain("the jump host on the way to it opens no connections for others")
  })
})

it("a key that only the agent holds lets in", async () => {
  const server = await serve()
  const socket = join(temporaryDir(), "agent")
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" })
  onTestFinished(() => void agent.kill())
  const key = join(server.dir, "operator")
  await vi.waitFor(() => execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "pipe" }), 5000)
  const config = server.configWith("agent", (text) =>
    text.replace(/ {2}Identit.*\n/g, "").concat(`  IdentityFile /nowhere/key\n  IdentityAgent ${socket}\n`),
  )
  expect(await box(config).run(["true"])).toMatchObject({ code: 0 })
  execFileSync("ssh-add", ["-q", "-D"], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "pipe" })
  expect((await refusal(config)).message).toContain("permission denied (it takes publickey)")
})

describe.each([["AllowStreamLocalForwarding no"], ["AllowTcpForwarding no"], ["DisableForwarding yes"]])(
  "an sshd that says %s",
  (setting) => {
    it("is asked for containers and for RPC all the same", async () => {
      const server = await serve(setting)
      const http = await listening(createHttpServer((request, response) => response.end(JSON.stringify({ result: request.url }))))
      onTestFinished(() => void http.close())
      const host = box(server.config, [portOf(http)])
      expect(await host.containers()).toBeInstanceOf(Array)
      expect(await host.inspect("gonka-ha-edge-none")).toBeUndefined()
      await expect(host.start("gonka-ha-edge-none")).rejects.toMatchObject({ code: "ENGINE", exit: 7 })
      const paths = ["/status", "/commit?height=7", "/net_info"]
      expect(await Promise.all(paths.map((path) => host.rpc(portOf(http), path, 10_000)))).toEqual(paths)
    })
  },
)

describe("an RPC port by a command", () => {
  it("says so when nothing listens, and gives up in time on a node that is frozen, leaving nothing behind", async () => {
    const server = await serve("DisableForwarding yes")
    const sockets: Socket[] = []
    const frozen = await listening(createServer((socket) => void sockets.push(socket.on("error", () => {}).resume())))
    onTestFinished(() => void frozen.close())
    const free = await listening(createServer())
    const silent = portOf(free)
    await new Promise((resolve) => free.close(resolve))
    const host = box(server.config, [portOf(frozen), silent])
    await expect(host.rpc(silent, "/status", 10_000)).rejects.toMatchObject({ code: "RPC", message: "RPC /status: nothing listens" })
    await expect(host.rpc(portOf(frozen), "/status", 1000)).rejects.toMatchObject({ message: "RPC /status: no answer within 1000 ms" })
    await vi.waitFor(
      () => expect(sockets.length > 0 && sockets.every((socket) => socket.readableEnded || socket.destroyed)).toBe(true),
      10_000,
    )
  })

  it("says what is missing on a host that has no means for it", async () => {
    const bin = temporaryDir()
    mkdirSync(bin, { recursive: true })
    for (const name of ["sh", "cat", "env"]) symlinkSync(`/bin/${name}`, join(bin, name))
    const server = await serve("DisableForwarding yes", `SetEnv PATH=${bin}`)
    const host = box(server.config, [1])
    await expect(host.rpc(1, "/status", 10_000)).rejects.toMatchObject({
      code: "RPC",
      message: "RPC /status: this host forwards no ports, and has neither bash nor nc",
    })
    await expect(host.containers()).rejects.toMatchObject({ code: "HOST_UNREACHABLE", message: expect.stringMatching(/docker.*not found/) })
  })
})

describe("a host that says sudo: true", () => {
  const withSudo = (config: string, rpcPorts: readonly number[] = []): HostAccess => {
    const fleet = openFleet(aBoxTopology(config, rpcPorts, true))
    fleets.push(fleet)
    return fleet.host("box")
  }

  it("is told everything through sudo, in and out and with the exit code, and from where it is asked", async () => {
    const host = withSudo((await serve()).config)
    const said = await host.run(
      ["sh", "-c", 'cat; echo "$SUDO_COMMAND" | cut -c1-12; echo "$SSH_CLIENT" | cut -d" " -f1; echo "a  \'b" >&2; exit 3'],
      {
        stdin: "é\0x",
      },
    )
    expect(said).toEqual({ code: 3, stdout: "é\0x/usr/bin/env\n127.0.0.1\n", stderr: "a  'b\n" })
    const file = join(temporaryDir(), "deep", "file")
    await host.push(file, "text\n", 0o600)
    expect(readFileSync(file, "utf8")).toBe("text\n")
  })

  it("gives a lock back when it is let go, and has its engine asked by sudo where the socket is not to be had", async () => {
    const host = withSudo((await serve("DisableForwarding yes")).config)
    const place = join(temporaryDir(), "lock")
    const hold = () => host.hold(["flock", "-n", "-E", "75", place, "sh", "-c", "echo held; cat >/dev/null"])
    const held = await hold()
    if ("code" in held) throw new Error(`it is not held: ${held.stderr}`)
    expect(await hold()).toMatchObject({ code: 75 })
    await held.release()
    await vi.waitFor(async () => {
      const again = await hold()
      expect(again).not.toHaveProperty("code")
      if (!("code" in again)) await again.release()
    }, 10_000)
    expect(await host.containers()).toBeInstanceOf(Array)
  })

  it("says what to allow where sudo is not to be had without a password", async () => {
    const bin = temporaryDir()
    mkdirSync(bin, { recursive: true })
    for (const name of ["sh", "cat", "env"]) symlinkSync(`/bin/${name}`, join(bin, name))
    writeFileSync(join(bin, "sudo"), "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n", { mode: 0o755 })
    const host = withSudo((await serve(`SetEnv PATH=${bin}`)).config)
    await expect(host.run(["true"])).rejects.toMatchObject({
      code: "HOST_UNREACHABLE",
      exit: 9,
      answers: true,
      message: "host box cannot be used: its user may not use sudo without a password: sudo: a password is required",
      hint: expect.stringContaining("NOPASSWD"),
    })
  })
})

it("a host that does not stop talking is stopped", async () => {
  const server = await serve()
  const host = box(server.config)
  await expect(host.run(["yes", "x".repeat(1000)])).rejects.toMatchObject({
    code: "REMOTE_COMMAND",
    message: "yes on box printed more than 32 MB and was stopped",
  })
  await vi.waitFor(
    () => expect(execFileSync("ps", ["-eo", "args="], { encoding: "utf8" })).not.toContain(`yes ${"x".repeat(1000)}`),
    10_000,
  )
  expect(await host.run(["echo", "still here"])).toMatchObject({ stdout: "still here\n" })
})
