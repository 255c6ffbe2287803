import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, it } from "vitest"
import { parseProbe } from "../../../src/core/observe/parse-probe.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { holding } from "../../support/move-host.ts"
import { REPOSITORY_DIR, TEMPLATES_DIR } from "../../support/package-paths.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

/** Runs the real script on this machine, as it runs on a host. */
function probe(dir: string, env: NodeJS.ProcessEnv = {}, marks = join(dir, "no-marks")) {
  const input = readFileSync(join(TEMPLATES_DIR, "probe.sh"))
  const answer = execFileSync("sh", ["-s", "--", dir, marks], { input, encoding: "utf8", env: { ...process.env, ...env } })
  return parseProbe(answer, new Map([["lab-1-ABCD", "main"]]))
}

it("tells what stands on a host", () => {
  const dir = temporaryDir()
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  const installed = [
    layout.compose,
    `${layout.node.config("node-1")}/config.toml`,
    `${layout.parking.config("node-1")}/tmkms.toml`,
    `${layout.signer.config("main")}/guard.sh`,
    `${layout.secrets.signer("main")}/consensus.key`,
  ]
  for (const path of installed) write(path, `content of ${path}\n`)
  write(`${layout.node.home("node-1")}/data/large.db`, "not looked at")
  write(layout.parking.owner("node-1"), "parking\n")
  write(layout.signer.aim("main"), "node-1\n")
  write(layout.signer.floor("main"), "990\n")
  write(layout.signer.epoch("main"), "4\n")
  write(layout.signer.fence("main"), "by hand:\n\told disk\n")
  write(layout.signer.operation("main"), `${JSON.stringify({ id: "op", by: "anna\tdesk", to: "node-2" }, null, 2)}\n`)
  write(layout.signer.stateFile("main"), '{\n\t"height": "1000",\n\t"round": "0",\n\t"step": 2,\n\t"block_id": null\n}\n')

  const seen = probe(dir)
  expect([...seen.files].sort()).toEqual(installed.map((path) => [path, sha256(`content of ${path}\n`)]).sort())
  expect([...seen.owners]).toEqual([["node-1", "parking"]])
  expect(seen.signers.get("main")).toEqual({
    aim: "node-1",
    floor: 990,
    fence: "by hand:  old disk",
    epoch: 4,
    operation: { id: "op", by: "anna\tdesk", to: "node-2" },
    state: { kind: "ok", state: { height: 1000, round: 0, step: 2 }, sealed: false },
    keySha256: sha256(`content of ${layout.secrets.signer("main")}/consensus.key\n`),
  })
})

it("tells at which port each node's signer reaches it, as the installed files have it", () => {
  const dir = temporaryDir()
  copyFileSync(join(REPOSITORY_DIR, "test/golden/fleet/expected/val-1/compose.yaml"), join(dir, layout.compose))
  expect([...probe(dir).privvalPorts.values()]).toEqual([26658, 26758, 26858])
  copyFileSync(join(REPOSITORY_DIR, "test/golden/ha-2/expected/val-2/compose.yaml"), join(dir, layout.compose))
  expect([...probe(dir).privvalPorts]).toEqual([["node-2", 26658]])
})

it("tells the room on the disk of its directory, and the time", () => {
  const before = Date.now()
  const { disk, clock } = probe(temporaryDir())
  const { bsize, blocks } = statfsSync(tmpdir())
  expect(disk).toMatchObject({ kind: "seen", value: { totalBytes: expect.closeTo(bsize * blocks, -4) } })
  expect(clock?.ms).toBeGreaterThanOrEqual(before)
  expect((clock?.ms ?? 0) - (clock?.resolutionMs ?? 0)).toBeLessThanOrEqual(Date.now())
})

it("tells no room where there is no directory yet: its disk may be another one", () => {
  expect(probe(join(temporaryDir(), "nowhere")).disk).toMatchObject({ kind: "unknown" })
})

it.each([
  ["prints the letters", "%3N"],
  ["leaves them out", ""],
])("tells whole seconds where date %s", (_, milliseconds) => {
  const bin = temporaryDir()
  writeFileSync(join(bin, "date"), `#!/bin/sh\ncase $1 in +%s) echo 1795435200 ;; *) echo 1795435200${milliseconds} ;; esac\n`, {
    mode: 0o755,
  })
  expect(probe(temporaryDir(), { PATH: `${bin}:${process.env.PATH}` }).clock).toEqual({ ms: 1795435200000, resolutionMs: 1000 })
})

it("tells where on the host signers' keys are, of every deployment", () => {
  const root = temporaryDir()
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  write(`lab/${layout.signer.config("main")}/settings`, "validator=main\nchain_id=lab-1\npubkey=AAA=\n")
  write(`lab/${layout.secrets.signer("main")}/consensus.key`, "secret")
  write(`other/${layout.secrets.signer("old")}/consensus.key`, "secret")
  for (const deployment of ["lab", "new"]) {
    expect(probe(join(root, deployment)).places).toEqual([
      { deployment: "lab", validator: "main", pubkey: "AAA=", holdsKey: true },
      { deployment: "other", validator: "old", pubkey: undefined, holdsKey: true },
    ])
  }
})

