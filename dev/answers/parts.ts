import * as z from "zod"
import { EXIT } from "../../src/core/errors.ts"
import type { Issue } from "../../src/core/issue.ts"
import type { WhoSigns } from "../../src/core/observe/who-signs.ts"
import { answerOf } from "./answer-of.ts"

export const count = z.int().nonnegative()
export const exitCode = z.literal(Object.values(EXIT))

export const issue = answerOf<Issue>()(
  z.strictObject({
    severity: z.enum(["error", "warning"]),
    rule: z.string().optional().describe("Such as GHA-301; `gonka-ha explain` tells more."),
    path: z.string().describe("A dotted path into the topology file, or the name of a node, host or validator."),
    message: z.string(),
    why: z.string().optional(),
    fix: z.string().optional(),
    place: z.strictObject({ file: z.string(), line: z.int().positive(), column: z.int().positive() }).optional(),
  }),
)

/** What was learnt, or why it could not be. */
export function reading<Schema extends z.ZodType>(value: Schema) {
  return z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("seen"), value }),
    z.strictObject({ kind: z.literal("unknown"), reason: z.string() }),
  ])
}

export const whoSigns = answerOf<WhoSigns>()(
  z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("active"), node: z.string(), attached: z.boolean(), evidence: z.array(z.string()) }),
      z.strictObject({ kind: z.literal("stopped"), aim: z.string().optional(), reason: z.string() }),
      z.strictObject({ kind: z.literal("new") }),
      z.strictObject({ kind: z.literal("conflict"), reasons: z.array(z.string()) }),
      z.strictObject({ kind: z.literal("unknown"), reason: z.string() }),
    ])
    .describe("Which node it signs through, as it was seen: active, with its evidence; stopped; new: never set up; conflict; or unknown."),
)

export const signerState = z.strictObject({ height: count, round: count, step: count })

/** A step of a plan. What it works on depends on its kind. */
export const step = z.strictObject({ kind: z.string(), cause: z.string(), args: z.record(z.string(), z.unknown()) })
