import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { answerSchemaTexts } from "../../../dev/answer-schemas.ts"
import { commandsOf, commandTree } from "../../../dev/docs/command-tree.ts"
import { AnswerOption } from "../../../src/cli/answer-option.ts"
import type { Cli } from "../../../src/cli/cli.ts"
import { runCommand } from "../../../src/cli/program.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { Fleet, HostAccess } from "../../../src/core/ports.ts"
import { GenerationHosts } from "../../support/generation-hosts.ts"
import { initialised } from "../../support/initialised.ts"
import { LostSignerWorld } from "../../support/lost-signer-world.ts"
import { initFiles } from "../../support/node-keys/init-files.ts"
import { aTopology, container, healthy, host, hostAway } from "../../support/observed.ts"
import { withConfig } from "../../support/older-world.ts"
import { REPOSITORY_DIR } from "../../support/package-paths.ts"
import { aDeployment, aHost, type PaperDeployment } from "../../support/paper-deployment.ts"
import { publishedNames } from "../../support/published-schema.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"
import { spoken } from "../../support/spoken-command.ts"
import { standInDocker } from "../../support/stand-in-docker.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"
import { aTerminal } from "../../support/terminal.ts"
import { typedOnHosts } from "../../support/typed-on-hosts.ts"

// Deployments are made first, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000 })

const SCHEMAS = join(REPOSITORY_DIR, "schema")
const texts = answerSchemaTexts()
const names = [...texts.keys()].map((file) => file.replace(/\.schema\.json$/, ""))

it.each([...texts])("schema/%s is shipped as the code has it; if not, run `npm run schema`", (name, text) => {
  const path = join(SCHEMAS, name)
  expect(existsSync(path) ? readFileSync(path, "utf8") : "no such file").toBe(text)
})

it("nothing else is in schema/ but the language of topology files", () => {
  expect(readdirSync(SCHEMAS).sort()).toEqual([...texts.keys(), "gonka-ha.schema.json"].sort())
})

describe("the command line", () => {
  const answering = commandsOf(commandTree()).flatMap(({ words, command }) =>
    command.options.filter(({ long }) => long === "--json").map((option) => ({ words, option })),
  )

  it.each(answering)("has a schema for what $words --json answers", ({ option }) => {
    if (!(option instanceof AnswerOption)) throw new Error("take jsonOption or jsonLinesOption of options.ts, which name their schemas")
    expect(option.answers).not.toEqual([])
    for (const answer of option.answers) expect(names).toContain(answer)
  })

  it("has a command for each schema", () => {
    const answered = answering.flatMap(({ option }) => (option instanceof AnswerOption ? option.answers : []))
    expect(names.filter((name) => !answered.includes(name))).toEqual(["error"])
  })
})

const edited = host("sen-1", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))
const outdated = container("val-1", "node-1", { digest: "old" })

/** What is printed by commands that only need files, and hosts that nobody can reach. */
async function onFiles(argv: readonly string[], fleet: () => Fleet = away): Promise<string> {
  const dir = temporaryDir()
  await initialised(dir)
  return (await spoken([...argv, "--json", "--file", join(dir, "gonka-ha.yaml")], { fleet })).out
}

function away(): Fleet {
  const unreachable = () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "no route"))
  const access: HostAccess = aHost({ run: unreachable, containers: unreachable, rpc: unreachable })
  return { host: () => access, close: async () => {} }
}

/** An engine whose images write the settings of another version. */
function otherImages(): Fleet {
  const { config, app } = initFiles("sdk-0.50")
  const stdout = `${config}\n=== app.toml ===\n${app}`
  return { host: () => aHost({ run: async () => ({ code: 0, stdout, stderr: "" }) }), close: async () => {} }
}

async function onHosts(argv: readonly string[], way: Parameters<typeof typedOnHosts>[1] = {}): Promise<string> {
  return (await typedOnHosts([...argv, "--json"], way)).out
}

async function applied(): Promise<string> {
  const { local } = await typedOnHosts(["plan", "--out", "p.json"], { changes: [edited] })
  return onHosts(["apply", "p.json", "--yes"], { changes: [edited], local })
}

async function replacement(): Promise<string> {
  const site = new LostSignerWorld()
  await site.blocks(3)
  site.world.powerOff(site.world.host("sig-1"))
  await site.blocks(10)
  const { io, said } = aTerminal({ interactive: false })
  const nothing = () => Promise.reject(new Error("signer replace does not ask for this"))
  const cli: Cli = {
    version: "1.2.3",
    io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: nothing,
    backups: nothing,
    withDeployment: (_, work) => site.during(work(site.deployment())),
  }
  await runCommand(cli, ["signer", "replace", "sig-1", "--accept-double-sign-risk", "--fence", "power-off", "--dry-run", "--json"])
  return said.out
}

