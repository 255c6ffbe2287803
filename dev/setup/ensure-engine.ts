import { spawn } from "node:child_process"
import { existsSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { execa } from "execa"
import { aptInstall } from "./apt-install.ts"
import { cacheDir } from "./cache-dir.ts"
import type { Engine } from "./engine.ts"
import { hasProgram } from "./has-program.ts"
import { isRootOnDebian } from "./is-root-on-debian.ts"
import type { Report } from "./report.ts"
import { SetupError } from "./setup-error.ts"
import { stage } from "./stage.ts"

const START_LIMIT_MS = 60_000

/** The reachable engine; where none answers, and this is root on Debian or Ubuntu, one is installed and started. */
export async function ensureEngine(report: Report): Promise<Engine> {
  const reachable = await reachableEngine()
  if (reachable !== undefined) return reachable
  if (!isRootOnDebian() || process.env.DOCKER_HOST !== undefined) {
    throw new SetupError(
      "No Docker engine answers (`docker info` fails). Install Docker Engine 20.10 or newer, start it, and make sure this user may use it. As root on Debian or Ubuntu this command installs it by itself.",
    )
  }
  if (!hasProgram("dockerd") || !hasProgram("docker")) {
    await stage(report, "install docker.io", () => aptInstall(["docker.io", "iptables"]))
  }
  return stage(report, "start dockerd", startEngine)
}

async function reachableEngine(): Promise<Engine | undefined> {
  const result = await execa("docker", ["info", "--format", "{{.ID}}|{{.ServerVersion}}"], { reject: false, timeout: 20_000 })
  if (result.failed) return undefined
  const [id, version] = result.stdout.trim().split("|")
  // The client exits with 0 and an empty version when the server refused it.
  return id === undefined || version === undefined || version === "" ? undefined : { id, version }
}

async function startEngine(): Promise<Engine> {
  if (existsSync("/run/systemd/system")) {
    // A dockerd of our own would fight with the service manager's one over the pid file.
    await execa("systemctl", ["start", "docker"], { reject: false })
    const engine = await reachableEngine()
    if (engine !== undefined) return engine
    throw new SetupError("docker.io is installed, but `systemctl start docker` gave no engine that answers; see `journalctl -u docker`.")
  }
  const logPath = join(cacheDir(), "dockerd.log")
  const log = openSync(logPath, "a")
  const daemon = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  })
  let failure: string | undefined
  daemon.on("error", (error) => {
    failure = error.message
  })
  daemon.unref()
  const deadlineMs = performance.now() + START_LIMIT_MS
  while (performance.now() < deadlineMs && failure === undefined) {
    const engine = await reachableEngine()
    if (engine !== undefined) return engine
    await delay(200)
  }
  const tail = readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-5).join("\n")
  throw new SetupError(`dockerd does not answer: ${failure ?? "no reply"}\n${tail}\nThe whole log: ${logPath}`)
}
