import { execFileSync } from "node:child_process"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, onTestFinished, vi } from "vitest"
import { Secret } from "../../src/core/secret.ts"
import { backupFiles } from "../../src/edge/backup-files.ts"
import { localFiles } from "../../src/edge/local-files.ts"
import { initialised, KNOWN_SETTINGS } from "../support/initialised.ts"
import { PseudoTerminal } from "../support/pseudo-terminal.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const ENTER = "\r"
const PASSPHRASE = "correct horse battery staple"
const GONKA_HA = [process.execPath, "--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../support/command-line.ts")].join(
  " ",
)

/** A command at a real terminal, and what is typed at each of its questions. */
async function typed(command: string, cwd: string, talk: readonly (readonly [question: string, answer: string])[]) {
  const terminal = new PseudoTerminal(command, { cwd })
  onTestFinished(() => terminal.close())
  for (const [question, answer] of talk) {
    await terminal.reads(question)
    terminal.types(answer + ENTER)
  }
  return terminal.ends()
}

/** The signer's host is this machine, which holds no signer. */
async function deployment() {
  const dir = temporaryDir()
  const settings = [
    ...KNOWN_SETTINGS.filter((setting) => !setting.startsWith("hosts.sig-1.ssh")),
    "hosts.sig-1.ssh=null",
    "hosts.sig-1.local=true",
    "name=backup-drill",
  ]
  await initialised(dir, { settings })
  return dir
}

// A guess takes a second on a machine that is idle, and much longer on one that is not.
vi.setConfig({ testTimeout: 400_000 })

it("writes with a passphrase that is typed twice what Debian's age and tar can read, and restores it", async () => {
  const dir = await deployment()
  const written = await typed(`${GONKA_HA} signer backup box.age`, dir, [
    ["Passphrase of the backup", PASSPHRASE],
    ["Once more", PASSPHRASE],
  ])
  expect([written.exit, written.screen]).toEqual([0, expect.stringContaining("wrote box.age")])
  expect(written.screen).not.toContain(PASSPHRASE)
  expect(statSync(join(dir, "box.age")).mode & 0o777).toBe(0o600)

  const listed = await typed("age -d box.age | tar tv", dir, [["Enter passphrase", PASSPHRASE]])
  expect(listed.exit).toBe(0)
  for (const path of ["manifest.json", "gonka-ha.yaml", ".gonka-ha/secrets/nodes/node-1/node_key.json"])
    expect(listed.screen).toContain(path)
  expect(listed.screen).toMatch(/-rw------- 0\/0 +\d+ 20\d\d-\d\d-\d\d \d\d:\d\d manifest\.json/)

  const out = temporaryDir()
  expect((await typed(`age -d box.age | tar x -C ${out}`, dir, [["Enter passphrase", PASSPHRASE]])).exit).toBe(0)
  const to = temporaryDir()
  const restored = await typed(`${GONKA_HA} signer restore box.age --to ${to}`, dir, [["Passphrase of the backup", PASSPHRASE]])
  expect([restored.exit, restored.screen]).toEqual([0, expect.stringContaining("restored ")])
  const keys = (await localFiles.list(join(dir, ".gonka-ha/secrets"))).map((path) => `.gonka-ha/secrets/${path}`)
  expect(keys.length).toBeGreaterThan(8)
  for (const path of ["gonka-ha.yaml", ...keys])
    for (const from of [out, to]) expect(readFileSync(join(from, path), "utf8")).toBe(readFileSync(join(dir, path), "utf8"))
})

it("writes nothing when the second passphrase is another one, and takes Ctrl-C for a no", async () => {
  const dir = await deployment()
  const differs = await typed(`${GONKA_HA} signer backup box.age`, dir, [
    ["Passphrase of the backup", PASSPHRASE],
    ["Once more", "correct horse battery stable"],
  ])
  expect([differs.exit, differs.screen]).toEqual([64, expect.stringContaining("the two passphrases differ")])
  const cancelled = await typed(`${GONKA_HA} signer backup box.age`, dir, [["Passphrase of the backup", "\x03"]])
  expect(cancelled.exit).toBe(10)
  expect(await localFiles.exists(join(dir, "box.age"))).toBe(false)
})

it("reads what Debian's age has encrypted with a new passphrase", async () => {
  const dir = temporaryDir()
  const entry = { path: "manifest.json", content: new Secret("{}\n"), mode: 0o600 }
  writeFileSync(join(dir, "manifest.json"), "{}\n", { mode: 0o600 })
  execFileSync("tar", ["cf", "box.tar", "manifest.json"], { cwd: dir })
  const again = await typed("age -p -o again.age box.tar", dir, [
    ["Enter passphrase", PASSPHRASE],
    ["Confirm passphrase", PASSPHRASE],
  ])
  expect(again.exit).toBe(0)
  const [read, ...others] = await backupFiles(Date.now).read(join(dir, "again.age"), new Secret(PASSPHRASE))
  expect([read?.path, read?.content.expose(), read?.mode, others]).toEqual([entry.path, entry.content.expose(), entry.mode, []])
})