it("tells what is recorded of a key outside of the deployment, also when nothing else is left", () => {
  const marks = temporaryDir()
  mkdirSync(join(marks, "lab-1-ABCD"))
  writeFileSync(join(marks, "lab-1-ABCD", "fence"), "replaced by sig-2\n")
  writeFileSync(join(marks, "lab-1-ABCD", "floor"), "990\n")
  writeFileSync(join(marks, "lab-1-ABCD", "running.lock"), "")
  expect(probe(temporaryDir(), {}, marks).signers.get("main")).toMatchObject({
    fence: "replaced by sig-2",
    floor: 990,
    state: { kind: "missing" },
  })
})

it("tells who holds a signer's lock, without touching it", async () => {
  const { spawn } = await import("node:child_process")
  const dir = temporaryDir()
  const lock = join(dir, layout.signer.lock("main"))
  mkdirSync(lock, { recursive: true })
  mkdirSync(join(dir, layout.signer.control("main")), { recursive: true })
  writeFileSync(join(dir, layout.signer.epoch("main")), "4\n")
  writeFileSync(join(lock, "owner"), "anna@desk since noon: promote node-2\n")
  writeFileSync(join(lock, "lock"), "")
  expect(probe(dir).signers.get("main")?.lockedBy).toBeUndefined()
  const program = 'exec 9>>"$1"; flock 9; echo held; exec sleep 60'
  const holder = spawn("sh", ["-c", program, "holder", join(lock, "lock")], { stdio: ["ignore", "pipe", "ignore"] })
  try {
    await new Promise((resolve) => holder.stdout.once("data", resolve))
    expect(probe(dir).signers.get("main")?.lockedBy).toBe("anna@desk since noon: promote node-2")
  } finally {
    holder.kill("SIGKILL")
  }
})

it("tells who holds the lock of the host, who keeps it locked, and how many have held it", async () => {
  const dir = temporaryDir()
  expect(probe(dir).lock).toEqual({ epoch: 0, heldBy: undefined, kept: undefined })
  mkdirSync(join(dir, layout.lock.host), { recursive: true })
  writeFileSync(join(dir, layout.lock.epoch), "7\n")
  writeFileSync(join(dir, layout.lock.host, "owner"), "anna@desk since noon: gonka-ha up\n")
  writeFileSync(join(dir, layout.lock.kept), "boris@office since noon: new disk\n")
  expect(probe(dir).lock).toEqual({ epoch: 7, heldBy: undefined, kept: "boris@office since noon: new disk" })
  await holding(join(dir, layout.lock.host, "lock"))
  expect(probe(dir).lock.heldBy).toBe("anna@desk since noon: gonka-ha up")
})

it("tells an empty directory and none at all from half an answer", () => {
  const dir = temporaryDir()
  for (const path of [dir, join(dir, "nowhere")]) {
    const { files, owners, signers } = probe(path)
    expect([files.size, owners.size, signers.size]).toEqual([0, 0, 0])
  }
})

it("finds a tmkms outside any container, with the configuration that it was started with", async () => {
  const { spawn } = await import("node:child_process")
  const dir = temporaryDir()
  // The probe goes by the name of the program, and a copy of `tail` under that name is one.
  execFileSync("cp", [execFileSync("sh", ["-c", "command -v tail"], { encoding: "utf8" }).trim(), join(dir, "tmkms")])
  const child = spawn(join(dir, "tmkms"), ["-f", "-c", "1", "/dev/null"], { stdio: "ignore" })
  try {
    await new Promise((resolve) => child.once("spawn", resolve))
    const found = probe(dir).tmkms.find((process) => process.pid === child.pid)
    expect(found).toMatchObject({ config: "1" })
  } finally {
    child.kill("SIGKILL")
  }
})

/** Only root can become somebody else. */
const isRoot = process.getuid?.() === 0

it.runIf(isRoot).each([
  { name: "a signer's state", path: `demo/${layout.signer.stateFile("main")}`, hide: `demo/${dirname(layout.signer.stateFile("main"))}` },
  {
    name: "a signer's state, file by file",
    path: `demo/${layout.signer.stateFile("main")}`,
    hide: `demo/${layout.signer.stateFile("main")}`,
  },
  { name: "the keys of another deployment", path: "other/secrets/signers/main/consensus.key", hide: "other/secrets" },
  { name: "every deployment", path: "demo/compose.yaml", hide: "." },
  { name: "what is recorded of a fence", path: "marks/lab-1-ABCD/fence", hide: "marks" },
])("does not take for absent what is hidden from a user who is not root: $name", ({ path, hide }) => {
  const root = temporaryDir()
  chmodSync(root, 0o755)
  mkdirSync(join(root, "demo"), { recursive: true })
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), "x\n")
  const asNobody = () =>
    spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s", "--", join(root, "demo"), join(root, "marks")], {
      input: readFileSync(join(TEMPLATES_DIR, "probe.sh")),
      encoding: "utf8",
    })
  const open = asNobody()
  expect(open).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nend\n$/) })
  expect([parseProbe(open.stdout).isRoot, parseProbe("end\n").isRoot, probe(join(root, "demo")).isRoot]).toEqual([false, undefined, true])
  chmodSync(join(root, hide), 0o600)
  expect(asNobody()).toMatchObject({
    status: 77,
    stdout: "",
    stderr: expect.stringContaining("log in as root, or set `sudo: true` for this host"),
  })
})
