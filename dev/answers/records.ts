import * as z from "zod"
import type { AuditHistory } from "../../src/app/audit-history.ts"
import type { ValidatorHistory } from "../../src/app/history.ts"
import type { Restored } from "../../src/app/signer/restore.ts"
import type { VerifiedHistory } from "../../src/app/verify-history.ts"
import { manifestSchema } from "../../src/core/backup/manifest.ts"
import { receiptSchema } from "../../src/core/receipt.ts"
import { answerOf } from "./answer-of.ts"
import { count } from "./parts.ts"

const history = answerOf<ValidatorHistory>()(
  z.strictObject({
    validator: z.string(),
    signerHost: z.string(),
    receipts: z.array(receiptSchema).describe("The oldest first."),
    damaged: z.array(z.string()).describe("Names of files among them that are no receipts."),
    unread: z.string().optional().describe("Why the copy on the signer's host could not be read."),
  }),
)

const verified = answerOf<VerifiedHistory>()(
  z.strictObject({
    validator: z.string(),
    receipts: count,
    differences: z.array(z.string()).describe("What does not hold."),
    unasked: z.array(z.string()).describe("What could not be asked: with it, no difference is not yet a proof."),
    notes: z.array(z.string()),
    heights: z.strictObject({ asked: count, gone: count, by: z.string().optional() }),
  }),
)

const audit = answerOf<AuditHistory>()(
  z.strictObject({
    lines: z
      .array(
        z.strictObject({
          host: z.string(),
          at: z.string().optional().describe("In UTC; absent for a line that is not of the form that gonka-ha writes."),
          by: z.string().optional().describe("Who, as their own machine has it."),
          from: z.string().optional().describe("The address that they came from, as the host saw it; or `this host`."),
          what: z.string(),
        }),
      )
      .describe("The oldest first."),
    unread: z.array(z.strictObject({ host: z.string(), reason: z.string() })).describe("Hosts whose log could not be read."),
    cut: z.array(z.string()).describe("Hosts whose log goes back further than what was read of it."),
  }),
)

export const historySchema = z.union([
  z.strictObject({ validators: z.array(history) }).describe("Of `history`."),
  z.strictObject({ receipt: receiptSchema }).describe("Of `history NUMBER`."),
  z.strictObject({ verified: z.array(verified) }).describe("Of `history --verify`."),
  z.strictObject({ audit }).describe("Of `history --audit`."),
])

export const backupSchema = manifestSchema

export const restoreSchema = answerOf<Restored>()(
  z.strictObject({
    manifest: manifestSchema,
    written: z.array(z.string()),
    unchanged: z.array(z.string()).describe("What was there already, byte for byte."),
    kept: z.array(z.string()).describe("Secrets that have no place on this machine."),
  }),
)
