import * as z from "zod"
import type { StatusView } from "../../src/core/observe/status-view.ts"
import { answerOf } from "./answer-of.ts"
import { count, exitCode, whoSigns } from "./parts.ts"

const node = z.strictObject({
  name: z.string(),
  host: z.string(),
  pool: z.enum(["sentry", "private"]),
  role: z.string().describe("What it is right now: sentry, validator, standby or private."),
  height: count.optional().describe("Left out, as all that follows from it, when the node does not answer."),
  lagBlocks: z.int().optional(),
  ageMs: z.number().optional().describe("Age of its newest block."),
  peers: count.optional(),
  health: z.strictObject({ verdict: z.enum(["fresh", "lagging", "stale", "unknown"]), reasons: z.array(z.string()) }),
  port: z
    .enum(["signer", "parking", "plain", "none", "unknown"])
    .optional()
    .describe("Who holds its privval port; left out of nodes that are no candidates."),
})

const validator = z.strictObject({
  name: z.string(),
  address: z.string().describe("Of the consensus key, in hex."),
  consensusAddress: z.string(),
  signing: whoSigns,
  recentlySigned: z.strictObject({ signed: count, of: count }).optional().describe("Of the newest commits that were read."),
  newestVote: z.strictObject({ height: count, vote: z.enum(["signed", "absent", "nil"]) }).optional(),
  signedInWindow: z.strictObject({ signed: z.int(), of: count }).optional(),
  budget: z
    .strictObject({ windowBlocks: count, missedBlocks: count, leftBlocks: count, leftMs: z.number() })
    .optional()
    .describe("What may still be missed before the chain jails it."),
  jailedUntilMs: z.number().optional().describe("Milliseconds since 1970; left out when it is not jailed."),
  tombstoned: z.boolean(),
  inSet: z.boolean().optional().describe("Whether it is in the validator set; left out when that is not known."),
})

export const statusSchema = answerOf<StatusView>()(
  z.strictObject({
    deployment: z.string(),
    chain: z.string(),
    tip: count.optional().describe("The newest block that any node has; left out when none answers."),
    tipAgeMs: z.number().optional(),
    nodes: z.array(node),
    validators: z.array(validator),
    unknownHosts: z.array(z.strictObject({ host: z.string(), reason: z.string() })).describe("Hosts that could not be asked."),
    critical: z.array(z.string()).describe("What is wrong, the worst first."),
    warnings: z.array(z.string()),
    exitCode,
  }),
)
