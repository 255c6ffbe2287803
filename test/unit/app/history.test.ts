import { beforeEach, describe, expect, it } from "vitest"
import { history, receiptNumbered } from "../../../src/app/history.ts"
import { verifyHistory } from "../../../src/app/verify-history.ts"
import type { Receipt } from "../../../src/core/receipt.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { chainedReceipts } from "../../support/a-receipt.ts"
import { theValidator } from "../../support/observed.ts"
import { aSignerHost, type SignerHost } from "../../support/signer-host.ts"

const RECEIPTS = "signers/main/receipts"
const LOCAL = ".gonka-ha/receipts/main"

let world: SignerHost

beforeEach(() => {
  world = aSignerHost()
})

/** Three moves, kept in both places, as the chain has them. */
async function threeMoves(changes: (number: number) => Partial<Receipt> = () => ({})) {
  const { chain } = world.topology
  const { address } = theValidator(world.topology)
  const files = chainedReceipts(3, (number) => ({ chain: chain.id, address, ...changes(number) }))
  for (const { name, text } of files) {
    await world.deployment.local.create(`${LOCAL}/${name}`, text, 0o644)
    world.write(`${RECEIPTS}/${name}`, text)
  }
  for (let height = 1000; height <= 1010; height++) world.votes.set(height, "signed")
  return files
}

const verified = async () => {
  const [only] = await verifyHistory(world.deployment, undefined)
  if (!only) throw new Error("there is no validator")
  return only
}

describe("history", () => {
  it("is empty before the first move", async () => {
    expect(await history(world.deployment, undefined)).toEqual([{ validator: "main", signerHost: "sig-1", receipts: [], damaged: [] }])
  })

  it("puts both places together, the oldest first", async () => {
    const [first, second, third] = chainedReceipts(3)
    for (const file of [first, third]) world.write(`${RECEIPTS}/${file?.name}`, file?.text ?? "")
    for (const file of [first, second]) await world.deployment.local.create(`${LOCAL}/${file?.name}`, file?.text ?? "", 0o644)
    const [only] = await history(world.deployment, "main")
    expect(only?.receipts.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  it("shows what this machine has when the signer's host is away, and says so", async () => {
    await threeMoves()
    world.away = true
    const [only] = await history(world.deployment, undefined)
    expect(only).toMatchObject({ unread: "sig-1 is away", receipts: [{ number: 1 }, { number: 2 }, { number: 3 }] })
  })

  it("names a damaged file instead of ending at it", async () => {
    await threeMoves()
    world.write(`${RECEIPTS}/0004-torn.json`, '{"schema": "gonka')
    const [only] = await history(world.deployment, undefined)
    expect(only).toMatchObject({ damaged: ["0004-torn.json"] })
    expect(only?.receipts).toHaveLength(3)
  })

  it("finds one receipt by its number", async () => {
    await threeMoves()
    expect(await receiptNumbered(world.deployment, 2, undefined)).toMatchObject({ number: 2 })
    await expect(receiptNumbered(world.deployment, 9, undefined)).rejects.toMatchObject({
      exit: 64,
      message: "there is no receipt 9",
      hint: "the newest is 3; `gonka-ha history` lists them",
    })
    await expect(receiptNumbered(world.deployment, 1, "other")).rejects.toMatchObject({ exit: 64, message: "there is no validator other" })
    world.away = true
    await expect(receiptNumbered(world.deployment, 9, undefined)).rejects.toMatchObject({ exit: 9 })
  })
})

describe("history --verify", () => {
  it("holds receipts against each other, their copies and the chain", async () => {
    await threeMoves()
    expect(await verified()).toEqual({
      validator: "main",
      receipts: 3,
      differences: [],
      unasked: [],
      notes: [],
      heights: { asked: 15, gone: 0, by: "sentry-1" },
    })
  })

  it("finds a receipt that was edited on the signer's host", async () => {
    const [, second] = await threeMoves()
    world.write(`${RECEIPTS}/${second?.name}`, second?.text.replace('"missed": []', '"missed": [1001]') ?? "")
    const { differences } = await verified()
    expect(differences).toContain(`${second?.name} on this machine differs from the one on sig-1`)
    expect(differences).toContain("receipt 2 says that 1001 was missed; the chain says signed (sentry-1)")
  })

  it("finds the newest receipt edited in both places, by the journal on the signer's host", async () => {
    const files = await threeMoves()
    const newest = files[2]
    if (!newest) throw new Error("there is no third receipt")
    const operation = newest.name.slice(5, -5)
    const line = { time: "2026-11-23T12:03:09.000Z", at: "receipt", validator: "main", number: 3, sha256: sha256(newest.text) }
    world.write(`signers/main/control/journal/${operation}.jsonl`, `${JSON.stringify(line)}\n`)
    expect((await verified()).differences).toEqual([])
    const edited = newest.text.replace("anna@desk", "mallory@desk")
    world.write(`${RECEIPTS}/${newest.name}`, edited)
    await world.deployment.local.replace(`${LOCAL}/${newest.name}`, edited, 0o644)
    expect((await verified()).differences).toEqual([
      `${newest.name} on sig-1 is not the one that the journal of ${operation} tells of`,
      `${newest.name} on this machine is not the one that the journal of ${operation} tells of`,
    ])
  })

  it("does not take another validator's journal for this one's", async () => {
    await threeMoves()
    const line = { time: "2026-11-23T12:03:09.000Z", at: "receipt", validator: "x-main", number: 7, sha256: "0".repeat(64) }
    await world.deployment.local.append(".gonka-ha/journal/20261123-120900-promote-x-main.jsonl", JSON.stringify(line))
    expect((await verified()).differences).toEqual([])
  })

  it("finds a height of which the chain says something else", async () => {
    await threeMoves((number) => (number === 2 ? { missed: [1001], nil: [1004] } : {}))
    expect((await verified()).differences).toEqual([
      "receipt 2 says that 1001 was missed; the chain says signed (sentry-1)",
      "receipt 2 says that 1004 was signed nil; the chain says signed (sentry-1)",
    ])
    world.votes.set(1002, "absent")
    expect((await verified()).differences).toContain("receipt 1 says that 1002 was signed; the chain says missed (sentry-1)")
  })

  it("repeats what a receipt itself says to be wrong", async () => {
    await threeMoves((number) => (number === 3 ? { firstSignedThroughNew: { log: 1005, commits: 1003, agree: false } } : {}))
    expect((await verified()).differences).toEqual([
      "receipt 3 tells that the signer's log does not have the signature of block 1003 through node-2",
    ])
  })

  it("says of pruned heights and of a former chain that nobody was asked", async () => {
    await threeMoves((number) => (number === 1 ? { chain: "lab-0" } : {}))
    world.votes.delete(1000)
    expect(await verified()).toMatchObject({
      differences: [],
      notes: ["receipt 1 is of chain lab-0: its heights were not asked"],
      heights: { asked: 8, gone: 2 },
    })
  })

  it("never takes silence for agreement", async () => {
    await threeMoves()
    world.votes.clear()
    world.away = true
    expect(await verified()).toMatchObject({
      differences: [],
      unasked: ["the copy on sig-1: sig-1 is away", "the chain: no sentry answers"],
      heights: { asked: 0 },
    })
  })
})
