import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addConfigCommand } from "../../../../src/cli/commands/config.ts"
import { initialised } from "../../../support/initialised.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"
import { aTerminal } from "../../../support/terminal.ts"

async function config(file: string, ...options: readonly string[]) {
  const terminal = aTerminal({ interactive: false })
  const exits: number[] = []
  const program = new Command().exitOverride()
  const env = { file: undefined, destination: undefined, yes: false }
  const now = () => "2026-11-24T12:00:00.000Z"
  addConfigCommand(program, { env, io: terminal.io, now, local: async () => localPorts }, (code) => exits.push(code))
  await program.parseAsync(["config", "-f", file, ...options], { from: "user" })
  return { exits, ...terminal.said }
}

function written(text: string): string {
  const file = join(temporaryDir(), "gonka-ha.yaml")
  writeFileSync(file, text)
  return file
}

it("shows the ids of nodes whose keys are here", async () => {
  const { file } = await initialised(temporaryDir())
  const { exits, out, err } = await config(file)
  expect([exits, err]).toEqual([[0], ""])
  expect(out.match(/# id: [0-9a-f]{40} \(computed\)/g)).toHaveLength(4)
})

it("says why it does not show them", async () => {
  const { exits, out, err } = await config(written(RULE_BASE))
  expect(exits).toEqual([0])
  expect(err).toMatch(/^node ids are not shown: .* not every node has a usable key\n$/)
  expect(out).not.toContain("# id:")
})

it("answers in the envelope, value by value", async () => {
  const file = written(RULE_BASE)
  const { exits, out } = await config(file, "--json")
  expect(exits).toEqual([0])
  const { schema, exitCode, data } = JSON.parse(out)
  expect([schema, exitCode]).toEqual(["gonka-ha/config/v1", 0])
  expect(data).toEqual(
    expect.arrayContaining([
      { path: "name", value: "base", origin: { kind: "spec", name: file, line: 2 } },
      { path: "chain.binary", value: "inferenced", origin: { kind: "profile", name: "gonka-mainnet" } },
      { path: "policy.failover", value: "manual", origin: { kind: "built in", name: "built in" } },
      { path: "private.node-1.indexer", value: "kv", origin: { kind: "computed", name: "computed" } },
      { path: "private.node-1.services", value: ["rpc", "rest", "grpc"], origin: { kind: "computed", name: "computed" } },
    ]),
  )
})

describe("a file with errors", () => {
  it("is shown all the same, with exit code 3", async () => {
    const { exits, out, err } = await config(written(RULE_BASE.replace("firstActive: node-1", "firstActive: node-9")))
    expect(exits).toEqual([3])
    expect(err).toContain("error GHA-")
    expect(out).toContain("firstActive: node-9 #")
  })

  it("is refused when its form is wrong", async () => {
    await expect(config(written("name: lab\n"))).rejects.toMatchObject({ code: "SPEC_INVALID", exit: 3 })
  })
})

describe("secrets", () => {
  const SENTINEL = "s3nt1nel"
  const MNEMONIC = Array.from({ length: 12 }, () => SENTINEL.replace(/\d/g, "x")).join(" ")
  it.each([
    { name: "a command", from: "signer: { host: sig-1 }", to: `signer: { host: sig-1, key: { command: "pass show ${SENTINEL}" } }` },
    {
      name: "the command of a password",
      from: "signer: { host: sig-1 }",
      to: `signer: { host: sig-1, provider: yubihsm, yubihsm: { authKey: 1, signingKey: 2, password: { command: ${SENTINEL} } } }`,
    },
    { name: "a password in a URL", from: "https://rpc.one.example/", to: `https://me:${SENTINEL}@rpc.one.example/` },
    { name: "a literal password", from: "api:\n", to: `compose:\n  node-1: { environment: { DB_PASSWORD: ${SENTINEL} } }\napi:\n` },
    { name: "a mnemonic in a list", from: "api:\n", to: `compose:\n  node-1: { dns: [10.0.0.1, "${MNEMONIC}"] }\napi:\n` },
    {
      name: "a token deep inside",
      from: "api:\n",
      to: `compose:\n  node-1: { logging: { options: { splunk-token: ${SENTINEL} } } }\napi:\n`,
    },
  ])("$name is not shown", async ({ from, to }) => {
    const file = written(RULE_BASE.replace(from, to))
    for (const options of [[], ["--json"]]) {
      const { out, err } = await config(file, ...options)
      expect(out).toContain("[redacted]")
      for (const secret of [SENTINEL, MNEMONIC]) expect(out + err).not.toContain(secret)
    }
  })
})
