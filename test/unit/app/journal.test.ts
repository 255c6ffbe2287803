import { expect, it } from "vitest"
import { openJournal } from "../../../src/app/journal.ts"
import { operationId } from "../../../src/app/operation-id.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { LocalFiles } from "../../../src/core/ports.ts"
import { aDeployment } from "../../support/paper-deployment.ts"

it("names operations so that they sort by time", () => {
  const { clock } = aDeployment()
  const first = operationId(clock, "promote-main")
  clock.advance(61_000)
  const second = operationId(clock, "failover-main")
  expect([first, second]).toEqual(["20261123-120000-promote-main", "20261123-120101-failover-main"])
  expect([second, first].sort()).toEqual([first, second])
})

it("appends one line per entry with its time", async () => {
  const deployment = aDeployment()
  const journal = openJournal(deployment, "op")
  await journal.write({ at: "begins", operation: "op", kind: "promote", by: "anna@desk", from: "node-1", to: "node-2", epoch: 4 })
  deployment.clock.advance(1500)
  await journal.write({ at: "ends", result: "done" })
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
