import * as z from "zod"
import type { Vote } from "./observe/state.ts"

const height = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const signedAt = z.object({
  log: height.optional(),
  commits: height.optional(),
  agree: z.union([z.boolean(), z.literal("unknown")]),
})

export const receiptSchema = z
  .object({
    schema: z.literal("gonka-ha/receipt/v2"),
    /** Counts the moves of this validator from 1. */
    number: z.int().positive(),
    /** SHA-256 of the receipt before this one, as its file has it; null for the first. */
    previous: sha256.nullable(),
    operation: z.string(),
    kind: z.enum(["promote", "failover", "replace", "abort"]),
    deployment: z.string(),
    chain: z.string(),
    validator: z.string(),
    /** The consensus address, upper-case hex: the validator may be renamed, the key stays. */
    address: z.string(),
    signerHost: z.string(),
    from: z.string().optional(),
    to: z.string(),
    by: z.string(),
    began: z.string(),
    ended: z.string(),
    /** The topology file and its overlays as they were used, the weakest first. */
    spec: z.array(z.object({ file: z.string(), sha256 })),
    /** The newest block when it began; left out when no node answered. */
    startHeight: height.optional(),
    /** The signer's state when it was stopped; what was signed up to here was signed through the old node. */
    stopped: z.object({ height, round: height, step: height }).optional(),
    lastSignedThroughOld: signedAt,
    firstSignedThroughNew: signedAt,
    /** The canonical commits that were read since it began, both ends included; left out when none could be, and then nothing is known to be missed or not. */
    commitsRead: z.object({ from: height, to: height, unread: z.array(height) }).optional(),
    missed: z.array(height).optional(),
    nil: z.array(height).optional(),
    jailBudgetLeftBlocks: z.number().optional(),
    /** How it went, from the journal. */
    steps: z.array(
      z.object({
        title: z.string(),
        began: z.string(),
        tookMs: z.number().optional(),
        result: z.enum(["done", "failed", "cut off"]),
        said: z.string().optional(),
      }),
    ),
    /** New tries, ways back, and what could not be found out. */
    notes: z.array(z.string()),
  })
  .readonly()

/** What a finished move cost and proved. What could not be read is left out, never guessed. */
export type Receipt = z.output<typeof receiptSchema>

/** The bytes of a receipt's file; its digest is what the next receipt names. */
export function receiptFile(receipt: Receipt): { readonly name: string; readonly text: string } {
  return { name: receiptName(receipt), text: `${JSON.stringify(receipt, null, 2)}\n` }
}

/** `0012-20261123-101500-promote-main.json`: sorted by name, receipts are sorted by number. */
export function receiptName({ number, operation }: Pick<Receipt, "number" | "operation">): string {
  return `${String(number).padStart(4, "0")}-${operation}.json`
}

/** Votes of one validator in canonical commits, by height. */
export type Votes = ReadonlyMap<number, Vote>

export type VotesSince = {
  readonly lastSignedThroughOld: number | undefined
  readonly firstSignedThroughNew: number | undefined
  readonly commitsRead: Receipt["commitsRead"]
  readonly missed: number[] | undefined
  readonly nil: number[] | undefined
}

/**
 * Splits the votes at the height of the stopped signer's state. Its state only grows, so what was signed up to that height was signed
 * through the old node, and everything above through the new one.
 */
export function splitAtSwap(votes: Votes, startHeight: number, stoppedHeight: number): VotesSince {
  const heights = [...votes.keys()].sort((a, b) => a - b)
  const signed = heights.filter((each) => votes.get(each) === "signed")
  const since = heights.filter((each) => each >= startHeight)
  const to = since.at(-1)
  return {
    lastSignedThroughOld: signed.findLast((each) => each <= stoppedHeight),
    firstSignedThroughNew: signed.find((each) => each > stoppedHeight),
    commitsRead: to === undefined ? undefined : { from: startHeight, to, unread: holes(votes, startHeight, to) },
    missed: to === undefined ? undefined : since.filter((each) => votes.get(each) === "absent"),
    nil: to === undefined ? undefined : since.filter((each) => votes.get(each) === "nil"),
  }
}

function holes(votes: Votes, from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((each) => !votes.has(each))
}
