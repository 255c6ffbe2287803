import { z } from "zod"
import { type Answer, answerIn } from "./operator.ts"

const HEIGHT = z.number().int()

/** Commits and the signer's log must not contradict each other in any receipt of a drill; the height is the one of the commits. */
const SIGNED_AT = z
  .object({ commits: HEIGHT, log: HEIGHT.optional(), agree: z.union([z.literal(true), z.literal("unknown")]) })
  .transform(({ commits }) => commits)

/** A receipt as an operator's script would read it; declared here again, because the product's own type proves nothing about its output. */
const RECEIPT = z.object({
  schema: z.literal("gonka-ha/receipt/v2"),
  number: z.number().int(),
  operation: z.string(),
  kind: z.enum(["promote", "failover", "replace", "abort"]),
  /** A signer that is set up anew comes from no node. */
  from: z
    .string()
    .optional()
    .transform((node) => node ?? "nowhere"),
  to: z.string(),
  startHeight: HEIGHT,
  lastSignedThroughOld: SIGNED_AT,
  firstSignedThroughNew: SIGNED_AT,
  missed: z.array(HEIGHT),
  nil: z.array(HEIGHT),
  steps: z.array(z.object({ title: z.string(), tookMs: z.number().optional(), said: z.string().optional() })),
})

export type ReceiptRead = z.infer<typeof RECEIPT>

export function parseReceipt(value: unknown): ReceiptRead {
  return RECEIPT.parse(value)
}

const MOVED = z.object({ exitCode: z.literal(0), data: z.object({ kind: z.literal("moved"), receipt: RECEIPT }) })

export function receiptIn(answer: Answer): ReceiptRead {
  if (answer.code !== 0) throw new Error(`no receipt, exit ${answer.code}:\n${answer.stderr}\n${answer.stdout}`)
  return MOVED.parse(answerIn(answer.stdout)).data.receipt
}
