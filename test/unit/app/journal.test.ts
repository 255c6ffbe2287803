import { statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type JournalEntry, openJournal } from "../../../src/app/journal.ts"
import { operationId } from "../../../src/app/operation-id.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { Step } from "../../../src/core/plan/step.ts"
import type { LocalFiles } from "../../../src/core/ports.ts"
import { theValidator } from "../../support/observed.ts"
import { aDeployment } from "../../support/paper-deployment.ts"
import { aSignerHost, type SignerHost } from "../../support/signer-host.ts"

it("names operations so that they sort by time", () => {
  const { clock } = aDeployment()
  const first = operationId(clock, "promote-main")
  clock.advance(61_000)
  const second = operationId(clock, "failover-main")
  expect([first, second]).toEqual(["20261123-120000-promote-main", "20261123-120101-failover-main"])
  expect([second, first].sort()).toEqual([first, second])
})

const begins: JournalEntry = { at: "begins", operation: "op", kind: "promote", by: "anna@desk", from: "node-1", to: "node-2", epoch: 4 }
const ends: JournalEntry = { at: "ends", result: "done" }

it("appends one line per entry with its time", async () => {
  const deployment = aDeployment()
  const journal = openJournal(deployment, "op")
  await journal.write(begins)
  deployment.clock.advance(1500)
  await journal.write(ends)
  expect([...deployment.local.texts]).toEqual([
    [
      ".gonka-ha/journal/op.jsonl",
      '{"time":"2026-11-23T12:00:00.000Z","at":"begins","operation":"op","kind":"promote","by":"anna@desk","from":"node-1","to":"node-2","epoch":4}\n' +
        '{"time":"2026-11-23T12:00:01.500Z","at":"ends","result":"done"}\n',
    ],
  ])
})

it("lets nothing begin without it, and lets nothing end for want of it", async () => {
  const full = new AppError("FILE_UNWRITABLE", EXIT.usage, "the disk is full")
  const deployment = aDeployment()
  const local: LocalFiles = { ...deployment.local, append: () => Promise.reject(full) }
  const journal = openJournal({ ...deployment, local }, "op")
  await expect(journal.write({ at: "begins", operation: "op", kind: "up", by: "anna@desk" })).rejects.toBe(full)
  await journal.write({ at: "ends", result: "failed", reason: "x" })
  expect(deployment.events).toEqual([{ kind: "note", text: "the journal could not be written: the disk is full" }])
})

const attached: Step = { kind: "signer.attached", args: { validator: "main", node: "node-2" }, cause: "because" }

it("measures every step", async () => {
  const deployment = aDeployment()
  const journal = openJournal(deployment, "op")
  await journal.write(begins)
  await journal.write({ at: "step-begins", step: attached })
  deployment.clock.advance(1234)
  await journal.write({ at: "step-done", step: attached, facts: {} })
  expect(await journal.read()).toMatchObject([
    { at: "begins" },
    { at: "step-begins", title: "main: signer connected to node-2" },
    { at: "step-done", title: "main: signer connected to node-2", tookMs: 1234 },
  ])
})

it("gives a line that a crash has torn its end, so that the next one can be read", async () => {
  const deployment = aDeployment()
  await deployment.local.append(".gonka-ha/journal/op.jsonl", '{"time":"2026-11-23T11:59:00.000Z","at":"begins"}')
  await deployment.local.replace(
    ".gonka-ha/journal/op.jsonl",
    `${deployment.local.texts.get(".gonka-ha/journal/op.jsonl")}{"time":"2026`,
    0o600,
  )
  const journal = openJournal(deployment, "op")
  await journal.write(begins)
  expect((await journal.read()).map(({ time, at }) => [time, at])).toEqual([
    ["2026-11-23T11:59:00.000Z", "begins"],
    ["2026-11-23T12:00:00.000Z", "begins"],
  ])
})

