import * as z from "zod"
import { EXIT } from "../../src/core/errors.ts"
import type { SignerView } from "../../src/core/observe/signer-view.ts"
import { answerOf } from "./answer-of.ts"
import { count, reading, signerState, whoSigns } from "./parts.ts"

const stateFile = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("missing") }),
  z.strictObject({ kind: z.literal("damaged"), reason: z.string() }),
  z.strictObject({
    kind: z.literal("ok"),
    state: signerState,
    sealed: z.boolean().describe("It was written by gonka-ha, and nothing has been signed with it since."),
  }),
])

const fence = z.strictObject({
  method: z.enum(["ssh", "power-off", "node-firewall", "sentry-firewall", "destroyed"]),
  host: z.string(),
  sentence: z.string(),
  attested: z.enum(["typed", "option"]),
  by: z.string(),
  at: z.string(),
  tip: count,
  proof: z.array(z.string()),
})

export const fenceRecord = fence

const operation = z.strictObject({
  id: z.string(),
  kind: z.enum(["promote", "failover", "replace", "abort"]),
  from: z.string().optional(),
  to: z.string(),
  by: z.string(),
  since: z.string(),
  startHeight: count,
  stopped: signerState.optional(),
  fence: fence.optional(),
})

/** Left out of a reading that was seen: there is none. */
const container = z.strictObject({ name: z.string(), status: z.string() }).optional()

const view = answerOf<SignerView>()(
  z.strictObject({
    validator: z.string(),
    host: z.string(),
    dir: z.string(),
    marks: z.string().describe("Where its host keeps what must outlive the deployment's directory."),
    signing: whoSigns,
    container: reading(container),
    processes: reading(z.array(z.strictObject({ pid: count, connections: z.array(z.string()) }))),
    aim: z.string().optional().describe("The node that it is told to sign through."),
    connectedTo: z.string().optional(),
    state: reading(stateFile),
    floor: count.optional().describe("Nothing at or below this height is signed again."),
    fence: z.string().optional().describe("Why it must not start."),
    epoch: count.optional(),
    lockedBy: z.string().optional(),
    operation: operation.optional().describe("What was begun and not finished."),
    key: reading(z.enum(["pinned", "missing", "other", "not compared"])),
    guard: reading(z.union([z.literal("ok"), z.strictObject({ refusal: z.string() })])).optional(),
    signedOnChain: reading(count.optional()).describe("The newest of the last blocks that carries its signature."),
    problems: z.array(z.string()),
    exitCode: z.literal([EXIT.ok, EXIT.degraded, EXIT.critical]),
  }),
)

export const signerStatusSchema = z.strictObject({ signers: z.array(view) })

export const signerStateSchema = z.strictObject({
  signers: z.array(view.pick({ validator: true, host: true, state: true, floor: true, signedOnChain: true, problems: true })),
})
