import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"

const SSHD = "/usr/sbin/sshd"
const START_MS = 10_000

/** A real sshd on loopback with keys of its own, and the ssh configuration that reaches it under the name `box`. */
export class SshServer {
  readonly dir: string
  readonly config: string
  readonly port: number
  readonly #server: ChildProcess

  private constructor(dir: string, port: number, server: ChildProcess) {
    this.dir = dir
    this.config = join(dir, "ssh_config")
    this.port = port
    this.#server = server
  }

  /** @param settings further lines of sshd_config */
  static async start(settings: readonly string[] = []): Promise<SshServer> {
    if (!existsSync(SSHD)) throw new Error(`these tests log in to a real SSH server and need ${SSHD}: apt-get install openssh-server`)
    // sshd as root wants a directory of its own for the unprivileged half of itself.
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
    const dir = mkdtempSync(join(tmpdir(), "gonka-ha-sshd-"))
    const makeKey = (name: string) => execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(dir, name)])
    for (const name of ["host", "operator"]) makeKey(name)
    const port = await freePort()
    writeFileSync(join(dir, "authorized_keys"), readFileSync(join(dir, "operator.pub")), { mode: 0o600 })
    writeFileSync(
      join(dir, "sshd_config"),
      [
        `Port ${port}`,
        "ListenAddress 127.0.0.1",
        `HostKey ${join(dir, "host")}`,
        `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
        `PidFile ${join(dir, "sshd.pid")}`,
        "AuthenticationMethods publickey",
        "PermitRootLogin prohibit-password",
        "UsePAM no",
        // The directory lies below /tmp, which everybody may write to.
        "StrictModes no",
        "MaxStartups 100",
        "MaxSessions 100",
        ...settings,
        "",
      ].join("\n"),
    )
    writeFileSync(join(dir, "ssh_config"), sshConfig(dir, port, "known_hosts"))
    writeFileSync(join(dir, "strange_config"), sshConfig(dir, port, "no_hosts"))
    writeFileSync(join(dir, "known_hosts"), `[127.0.0.1]:${port} ${readFileSync(join(dir, "host.pub"), "utf8")}`)
    writeFileSync(join(dir, "no_hosts"), "")
    const server = spawn(SSHD, ["-D", "-e", "-f", join(dir, "sshd_config")], { stdio: ["ignore", "ignore", "pipe"] })
    let said = ""
    server.stderr?.on("data", (chunk: Buffer) => {
      said += String(chunk)
    })
    const box = new SshServer(dir, port, server)
    const until = performance.now() + START_MS
    while (!said.includes("Server listening")) {
      if (server.exitCode !== null || performance.now() > until) throw new Error(`sshd does not start: ${said}`)
      await delay(20)
    }
    return box
  }

  /** Another configuration, made from the one that works. */
  configWith(name: string, change: (config: string) => string): string {
    const path = join(this.dir, `${name}_config`)
    writeFileSync(path, change(readFileSync(this.config, "utf8")))
    return path
  }

  /** The same server, and a file of known hosts that does not know it. */
  get strangeConfig(): string {
    return join(this.dir, "strange_config")
  }

  /** Every process of this machine that was started as `ssh` with one of this server's configurations. */
  clients(): readonly { readonly pid: number; readonly args: string }[] {
    return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
      .split("\n")
      .flatMap((line) => {
        const [, pid = "", args = ""] = /^\s*(\d+) (ssh .*)$/.exec(line) ?? []
        return args.includes(this.dir) ? [{ pid: Number(pid), args }] : []
      })
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once("exit", resolve))
    if (this.#server.exitCode === null) {
      this.#server.kill("SIGTERM")
      await ended
    }
    rmSync(this.dir, { recursive: true, force: true })
  }
}

function sshConfig(dir: string, port: number, knownHosts: string): string {
  return [
    "Host box",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile "${join(dir, "operator")}"`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    `  UserKnownHostsFile "${join(dir, knownHosts)}"`,
    "  GlobalKnownHostsFile /dev/null",
    "",
  ].join("\n")
}

/** A port of loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = await listening(createServer())
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return address.port
}

export function listening(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => resolve(server))
  })
}