describe("the second copy", () => {
  const COPY = "signers/main/control/journal/op.jsonl"
  const open = ({ deployment, topology }: SignerHost) => openJournal(deployment, "op", theValidator(topology))
  const here = ({ deployment }: SignerHost) => deployment.local.texts.get(".gonka-ha/journal/op.jsonl")
  const many = async (world: SignerHost, count: number) => {
    const journal = open(world)
    await journal.write(begins)
    for (let index = 0; index < count; index++) await journal.write({ at: "note", text: `note ${index}` })
    return journal
  }

  it("has every line in order when the operation ends", async () => {
    const world = aSignerHost()
    const journal = await many(world, 30)
    await journal.write(ends)
    expect(world.read(COPY)).toBe(here(world))
    expect(here(world)?.split("\n")).toHaveLength(33)
  })

  it("is never waited for inside the pause, and always before it", async () => {
    const world = aSignerHost()
    const { deployment } = world
    let free: () => void = () => {}
    let blocked = false
    const host = deployment.fleet.host("sig-1")
    const slow: typeof host = {
      ...host,
      run: async (argv, options) => {
        if (blocked) {
          await new Promise<void>((resolve) => {
            free = resolve
          })
        }
        return host.run(argv, options)
      },
    }
    const journal = openJournal({ ...deployment, fleet: { ...deployment.fleet, host: () => slow } }, "op", theValidator(world.topology))
    const detach: Step = { kind: "standby.detach", args: { node: "node-2", validator: "main", timing: "in-gap" }, cause: "because" }
    const move: Step = {
      kind: "signer.move",
      args: { validator: "main", to: "node-2", timing: "in-gap", recreate: false },
      cause: "because",
    }
    await journal.write(begins)
    await journal.write({ at: "step-begins", step: detach })
    expect(world.read(COPY)).toContain('"at":"begins"')
    // The host hangs now: none of this may wait.
    blocked = true
    await journal.write({ at: "step-done", step: detach, facts: {} })
    await journal.write({ at: "step-begins", step: move })
    await journal.write({ at: "step-done", step: move, facts: {} })
    expect(world.read(COPY)).not.toContain('"step-done"')
    blocked = false
    free()
    await journal.write(ends)
    expect(world.read(COPY)).toBe(here(world))
  })

  it("costs a note when its host is away, not the operation, and catches up when it is back", async () => {
    const world = aSignerHost()
    world.away = true
    const journal = await many(world, 5)
    await new Promise((resolve) => setImmediate(resolve))
    world.away = false
    await journal.write(ends)
    expect(world.read(COPY)).toBe(here(world))
    expect(world.deployment.events).toEqual([
      { kind: "note", text: "the second copy of the journal on sig-1 could not be written: sig-1 is away" },
    ])
  })

  it("is read together with the first one, so that an operator elsewhere knows what was done", async () => {
    const world = aSignerHost()
    await (await many(world, 2)).read()
    const elsewhere: SignerHost = { ...world, deployment: { ...world.deployment, local: aDeployment().local, operator: "bob@laptop" } }
    world.deployment.clock.advance(60_000)
    const journal = open(elsewhere)
    await journal.write({ ...begins, by: "bob@laptop" })
    expect((await journal.read()).map(({ at, by, text }) => by ?? text ?? at)).toEqual(["anna@desk", "note 0", "note 1", "bob@laptop"])
  })

  it("is private, and mends a line that a crash has torn", async () => {
    const world = aSignerHost()
    world.write(COPY, '{"time":"2026-11-23T11:59:00.000Z","at":"begins"}\n{"time":"2026')
    const journal = await many(world, 1)
    expect((await journal.read()).map(({ at }) => at)).toEqual(["begins", "begins", "note"])
    expect(world.read(COPY).split("\n")[1]).toBe('{"time":"2026')
    const fresh = aSignerHost()
    await many(fresh, 0).then((opened) => opened.write(ends))
    expect(statSync(join(fresh.topology.dir, COPY)).mode & 0o077).toBe(0)
  })
})
