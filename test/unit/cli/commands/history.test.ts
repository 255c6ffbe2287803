import { beforeEach, describe, expect, it } from "vitest"
import type { Cli } from "../../../../src/cli/cli.ts"
import { runCommand } from "../../../../src/cli/program.ts"
import { chainedReceipts } from "../../../support/a-receipt.ts"
import { theValidator } from "../../../support/observed.ts"
import { aSignerHost, type SignerHost } from "../../../support/signer-host.ts"
import { aTerminal } from "../../../support/terminal.ts"

let world: SignerHost

beforeEach(async () => {
  world = aSignerHost()
  const { id: chain } = world.topology.chain
  const { address } = theValidator(world.topology)
  for (const { name, text } of chainedReceipts(2, () => ({ chain, address }))) {
    world.write(`signers/main/receipts/${name}`, text)
    await world.deployment.local.create(`.gonka-ha/receipts/main/${name}`, text, 0o644)
  }
  for (let height = 1000; height <= 1010; height++) world.votes.set(height, "signed")
})

async function history(...argv: readonly string[]) {
  const terminal = aTerminal({ interactive: false })
  const nothing = () => Promise.reject(new Error("history does not ask for this"))
  const cli: Cli = {
    version: "1.2.3",
    io: terminal.io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: nothing,
    backups: nothing,
    withDeployment: (_source, work) => work(world.deployment),
  }
  const exit = await runCommand(cli, ["history", ...argv])
  return { exit, ...terminal.said }
}

describe("gonka-ha history", () => {
  it("lists moves with exit 0, and with exit 9 when one place could not be read", async () => {
    const listed = await history()
    expect(listed.exit).toBe(0)
    expect(listed.out.split("\n").map((line) => line.slice(0, 4).trim())).toEqual(["move", "NO", "1", "2", ""])
    world.away = true
    expect(await history()).toMatchObject({ exit: 9, out: expect.stringContaining("could not be read: sig-1 is away") })
  })

  it("shows one receipt", async () => {
    const { out, exit } = await history("2")
    expect([exit, out.split("\n")[0]]).toEqual([0, "receipt 2: promote of main: node-1 -> node-2"])
  })

  it("verifies with exit 0, 2 when something differs, 9 when not all could be asked", async () => {
    expect(await history("--verify")).toMatchObject({ exit: 0, out: expect.stringContaining("✓ main: 2 receipts hold") })
    world.votes.set(1002, "absent")
    expect(await history("--verify")).toMatchObject({ exit: 2, out: expect.stringContaining("the chain says missed") })
    world.votes.clear()
    expect(await history("--verify")).toMatchObject({ exit: 9, out: expect.stringContaining("no sentry answers") })
  })

  it("answers in JSON", async () => {
    expect(JSON.parse((await history("--json")).out)).toMatchObject({
      schema: "gonka-ha/history/v1",
      exitCode: 0,
      data: { validators: [{ validator: "main", receipts: [{ number: 1 }, { number: 2 }] }] },
    })
    expect(JSON.parse((await history("1", "--json")).out)).toMatchObject({ data: { receipt: { number: 1 } } })
    expect(JSON.parse((await history("--verify", "--json")).out)).toMatchObject({ data: { verified: [{ differences: [] }] } })
  })

  it("shows the audit logs of the hosts with exit 0, and with exit 9 when one could not be read", async () => {
    world.write("audit.log", "2026-11-23T11:00:00.000Z anna@desk up: 3 steps done (op) [from 192.0.2.7]\n")
    const one = await history("--audit", "--host", "sig-1")
    expect([one.exit, one.out]).toEqual([0, expect.stringContaining("anna@desk from 192.0.2.7: up: 3 steps")])
    const all = await history("--audit", "--json")
    expect([all.exit, JSON.parse(all.out)]).toMatchObject([
      9,
      {
        schema: "gonka-ha/history/v1",
        data: { audit: { lines: [{ host: "sig-1", by: "anna@desk" }], unread: expect.any(Array), cut: [] } },
      },
    ])
    expect(JSON.parse(all.out).data.audit.unread).toHaveLength(world.topology.hosts.length - 1)
  })

  it.each([
    ["0"],
    ["x"],
    ["1", "--verify"],
    ["1", "--audit"],
    ["--audit", "--verify"],
    ["--audit", "--validator", "main"],
    ["--host", "sig-1"],
  ])("refuses %s %s", async (...argv) => {
    expect(await history(...argv)).toMatchObject({ exit: 64 })
  })
})
