import { beforeEach, describe, expect, it } from "vitest"
import { type Journal, openJournal } from "../../../src/app/journal.ts"
import { writeReceipt } from "../../../src/app/write-receipt.ts"
import type { PendingOperation } from "../../../src/core/observe/state.ts"
import type { Step } from "../../../src/core/plan/step.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { chainedReceipts } from "../../support/a-receipt.ts"
import { memoryFiles } from "../../support/memory-files.ts"
import { theValidator } from "../../support/observed.ts"
import { aSignerHost, type SignerHost } from "../../support/signer-host.ts"

const RECEIPTS = "signers/main/receipts"
const LOCAL = ".gonka-ha/receipts/main"

let world: SignerHost

beforeEach(() => {
  world = aSignerHost()
})

const operation = (number: number, changes: Partial<PendingOperation> = {}): PendingOperation => ({
  id: `20261123-12${String(number).padStart(2, "0")}00-promote-main`,
  kind: "promote",
  from: "node-1",
  to: "node-2",
  by: "anna@desk",
  since: "2026-11-23T12:00:00.000Z",
  startHeight: 101,
  stopped: { height: 102, round: 0, step: 2 },
  ...changes,
})

/** The chain and the signer's log of a clean move: up to 102 through node-1, from 103 on through node-2. */
function cleanMove(): void {
  for (let height = 95; height <= 106; height++) {
    world.votes.set(height, "signed")
    world.sign(height <= 102 ? "node-1" : "node-2", height)
  }
}

async function write(of: PendingOperation = operation(1), journal?: Journal) {
  const used = journal ?? openJournal(world.deployment, of.id, theValidator(world.topology))
  if (!journal) await used.write({ at: "begins", operation: of.id, kind: "promote", by: of.by })
  const written = await writeReceipt(world.deployment, theValidator(world.topology), of, used)
  await used.write({ at: "ends", result: "done" })
  return written
}

const notes = () => world.deployment.events.flatMap((event) => (event.kind === "note" ? [event.text] : []))

it("tells what the move came to, from commits, the signer's log and the journal", async () => {
  cleanMove()
  const begun = operation(1)
  const journal = openJournal(world.deployment, begun.id, theValidator(world.topology))
  const step: Step = { kind: "signer.attached", args: { validator: "main", node: "node-2" }, cause: "because" }
  await journal.write({ at: "begins", operation: begun.id, kind: "promote", by: "anna@desk" })
  await journal.write({ at: "step-begins", step })
  world.deployment.clock.advance(700)
  await journal.write({ at: "step-done", step, fact: "connected", facts: {} })
  await journal.write({ at: "note", text: "the pause was missed; looking again (1 of 3)" })
  const { receipt } = await write(begun, journal)
  expect(receipt).toMatchObject({
    schema: "gonka-ha/receipt/v2",
    number: 1,
    previous: null,
    kind: "promote",
    from: "node-1",
    to: "node-2",
    signerHost: "sig-1",
    spec: [{ file: "gonka-ha.yaml", sha256: sha256("the topology file") }],
    stopped: { height: 102, round: 0, step: 2 },
    lastSignedThroughOld: { log: 102, commits: 102, agree: true },
    firstSignedThroughNew: { log: 103, commits: 103, agree: true },
    commitsRead: { from: 101, to: 106, unread: [] },
    missed: [],
    nil: [],
    steps: [{ title: "main: signer connected to node-2", tookMs: 700, result: "done", said: "connected" }],
    notes: ["the pause was missed; looking again (1 of 3)"],
  })
})

it("finds a signature in the chain that the signer never gave", async () => {
  cleanMove()
  world.log.length = 0
  for (const height of [100, 101, 102]) world.sign("node-1", height)
  for (const height of [104, 105]) world.sign("node-2", height)
  const { receipt } = await write()
  expect(receipt.firstSignedThroughNew).toEqual({ log: 104, commits: 103, agree: false })
})

it("leaves out what nobody could tell", async () => {
  const { receipt } = await write(operation(1, { startHeight: 0 }))
  expect(receipt).not.toHaveProperty("missed", [])
  expect(receipt).toMatchObject({
    startHeight: undefined,
    missed: undefined,
    commitsRead: undefined,
    jailBudgetLeftBlocks: undefined,
    lastSignedThroughOld: { agree: "unknown" },
    notes: ["no sentry answered, so no commit was read"],
  })
  expect(world.read(`${RECEIPTS}/${world.list(RECEIPTS)[0]}`)).not.toContain('"missed"')
})