async function rolledBack(...options: readonly string[]): Promise<string> {
  const [before, now] = [withConfig("sentry-1", { "p2p.max_num_inbound_peers": 40 }), aTopology()]
  const hosts = new GenerationHosts(now)
  await hosts.install(before, "20261123-120100-up")
  await hosts.install(now, "20261123-120200-up")
  const paper: PaperDeployment = aDeployment(hosts.access(speakingHosts(now, healthy(now), () => paper.clock)), { topology: now })
  const { io, said } = aTerminal({ interactive: false })
  const nothing = () => Promise.reject(new Error("rollback does not ask for this"))
  const cli: Cli = {
    version: "1.2.3",
    io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: nothing,
    backups: nothing,
    withDeployment: (_, work) => work(paper),
  }
  await runCommand(cli, ["rollback", ...options, "--json"])
  return said.out
}

async function backedUp(...options: readonly string[]): Promise<string> {
  const [dir, to] = [temporaryDir(), join(temporaryDir(), "there")]
  await initialised(dir)
  const [file, secret] = [join(dir, "b.age"), join(dir, "passphrase")]
  writeFileSync(secret, "correct horse battery staple\n", { mode: 0o600 })
  await spoken(["signer", "backup", file, "--passphrase-file", secret, "--file", join(dir, "gonka-ha.yaml")], { fleet: away })
  return (await spoken(["signer", "restore", file, "--passphrase-file", secret, "--to", to, ...options, "--json"])).out
}

/** A real answer of every form, by the name of its schema. */
const REAL: Readonly<Record<string, () => Promise<string>>> = {
  apply: applied,
  backup: () => backedUp("--list"),
  "check-image": () => onFiles(["check-image"], otherImages),
  config: () => onFiles(["config"]),
  diff: () => onHosts(["diff", "--effective"], { changes: [edited, outdated] }),
  doctor: () => onFiles(["doctor"]),
  "doctor-checks": () => onFiles(["doctor", "--list"]),
  down: () => onHosts(["down", "--name", "lab"]),
  error: () => onHosts(["plan"], { changes: [hostAway("sen-2")] }),
  event: () => onHosts(["up", "--yes"], { changes: [edited] }),
  explain: () => onFiles(["explain"]),
  "explain-node": () => onFiles(["explain", "node-2"]),
  failover: () => onHosts(["failover", "node-1"]),
  generations: () => rolledBack("--list"),
  graph: () => onFiles(["graph"]),
  history: () => onFiles(["history"]),
  keys: () => onFiles(["keys", "show"]),
  "lock-status": () => onHosts(["lock", "status"], { changes: [hostAway("sen-2")] }),
  "log-line": () => onFiles(["logs", "node-1"], () => standInDocker("echo 2026-11-23T12:00:00.1Z one")),
  plan: () => onHosts(["plan"], { changes: [edited, outdated] }),
  promote: () => onHosts(["promote", "node-1"]),
  ps: () => onHosts(["ps"], { changes: [outdated, container("sen-2", "sentry-2", "gone")] }),
  render: () => onFiles(["render", "--check"]),
  restart: () => onHosts(["restart", "sentry-1", "--yes"]),
  resync: () => onHosts(["resync", "sentry-1", "--yes"]),
  restore: () => backedUp(),
  rollback: () => rolledBack("--dry-run"),
  "signer-replace": replacement,
  "signer-state": () => onHosts(["signer", "state", "show"]),
  "signer-status": () => onHosts(["signer", "status"]),
  status: () => onHosts(["status"]),
  up: () => onHosts(["up", "--dry-run"], { changes: [edited, outdated] }),
  validate: () => onFiles(["validate", "--domains"]),
}

describe("a real answer", () => {
  it("is looked at for each schema", () => {
    expect(Object.keys(REAL).sort()).toEqual(names.toSorted())
  })

  it.each(Object.entries(REAL))("of %s is of its schema", async (name, answered) => {
    const out = await answered()
    // The terminal of these tests also refuses every line that is not of its schema.
    expect(publishedNames(out)).toContain(name)
  })

  it.each(names)("that is empty is refused by the schema of %s", (name) => {
    expect(() => publishedNames(JSON.stringify({ schema: `gonka-ha/${name}/v1`, time: "", at: "", exitCode: 0, data: {} }))).toThrow()
  })

  it("of a host that is away, and of one that is bare, is of its schema, too", async () => {
    for (const argv of [["status"], ["ps"], ["signer", "status"], ["signer", "state", "show"], ["plan"], ["up", "--yes"]])
      expect(publishedNames(await onFiles(argv))).not.toEqual([])
  })
})

