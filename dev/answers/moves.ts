import * as z from "zod"
import type { MoveResult } from "../../src/app/move.ts"
import type { ReplaceResult } from "../../src/app/signer/replace.ts"
import type { ResyncAnswer } from "../../src/cli/resync-answer.ts"
import type { UpAnswer } from "../../src/cli/up-answer.ts"
import type { RestartPlan } from "../../src/core/plan/restart.ts"
import { receiptSchema } from "../../src/core/receipt.ts"
import { answerOf, looseAnswerOf } from "./answer-of.ts"
import { count, issue, step } from "./parts.ts"
import { fenceRecord } from "./signer.ts"

const moved = z.strictObject({
  kind: z.literal("moved"),
  receipt: receiptSchema,
  path: z.string().describe("Of the receipt on this machine."),
})

const rehearsal = z.strictObject({
  measured: z.array(z.strictObject({ what: z.string(), where: z.string(), tookMs: z.number() })),
  expectedPauseMs: z.number().describe("From the signer's stop to its start, as these hosts answered."),
  allowedPauseMs: z.number().describe("How late a signer may come and still have its vote collected."),
  costBlocks: z.int(),
})

const movePlan = z.strictObject({
  validator: z.string(),
  from: z.string().optional(),
  to: z.string(),
  verb: z.enum(["promote", "failover"]),
  steps: z.array(step),
  rehearsal: rehearsal.optional(),
})

export const moveSchema = looseAnswerOf<MoveResult>()(
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("already"), node: z.string() }),
    z.strictObject({ kind: z.literal("planned"), plan: movePlan }),
    moved,
  ]),
)

const replacePlan = z.strictObject({
  validator: z.string(),
  host: z.string().describe("The lost one."),
  newHost: z.string(),
  to: z.string(),
  method: fenceRecord.shape.method,
  sentence: z.string().optional(),
  attested: fenceRecord.optional(),
  proof: z.array(z.string()),
  steps: z.array(step),
})

export const replaceSchema = looseAnswerOf<ReplaceResult>()(
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("already"), validator: z.string(), newHost: z.string() }),
    z.strictObject({ kind: z.literal("planned"), plan: replacePlan }),
    moved,
  ]),
)

export const upSchema = answerOf<UpAnswer>()(
  z.strictObject({
    changed: z.boolean().describe("False when there was nothing to do, and of a dry run."),
    steps: z
      .array(z.strictObject({ kind: z.string(), title: z.string(), cause: z.string() }))
      .describe("In the order in which they are, or would be, done."),
    moves: z
      .array(z.strictObject({ validator: z.string(), from: z.string(), to: z.string(), cause: z.string() }))
      .describe("Promotions after all steps, so that a changed active node can be restarted."),
    heldBack: z.array(issue).describe("What differs and is not touched."),
  }),
)

export const restartSchema = answerOf<Pick<RestartPlan, "node" | "costs">>()(
  z.strictObject({ node: z.string(), costs: z.array(z.string()).describe("One sentence for each who paid for it.") }),
)

export const resyncSchema = answerOf<ResyncAnswer>()(
  z.strictObject({
    node: z.string(),
    from: z.string().optional().describe("The sibling whose data was copied, or would be; absent where it begins anew."),
    changed: z.boolean().describe("False of a dry run."),
    steps: z
      .array(z.strictObject({ kind: z.string(), title: z.string(), cause: z.string() }))
      .describe("In the order in which they are, or would be, done."),
    notes: z.array(z.string()).describe("What is good to know before it begins, one sentence each."),
    costs: z.array(z.string()).describe("What is missed meanwhile, one sentence for each who misses it."),
    aside: z
      .strictObject({ host: z.string(), dir: z.string(), bytes: count })
      .optional()
      .describe("Where the node's earlier chain data lies; absent of a dry run."),
  }),
)

export const downSchema = z.strictObject({ deployment: z.string() })