describe("the chain of receipts", () => {
  beforeEach(cleanMove)

  it("is the same in both places, and each receipt names the one before it", async () => {
    await write(operation(1))
    const { path } = await write(operation(2, { from: "node-2", to: "node-1" }))
    const names = ["0001-20261123-120100-promote-main.json", "0002-20261123-120200-promote-main.json"]
    expect(world.list(RECEIPTS)).toEqual(names)
    const texts = names.map((name) => world.read(`${RECEIPTS}/${name}`))
    expect(names.map((name) => world.deployment.local.texts.get(`${LOCAL}/${name}`))).toEqual(texts)
    expect(path).toBe(`${LOCAL}/${names[1]}`)
    expect(JSON.parse(texts[1] ?? "")).toMatchObject({ number: 2, previous: sha256(texts[0] ?? "") })
  })

  it("tells the journal the digest of the receipt", async () => {
    const { receipt } = await write(operation(1))
    const name = world.list(RECEIPTS)[0]
    const line = world.deployment.local.texts.get(".gonka-ha/journal/20261123-120100-promote-main.jsonl")?.trim().split("\n").at(-2)
    expect(JSON.parse(line ?? "")).toMatchObject({
      at: "receipt",
      validator: "main",
      number: 1,
      sha256: sha256(world.read(`${RECEIPTS}/${name}`)),
    })
    expect(receipt.number).toBe(1)
  })

  it("has one receipt for an operation that is taken up again after its receipt was written", async () => {
    const first = await write(operation(1))
    world.deployment.clock.advance(60_000)
    expect(await write(operation(1))).toEqual(first)
    expect(world.list(RECEIPTS)).toHaveLength(1)
  })

  it("has one more for an operation that is taken back after it was done", async () => {
    await write(operation(1))
    const { receipt } = await write(operation(1, { kind: "abort", from: "node-2", to: "node-1" }))
    expect(receipt).toMatchObject({ number: 2, kind: "abort" })
    expect(world.list(RECEIPTS)).toHaveLength(2)
  })

  it("goes on from the signer's host on another operator's machine, which gets what it lacks", async () => {
    await write(operation(1))
    const elsewhere: SignerHost = { ...world, deployment: { ...world.deployment, local: memoryFiles() } }
    world = elsewhere
    const { receipt } = await write(operation(2))
    expect(receipt.number).toBe(2)
    expect([...world.deployment.local.texts.keys()].filter((path) => path.startsWith(LOCAL))).toHaveLength(2)
  })

  it("goes on from this machine on a signer's host that has nothing, and brings it what it lacks", async () => {
    for (const { name, text } of chainedReceipts(3)) await world.deployment.local.create(`${LOCAL}/${name}`, text, 0o644)
    const { receipt } = await write(operation(9))
    expect(receipt.number).toBe(4)
    expect(world.list(RECEIPTS).map((name) => name.slice(0, 4))).toEqual(["0001", "0002", "0003", "0004"])
  })

  it("writes over nothing where the two places disagree, and follows the signer's host", async () => {
    const [first] = chainedReceipts(1)
    if (!first) throw new Error("there is no receipt")
    const other = first.text.replace("anna@desk", "mallory@desk")
    await world.deployment.local.create(`${LOCAL}/${first.name}`, other, 0o644)
    world.write(`${RECEIPTS}/${first.name}`, first.text)
    const { receipt } = await write(operation(2))
    expect(receipt).toMatchObject({ number: 2, previous: sha256(first.text) })
    expect(world.read(`${RECEIPTS}/${first.name}`)).toBe(first.text)
    expect(world.deployment.local.texts.get(`${LOCAL}/${first.name}`)).toBe(other)
  })

  it("keeps a receipt here when the signer's host is away, says so, and brings it there with the next one", async () => {
    world.away = true
    const { receipt } = await write(operation(1))
    expect(receipt.notes).toEqual([
      "the receipts on sig-1 could not be read: sig-1 is away",
      "the signer's log could not be read: sig-1 is away",
    ])
    expect(notes()).toContain("the receipts on sig-1 could not be read: sig-1 is away")
    world.away = false
    await write(operation(2))
    expect(world.list(RECEIPTS)).toHaveLength(2)
  })
})
