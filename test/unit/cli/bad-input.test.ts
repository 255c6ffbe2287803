import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { GOOD_SPEC, goodSpecWith } from "../../support/good-spec.ts"
import { type Spoken, spoken } from "../../support/spoken-command.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

// Many commands each, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000 })

/** Every command that reads a topology file; none of them may write or start anything on account of a bad one. */
const COMMANDS = [
  ["validate"],
  ["validate", "--format", "json"],
  ["validate", "--format", "sarif"],
  ["validate", "--domains"],
  ["config"],
  ["render"],
  ["render", "--check"],
  ["graph"],
  ["keys", "show"],
  ["keys", "generate"],
  ["up", "--yes"],
  ["status"],
  ["explain", "node-1"],
] as const

const ALIAS_BOMB = `${["a: &a [x, x, x, x, x, x, x, x, x]", ..."bcdefghij".split("").map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(", ")}]`)].join("\n")}\n`

type BadInput = { readonly name: string; readonly content: string | Buffer; readonly exit: number; readonly says: string }

const BAD_INPUT: readonly BadInput[] = [
  { name: "what is not YAML", content: "hosts: [a, b\nname: }{", exit: 3, says: "GHA-001" },
  { name: "a bomb of aliases", content: ALIAS_BOMB, exit: 3, says: "GHA-004" },
  { name: "ten megabytes", content: `${GOOD_SPEC}# ${"x".repeat(10_000_000)}\n`, exit: 3, says: "larger than" },
  { name: "nothing", content: "", exit: 3, says: "must be a map of settings" },
  { name: "nothing but blanks and comments", content: "\n  \n# to do\n", exit: 3, says: "must be a map of settings" },
  { name: "a list", content: "- one\n- two\n", exit: 3, says: "must be a map of settings" },
  { name: "tabs", content: goodSpecWith({ "  sentry-1:": "\tsentry-1:" }), exit: 3, says: "Tabs are not allowed" },
  { name: "a key twice", content: `${GOOD_SPEC}name: again\n`, exit: 3, says: "GHA-002" },
  { name: "two documents", content: `${GOOD_SPEC}---\n${GOOD_SPEC}`, exit: 3, says: "GHA-001" },
  { name: "a word where a map belongs", content: goodSpecWith({ "{ host: sen-1 }": "sen-1" }), exit: 3, says: "expected object" },
  { name: "a number where a name belongs", content: goodSpecWith({ "name: lab": "name: 12" }), exit: 3, says: "expected string" },
  {
    name: "an unknown profile",
    content: goodSpecWith({ "profile: devnet": "profile: devnett" }),
    exit: 3,
    says: "there is no profile devnett",
  },
  {
    name: "binary garbage",
    content: Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197) % 256)),
    exit: 64,
    says: "it is not text in UTF-8",
  },
  { name: "a zero byte", content: goodSpecWith({ "name: lab": "name: l\0ab" }), exit: 3, says: "GHA-" },
  {
    name: "what is not UTF-8",
    content: Buffer.concat([Buffer.from(`${GOOD_SPEC}# caf`), Buffer.from([0xe9, 0x0a])]),
    exit: 64,
    says: "it is not text in UTF-8",
  },
]

function expectOneClearMessage({ exit, out, err }: Spoken, bad: Pick<BadInput, "exit" | "says">, command: string): void {
  const text = out + err
  expect([command, exit, text]).toEqual([command, bad.exit, expect.stringContaining(bad.says)])
  // No stack trace, nothing of the language that it is written in, and not a page of it.
  expect(text).not.toMatch(/^\s+at .+[:(]\d+/m)
  expect(text).not.toMatch(/error\[BUG\]|undefined|\[object|TypeError|RangeError/)
  // SARIF also lists every rule, and what has a form is shown in spite of its errors.
  if (!/sarif|config/.test(command)) expect(text.length).toBeLessThan(4000)
}

it.each(BAD_INPUT)("$name: one clear message from every command, and nothing is written", async (bad) => {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, bad.content)
  for (const command of COMMANDS) expectOneClearMessage(await spoken([...command, "-f", file]), bad, command.join(" "))
  expect(readdirSync(dir)).toEqual(["gonka-ha.yaml"])
})

it.each([
  { name: "a directory", says: "it is a directory", make: (file: string) => mkdirSync(file) },
  { name: "a file that is not there", says: "`gonka-ha init` writes one", make: () => {} },
])("$name: exit code 64 from every command, and nothing is written", async ({ says, make }) => {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  make(file)
  const before = readdirSync(dir, { recursive: true })
  for (const command of COMMANDS) expectOneClearMessage(await spoken([...command, "-f", file]), { exit: 64, says }, command.join(" "))
  expect(readdirSync(dir, { recursive: true })).toEqual(before)
})

it.each([
  {
    name: "a circle of overlays",
    overlays: { a: "extends: b\n", b: "extends: a\n" },
    bad: { exit: 3, says: "go round in a circle" },
  },
  { name: "an overlay that builds on one that is missing", overlays: { a: "extends: b\n" }, bad: { exit: 3, says: "gonka-ha.b.yaml" } },
  { name: "an overlay that is missing", overlays: {}, bad: { exit: 64, says: "puts this file over" } },
  { name: "an overlay that is not YAML", overlays: { a: "hosts: [" }, bad: { exit: 3, says: "gonka-ha.a.yaml" } },
  {
    name: "an overlay that is not UTF-8",
    overlays: { a: Buffer.from([0x61, 0x3a, 0xff, 0x0a]) },
    bad: { exit: 64, says: "gonka-ha.a.yaml: it is not text in UTF-8" },
  },
])("$name: one clear message from every command, and nothing is written", async ({ overlays, bad }) => {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, GOOD_SPEC)
  for (const [name, text] of Object.entries(overlays)) writeFileSync(join(dir, `gonka-ha.${name}.yaml`), text)
  const before = readdirSync(dir)
  for (const command of COMMANDS) expectOneClearMessage(await spoken([...command, "-f", file, "-d", "a"]), bad, command.join(" "))
  expect(readdirSync(dir)).toEqual(before)
})

it("a file that may not be read: exit code 64 from every command", async () => {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, GOOD_SPEC, { mode: 0o000 })
  chmodSync(dir, 0o755)
  await asNobody(async () => {
    for (const command of COMMANDS)
      expectOneClearMessage(await spoken([...command, "-f", file]), { exit: 64, says: "you have no permission" }, command.join(" "))
  })
  expect(readdirSync(dir)).toEqual(["gonka-ha.yaml"])
})

/** Root may read everything, so root steps down for a while. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work()
  const NOBODY = 65_534
  process.seteuid?.(NOBODY)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

it.each([
  { name: "a mark of byte order", text: `\uFEFF${GOOD_SPEC}` },
  { name: "line ends of Windows", text: GOOD_SPEC.replaceAll("\n", "\r\n") },
  { name: "both", text: `\uFEFF${GOOD_SPEC.replaceAll("\n", "\r\n")}` },
])("$name changes nothing", async ({ text }) => {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, text)
  expect(await spoken(["validate", "-f", file])).toEqual({ exit: 0, out: `${file} is valid\n`, err: "" })
  writeFileSync(file, text.replace("host: sen-2 }", "host: sen-9 }"))
  const wrong = await spoken(["validate", "-f", file])
  expect(wrong.exit).toBe(3)
  expect(wrong.out).toContain(`${file}:20:15: error GHA-201: sentries.sentry-2.host`)
})
