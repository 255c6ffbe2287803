// Entry of `npm run demo`, `npm test` and `npm run bench`. Plain JavaScript without dependencies, because on a bare clone
// there are none yet: it installs them, builds, and hands over to dev/COMMAND.ts.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const COMMANDS = ["demo", "test", "bench"]
const MINIMUM_NODE = [20, 19]
// Stamps lie inside node_modules, so that whoever removes it removes them, too.
const STAMPS = join(ROOT, "node_modules", ".gonka-ha")
const startedMs = performance.now()

const [command, ...args] = process.argv.slice(2)
if (!COMMANDS.includes(command)) stop(64, `usage: node dev/run.mjs ${COMMANDS.join("|")} [arguments]`)
if (!isNodeNewEnough()) stop(1, `gonka-ha needs Node ${MINIMUM_NODE.join(".")} or newer; this is ${process.versions.node}`)
await prepare()
await handOver()

function isNodeNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])
}

async function prepare() {
  const installKey = keyOf(["package-lock.json"])
  const buildKey = keyOf([join("dev", "build.mjs"), "package-lock.json", ...filesUnder("src")])
  const isBuilt = () => isCurrent("build", buildKey) && existsSync(join(ROOT, "dist"))
  if (isCurrent("install", installKey) && isBuilt()) return
  await withLock(async () => {
    if (!isCurrent("install", installKey)) {
      await stage("npm ci", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"])
      stamp("install", installKey)
    }
    if (!isBuilt()) {
      await stage("build", [process.execPath, join("dev", "build.mjs")])
      stamp("build", buildKey)
    }
  })
}

/** Replaces this process as far as Node allows it: same streams, same signals, same end. */
async function handOver() {
  const child = spawn(process.execPath, ["--import", "tsx", join("dev", `${command}.ts`), ...args], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, GONKA_HA_STARTED_MS: String(Math.round(performance.timeOrigin)) },
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends its ^C to the whole group: the child has that one already.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
    })
  }
  const { code, signal } = await ended(child)
  if (signal === null) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

async function stage(name, [file, ...rest]) {
  const stageStartedMs = performance.now()
  say(`${name} ...`)
  const { code, signal } = await ended(spawn(file, rest, { cwd: ROOT, stdio: ["ignore", 2, 2] }))
  if (code !== 0) stop(1, `${name} failed (${signal ?? `exit code ${code}`})`)
  say(`${name}: done in ${((performance.now() - stageStartedMs) / 1000).toFixed(1)} s`)
}

function ended(child) {
  return new Promise((resolve) => {
    child.once("error", (error) => stop(1, error.message))
    child.once("exit", (code, signal) => resolve({ code, signal }))
  })
}

/** Two commands in one clone must not install over each other. A lock whose owner is gone is taken over. */
async function withLock(work) {
  const lock = join(tmpdir(), `gonka-ha-prepare-${createHash("sha256").update(ROOT).digest("hex").slice(0, 12)}.lock`)
  while (!tryLock(lock)) {
    const owner = readOr(join(lock, "pid"), "")
    const isAbandoned = owner === "" ? ageMs(lock) > 5000 : !isRunning(Number(owner))
    if (isAbandoned) rmSync(lock, { recursive: true, force: true })
    else await delay(200)
  }
  process.on("exit", () => rmSync(lock, { recursive: true, force: true }))
  await work()
  rmSync(lock, { recursive: true, force: true })
}

function tryLock(lock) {
  try {
    mkdirSync(lock)
  } catch {
    return false
  }
  writeFileSync(join(lock, "pid"), String(process.pid))
  return true
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

function keyOf(paths) {
  const hash = createHash("sha256")
  for (const path of paths) hash.update(`${path}\0${readOr(join(ROOT, path), "")}\0`)
  return hash.digest("hex")
}

function filesUnder(dir) {
  if (!existsSync(join(ROOT, dir))) return []
  const entries = readdirSync(join(ROOT, dir), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => (entry.isDirectory() ? filesUnder(join(dir, entry.name)) : [join(dir, entry.name)]))
}

function isCurrent(name, key) {
  return readOr(join(STAMPS, name), "") === key
}

function stamp(name, key) {
  mkdirSync(STAMPS, { recursive: true })
  writeFileSync(join(STAMPS, name), key)
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return fallback
  }
}

function say(line) {
  process.stderr.write(`[${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s] ${line}\n`)
}

function stop(code, line) {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}
