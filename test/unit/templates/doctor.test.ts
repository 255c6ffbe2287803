import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { expect, it, vi } from "vitest"
import { parseHostProbe } from "../../../src/core/doctor/host-probe.ts"
import { valueIn } from "../../../src/core/observe/state.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { TEMPLATES_DIR } from "../../support/package-paths.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

vi.setConfig({ testTimeout: 60_000 })

type Surroundings = { readonly path?: string; readonly targets?: string; readonly words?: string }

/** Runs the real script on this machine, as it runs on a host. */
async function examined(dir: string, { path, targets = "", words = "" }: Surroundings = {}) {
  const run = promisify(execFile)("sh", ["-s", "--", dir, "lab", "gonka_ha_lab", "GONKA-HA-lab", targets, words], {
    env: { ...process.env, ...(path === undefined ? {} : { PATH: `${path}:${process.env.PATH}` }) },
  })
  run.child.stdin?.end(readFileSync(join(TEMPLATES_DIR, "doctor.sh")))
  return parseHostProbe((await run).stdout, Date.parse)
}

/** A directory in which programs stand that answer as the test says. */
function programs(scripts: Readonly<Record<string, string>>): string {
  const dir = temporaryDir()
  for (const [name, script] of Object.entries(scripts)) writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return dir
}

const NO_DOCKER = { docker: 'echo "permission denied while trying to connect" >&2; exit 1' }
const NO_RULES = {
  nft: 'echo "Error: No such file or directory" >&2; exit 1',
  iptables: 'echo "iptables: No chain/target/match by that name." >&2; exit 1',
}

function written(files: Readonly<Record<string, string>>): string {
  const dir = temporaryDir()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  return dir
}

it("tells what this machine is like, and leaves nothing behind", async () => {
  const dir = written({ "compose.yaml": "services: {}\n" })
  const probe = await examined(dir, { path: programs({ ...NO_DOCKER, ...NO_RULES }) })
  expect(probe.missingTools).toEqual([])
  expect(probe.directory).toBe(true)
  expect(valueIn(probe.write)?.writes).toBeGreaterThan(0)
  expect(valueIn(probe.memory)?.totalKb).toBeGreaterThan(100_000)
  expect(valueIn(probe.load)?.cpus).toBeGreaterThan(0)
  expect(valueIn(probe.inodes)?.total).toBe(statfsSync(dir).files)
  expect(probe.engine).toEqual({ kind: "unknown", reason: expect.stringContaining("permission denied") })
  expect(probe.firewall).toEqual({ kind: "seen", value: { nft: [], iptables: [] } })
  expect(readdirSync(dir)).toEqual(["compose.yaml"])
})

it("tells what stands in the deployment's directory", async () => {
  const dir = written({
    [`${layout.secrets.signer("main")}/consensus.key`]: "secret",
    [`${layout.node.home("sentry-1")}/config/addrbook.json`]: '{ "addrs": [ { "addr": { "id": "abcd", "ip": "10.0.0.99" } } ] }',
    [`${layout.node.home("sentry-1")}/data/snapshots/900/3/0`]: "chunk",
    [`${layout.node.home("sentry-1")}/data/snapshots/metadata.db/LOG`]: "log",
    [`${layout.node.home("sentry-1")}/cosmovisor/upgrades/v0.3/bin/inferenced`]: "program",
    [`${layout.node.home("sentry-2")}/config/addrbook.json`]: '{ "addrs": [] }',
  })
  chmodSync(join(dir, `${layout.secrets.signer("main")}/consensus.key`), 0o640)
  chmodSync(join(dir, "secrets"), 0o700)
  const probe = await examined(dir, { path: programs({ ...NO_DOCKER, ...NO_RULES }), words: "abcd 10.0.0.9 ab" })
  expect(probe.secrets).toContainEqual({ kind: "file", mode: "640", path: `${layout.secrets.signer("main")}/consensus.key` })
  expect(probe.secrets).toContainEqual({ kind: "directory", mode: "700", path: "secrets" })
  // Only whole words: 10.0.0.9 is not 10.0.0.99.
  expect([...probe.books]).toEqual([
    ["sentry-1", ["abcd"]],
    ["sentry-2", []],
  ])
  expect([...probe.snapshots]).toEqual([["sentry-1", [900]]])
  expect([...probe.upgrades]).toEqual([["sentry-1", ["v0.3"]]])
})

it("says that there is no directory", async () => {
  const probe = await examined(join(temporaryDir(), "nowhere"), { path: programs({ ...NO_DOCKER, ...NO_RULES }) })
  expect(probe).toMatchObject({ directory: false, secrets: [], write: { kind: "unknown" } })
})