describe("with --json a command that acts", () => {
  it("tells on each line what happens, and answers on the last one; people's lines are not written then", async () => {
    const { out, err, exit } = await typedOnHosts(["up", "--yes", "--json"], { changes: [edited] })
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { schema: "gonka-ha/event/v1", kind: "step-begins", host: "sen-1", number: 1, of: 1, title: "sen-1: install 1 file" },
      { kind: "step-done", host: "sen-1", elapsedMs: expect.any(Number) },
      { schema: "gonka-ha/up/v1", exitCode: 0, data: { changed: true, steps: [{ kind: "files.push" }] } },
    ])
    expect(lines[0].at).toMatch(/^2026-11-23T12:\d\d:\d\d\.\d{3}Z$/)
    expect([exit, err.includes("✓")]).toEqual([0, false])
  })

  it("ends with the error on the last line when it stops half-way", async () => {
    const pushFails = new AppError("REMOTE_COMMAND", EXIT.unreachable, "the disk is full")
    const { out, exit } = await typedOnHosts(["up", "--yes", "--json"], { changes: [edited], pushFails })
    expect([exit, publishedNames(out).at(-1)]).toEqual([7, "error"])
    const kinds = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).kind)
    expect([kinds.slice(0, 2), kinds.at(-1)]).toEqual([["step-begins", "step-failed"], undefined])
  })
})

describe("a refusal", () => {
  const lastOf = (out: string) => JSON.parse(out.trimEnd().split("\n").at(-1) ?? "")

  it.each([
    { argv: ["plan", "--json"], code: "HOST_UNREACHABLE", exit: 9 },
    { argv: ["up", "--yes", "--json"], code: "HOST_UNREACHABLE", exit: 9 },
    { argv: ["promote", "sentry-1", "--yes", "--json"], code: "USAGE", exit: 64 },
    { argv: ["explain", "node-9", "--json"], code: "USAGE", exit: 64 },
    { argv: ["restart", "node-1", "--yes", "--json"], code: "HOST_UNREACHABLE", exit: 9 },
    { argv: ["logs", "node-9", "--json"], code: "USAGE", exit: 64 },
  ])("of $argv is JSON, and nothing else is said", async ({ argv, code, exit }) => {
    const dir = temporaryDir()
    await initialised(dir)
    const said = await spoken([...argv, "--file", join(dir, "gonka-ha.yaml")], { fleet: away })
    expect(publishedNames(said.out)).toEqual(["error"])
    expect(lastOf(said.out)).toMatchObject({ exitCode: exit, data: { command: argv[0], code } })
    expect([said.exit, said.err]).toEqual([exit, ""])
  })

  it.each([
    { argv: ["status", "--frob", "--json"], command: "status" },
    { argv: ["signer", "status", "--json", "extra"], command: "signer status" },
    { argv: ["promote", "--json"], command: "promote" },
  ])("of $argv, a wrong command line, is JSON", async ({ argv, command }) => {
    const { out, exit } = await spoken(argv)
    expect(publishedNames(out)).toEqual(["error"])
    expect([exit, lastOf(out)]).toMatchObject([64, { exitCode: 64, data: { command, code: "USAGE" } }])
  })

  it("is text where none asked for JSON, and where --json belongs to another command", async () => {
    expect(await spoken(["status", "--frob"])).toMatchObject({ exit: 64, out: "" })
    expect(await spoken(["exec", "node-1", "--", "curl", "--json"])).toMatchObject({ exit: 64, out: "" })
  })

  it("of a file with errors lists all of them, also with --format json", async () => {
    const file = join(temporaryDir(), "gonka-ha.yaml")
    writeFileSync(file, "apiVersion: gonka-ha/v1\n")
    const { out, exit } = await spoken(["plan", "--json", "--file", file])
    expect([exit, lastOf(out).data.issues.length > 0]).toEqual([3, true])
    const missing = await spoken(["validate", "--format", "json", "--file", `${file}.not`])
    expect(publishedNames(missing.out)).toEqual(["error"])
  })
})