it("says why a disk takes no write", async () => {
  const dd = programs({ ...NO_DOCKER, ...NO_RULES, dd: 'echo "dd: Read-only file system" >&2; exit 1' })
  expect((await examined(temporaryDir(), { path: dd })).write).toEqual({
    kind: "unknown",
    reason: expect.stringContaining("Read-only file system"),
  })
})

it("finds open and closed ports, without saying anything to whoever listens", async () => {
  const said: string[] = []
  const server = createServer((socket) => {
    socket.on("data", (data) => said.push(data.toString()))
    socket.on("error", () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  try {
    const targets = [`127.0.0.1:${port}`, "127.0.0.1:1"]
    const { reach } = await examined(temporaryDir(), { path: programs({ ...NO_DOCKER, ...NO_RULES }), targets: targets.join(" ") })
    expect(targets.map((target) => reach.get(target))).toEqual(["open", "closed"])
    expect(said).toEqual([])
  } finally {
    server.close()
  }
})

it("tries ports with nc where bash cannot dial", async () => {
  const bash = 'echo "bash: /dev/tcp/127.0.0.1/1: No such file or directory" >&2; exit 1'
  const path = programs({ ...NO_DOCKER, ...NO_RULES, bash, nc: '[ "$3" = 127.0.0.1 ] && [ "$4" = 7 ]' })
  const { reach } = await examined(temporaryDir(), { path, targets: "127.0.0.1:7 127.0.0.1:8" })
  expect([reach.get("127.0.0.1:7"), reach.get("127.0.0.1:8")]).toEqual(["open", "closed"])
})

it("reads the engine's own words of containers", async () => {
  const row = ["container", "node-1", "running", "2", "false", "healthy", "sha256:aa", "json-file", "50m"]
  const rest = [
    "2026-11-23T10:00:00.5Z",
    "always",
    String(process.pid),
    '{"26656/tcp":[{"HostIp":"10.0.0.21","HostPort":"26656"}],"26657/tcp":[{"HostIp":"127.0.0.1","HostPort":"26657"}],"1317/tcp":null}',
  ]
  const docker = `case "$1 $2" in
"version --format") echo 28.2.2 ;;
"compose version") echo 2.36.0 ;;
"ps -aq") echo 0123abcd ;;
"inspect --format") [ "$4" = 0123abcd ] && printf '%s\\n' '${[...row, ...rest].join("\t")}' ;;
esac`
  const probe = await examined(temporaryDir(), { path: programs({ docker, ...NO_RULES }) })
  expect([valueIn(probe.engine), valueIn(probe.compose)]).toEqual(["28.2.2", "2.36.0"])
  const [container] = valueIn(probe.containers) ?? []
  expect(container).toMatchObject({ service: "node-1", restarts: 2, logMaxSize: "50m", ports: ["10.0.0.21:26656", "127.0.0.1:26657"] })
  expect(container?.filesLimit).toBeGreaterThan(0)
})

it("reads the rules that are loaded, and only believes a chain that DOCKER-USER leads to", async () => {
  const nft = `printf 'table inet gonka_ha_lab {\\n\\tchain ports {\\n\\t\\tip daddr 10.0.0.21 tcp dport 26656 counter packets 1 bytes 60 drop\\n\\t}\\n}\\n'`
  const iptables = (hooked: boolean) => `case "$2" in -C) exit ${hooked ? 0 : 1} ;; -S) echo "-N GONKA-HA-lab" ;; esac`
  const loaded = async (hooked: boolean) =>
    valueIn((await examined(temporaryDir(), { path: programs({ ...NO_DOCKER, nft, iptables: iptables(hooked) }) })).firewall)
  expect((await loaded(true))?.nft).toContain("ip daddr 10.0.0.21 tcp dport 26656 counter packets 1 bytes 60 drop")
  expect((await loaded(true))?.iptables).toEqual(["-N GONKA-HA-lab"])
  expect((await loaded(false))?.iptables).toEqual([])
})

it("says why the rules cannot be looked at", async () => {
  const denied = {
    nft: 'echo "Operation not permitted (you must be root)" >&2; exit 1',
    iptables: 'echo "Permission denied (you must be root)" >&2; exit 4',
  }
  const { firewall } = await examined(temporaryDir(), { path: programs({ ...NO_DOCKER, ...denied }) })
  expect(firewall).toEqual({ kind: "unknown", reason: expect.stringContaining("you must be root") })
})
